#include "exodus_elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <numeric>

namespace ansatz::vtk {
namespace {

using sdk::CellType;
using Place = std::array<double, 3>;
using Corners = std::vector<int>;

struct Family {
  std::vector<Place> corners;
  std::vector<Corners> edges;  ///< in the order of their nodes
  std::vector<Corners> sides;
  std::vector<Corners> faces;  ///< with nodes of their own, in the order of these
  /// Numbers of nodes, and whether there are nodes on edges and on faces; one more is in the centre.
  std::map<int, std::array<bool, 2>> layouts;
};

const Family& family(CellType cell) {
  static const std::map<CellType, Family> families{
      {CellType::interval, {{{0, 0, 0}, {1, 0, 0}}, {{0, 1}}, {{0}, {1}}, {}, {{2, {}}, {3, {true}}}}},
      {CellType::triangle,
       {{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}},
        {{0, 1}, {1, 2}, {2, 0}},
        {{0, 1}, {1, 2}, {2, 0}},
        {},
        {{3, {}}, {4, {}}, {6, {true}}, {7, {true}}}}},
      {CellType::quadrilateral,
       {{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}},
        {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
        {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
        {},
        {{4, {}}, {5, {}}, {8, {true}}, {9, {true}}}}},
      {CellType::tetrahedron,
       {{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}},
        {{0, 1, 3}, {1, 2, 3}, {0, 3, 2}, {0, 2, 1}},
        {{0, 2, 1}, {1, 2, 3}, {0, 3, 2}, {0, 1, 3}},
        {{4, {}}, {5, {}}, {8, {false, true}}, {10, {true}}, {11, {true}}, {14, {true, true}}, {15, {true, true}}}}},
      {CellType::hexahedron,
       {{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
        {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {1, 5}, {2, 6}, {3, 7}, {4, 5}, {5, 6}, {6, 7}, {7, 4}},
        {{0, 1, 5, 4}, {1, 2, 6, 5}, {2, 3, 7, 6}, {0, 4, 7, 3}, {0, 3, 2, 1}, {4, 5, 6, 7}},
        {{0, 3, 2, 1}, {4, 5, 6, 7}, {0, 4, 7, 3}, {1, 2, 6, 5}, {0, 1, 5, 4}, {2, 3, 7, 6}},
        {{8, {}}, {9, {}}, {20, {true}}, {21, {true}}, {27, {true, true}}}}}};
  return families.at(cell);
}

/// Reference coordinates of the nodes; empty where the format has no such element.
std::vector<Place> node_places(CellType cell, int num_nodes) {
  const auto& f = family(cell);
  const auto layout = f.layouts.find(num_nodes);
  if (layout == f.layouts.end()) return {};
  auto places = f.corners;
  const auto add_middle = [&](const Corners& corners) {
    Place middle{};
    for (const int v : corners) {
      for (int k = 0; k < 3; ++k) middle[k] += f.corners[v][k] / static_cast<double>(corners.size());
    }
    places.push_back(middle);
  };
  Corners all(f.corners.size());
  std::iota(all.begin(), all.end(), 0);
  const auto [on_edges, on_faces] = layout->second;
  if (on_edges) std::ranges::for_each(f.edges, add_middle);
  const bool is_hexahedron = cell == CellType::hexahedron;  // its centre comes before the faces
  if (on_faces && is_hexahedron) add_middle(all);
  if (on_faces) std::ranges::for_each(f.faces, add_middle);
  if (static_cast<int>(places.size()) < num_nodes) add_middle(all);
  return places;
}

/// Beginnings of the names of elements, and their cells; the first that fits counts.
struct Beginning {
  const char* text;
  int dimension;
  std::optional<CellType> cell;
};
const std::array<Beginning, 19> beginnings{{{"TRI", 2, CellType::triangle},
                                            {"QUAD", 2, CellType::quadrilateral},
                                            {"SHELL", 2, CellType::quadrilateral},
                                            {"TET", 3, CellType::tetrahedron},
                                            {"HEXSHELL", 3, {}},
                                            {"HEX", 3, CellType::hexahedron},
                                            {"BAR", 1, CellType::interval},
                                            {"BEAM", 1, CellType::interval},
                                            {"TRUSS", 1, CellType::interval},
                                            {"ROD", 1, CellType::interval},
                                            {"EDGE", 1, CellType::interval},
                                            {"LINE", 1, CellType::interval},
                                            {"SPHERE", 0, {}},
                                            {"CIRCLE", 0, {}},
                                            {"POINT", 0, {}},
                                            {"NODE", 0, {}},
                                            {"NSIDED", 2, {}},
                                            {"WEDGE", 3, {}},
                                            {"PYRAMID", 3, {}}}};

}  // namespace

int Element::num_sides() const { return cell ? static_cast<int>(family(cell->cell).sides.size()) : 0; }

Element element(const std::string& type, int num_nodes) {
  Element out;
  std::ranges::transform(type, std::back_inserter(out.name), [](unsigned char c) { return std::toupper(c); });
  const auto at = std::ranges::find_if(beginnings, [&](const Beginning& b) { return out.name.starts_with(b.text); });
  if (out.name.empty() || !std::isdigit(static_cast<unsigned char>(out.name.back())))
    out.name += std::to_string(num_nodes);
  if (at == beginnings.end()) return out;
  out.dimension = at->dimension;
  out.is_shell = out.name.find("SHELL") != out.name.npos;
  auto cell = at->cell;
  if (cell == CellType::quadrilateral && out.is_shell && (num_nodes == 3 || num_nodes == 6)) cell = CellType::triangle;
  if (!cell) return out;
  auto places = node_places(*cell, num_nodes);
  if (!places.empty()) out.cell = {out.name, *cell, std::move(places)};
  return out;
}

std::vector<int> side_corners(const Element& element, std::int64_t side, bool has_faces) {
  if (!element.cell) return {};
  std::int64_t index = side - 1;
  if (element.dimension == 2 && has_faces) {
    if (side == 1 || side == 2) {
      Corners all(element.num_corners());
      std::iota(all.begin(), all.end(), 0);
      return all;
    }
    index -= 2;
  }
  if (index < 0 || index >= element.num_sides()) return {};
  return family(element.cell->cell).sides[index];
}

}  // namespace ansatz::vtk
