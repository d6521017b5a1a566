#include "exodus_elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <string_view>

namespace ansatz::vtk {
namespace {

using sdk::CellShape;
using Place = std::array<double, 3>;

/// Reference coordinates of the nodes; empty where the format has no such element.
std::vector<Place> node_places(const CellShape& cell, int num_nodes) {
  std::vector<int> all(cell.num_vertices);
  std::iota(all.begin(), all.end(), 0);
  const auto& exodus = cell.in_exodus;
  for (const std::string_view layout : exodus.layouts) {
    std::vector<Place> places(cell.coordinates.begin(), cell.coordinates.end());
    for (const char group : layout) {
      if (group == 'c') places.push_back(centre_of(cell, all));
      for (int i = 0; group == 'e' && i < exodus.edges.size(); ++i)
        places.push_back(centre_of(cell, cell.edges[exodus.edges[i]]));
      for (int i = 0; group == 'f' && i < exodus.faces.size(); ++i)
        places.push_back(centre_of(cell, cell.facets[exodus.faces[i]]));
    }
    if (static_cast<int>(places.size()) == num_nodes) return places;
  }
  return {};
}

/// Other beginnings of the names of elements than those of the table of cell types; these count first.
struct Beginning {
  const char* text;
  int dimension;
};
constexpr std::array<Beginning, 7> others{
    {{"HEXSHELL", 3}, {"SPHERE", 0}, {"CIRCLE", 0}, {"POINT", 0}, {"NODE", 0}, {"NSIDED", 2}, {"PYRAMID", 3}}};

/// The cell that an element of this name is.
const CellShape* shape_of(const std::string& name) {
  for (const auto& cell : sdk::cell_shapes) {
    if (std::ranges::any_of(cell.in_exodus.names, [&](const char* text) { return name.starts_with(text); }))
      return &cell;
  }
  return nullptr;
}

}  // namespace

int Element::num_sides() const { return cell ? sdk::cell_shape(cell->cell).num_facets : 0; }

Element element(const std::string& type, int num_nodes) {
  Element out;
  std::ranges::transform(type, std::back_inserter(out.name), [](unsigned char c) { return std::toupper(c); });
  const auto other = std::ranges::find_if(others, [&](const Beginning& b) { return out.name.starts_with(b.text); });
  const auto* shape = other == others.end() ? shape_of(out.name) : nullptr;
  if (out.name.empty() || !std::isdigit(static_cast<unsigned char>(out.name.back())))
    out.name += std::to_string(num_nodes);
  if (other != others.end()) out.dimension = other->dimension;
  if (shape != nullptr) out.dimension = shape->dim;
  out.is_shell = (shape != nullptr || other != others.end()) && out.name.find("SHELL") != out.name.npos;
  if (shape == nullptr) return out;
  if (out.is_shell && (num_nodes == 3 || num_nodes == 6)) shape = &sdk::cell_shape(sdk::CellType::triangle);
  auto places = node_places(*shape, num_nodes);
  if (!places.empty()) out.cell = {out.name, shape->type, std::move(places)};
  return out;
}

std::vector<int> side_corners(const Element& element, std::int64_t side, bool has_faces) {
  if (!element.cell) return {};
  std::int64_t index = side - 1;
  if (element.dimension == 2 && has_faces) {
    if (side == 1 || side == 2) {
      std::vector<int> all(element.num_corners());
      std::iota(all.begin(), all.end(), 0);
      return all;
    }
    index -= 2;
  }
  if (index < 0 || index >= element.num_sides()) return {};
  const auto& cell = sdk::cell_shape(element.cell->cell);
  const auto& corners = cell.facets[cell.in_exodus.sides[index]];
  return {corners.begin(), corners.end()};
}

}  // namespace ansatz::vtk
