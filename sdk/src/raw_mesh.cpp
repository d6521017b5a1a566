#include "ansatz/sdk/raw_mesh.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "ansatz/sdk/error.hpp"
#include "mesh_parts.hpp"

namespace ansatz::sdk {
namespace {

struct CellEntry {
  const char* name;
  int dimension;
  int num_vertices;
};

constexpr std::array<CellEntry, 5> entries{
    {{"interval", 1, 2}, {"triangle", 2, 3}, {"quadrilateral", 2, 4}, {"tetrahedron", 3, 4}, {"hexahedron", 3, 8}}};

const CellEntry& entry(CellType cell) { return entries.at(static_cast<std::size_t>(cell)); }

[[noreturn]] void fail(const std::string& what, const std::string& where, const std::string& hint = {}) {
  throw Error(ErrorKind::mesh, what, where, hint);
}

void check_indices(const RawMesh& mesh, const std::string& where) {
  const auto width = static_cast<std::size_t>(num_points(mesh.cell, mesh.geometry_degree));
  const std::int64_t limit = mesh.num_points();
  const auto inside = [limit](std::int64_t i) { return i >= 0 && i < limit; };
  if (mesh.cells.empty()) fail("the mesh has no cells", where);
  if (mesh.cells.size() % width != 0 || mesh.cell_region.size() != mesh.cells.size() / width) {
    fail("the list of cells is incomplete", where, "the file may be truncated: write it again");
  }
  if (!std::ranges::all_of(mesh.cells, inside)) fail("a cell names a node that the file does not have", where);
  const auto num_regions = static_cast<int>(mesh.region_names.size());
  if (!std::ranges::all_of(mesh.cell_region, [=](int r) { return r >= 0 && r < num_regions; })) {
    fail("a cell names a region that the file does not have", where);
  }
  for (const auto& [name, set] : mesh.sets) {
    if (!std::ranges::all_of(set.vertices, inside)) {
      fail(fmt::format("set \"{}\" names a node that the file does not have", name), where);
    }
  }
  if (!std::ranges::all_of(mesh.points, [](double x) { return std::isfinite(x); })) {
    fail("a node has a coordinate that is not finite", where);
  }
}

void drop_unused_points(RawMesh& mesh) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(mesh.num_points()), -1);
  for (const auto p : mesh.cells) index[p] = 0;
  std::int64_t kept = 0;
  for (std::size_t p = 0; p < index.size(); ++p) {
    if (index[p] < 0) continue;
    std::copy_n(&mesh.points[3 * p], 3, &mesh.points[3 * kept]);
    index[p] = kept++;
  }
  mesh.points.resize(3 * static_cast<std::size_t>(kept));
  for (auto& p : mesh.cells) p = index[p];
  for (auto& [name, set] : mesh.sets) {
    for (auto& p : set.vertices) p = index[p];
  }
}

/// Leaves out entities of a set whose points are not all corners of cells. \returns how many, but for second-order
/// nodes.
std::int64_t drop_stray_entities(RawEntities& set, const std::vector<char>& is_corner) {
  RawEntities kept;
  std::int64_t dropped = 0;
  for (std::size_t e = 0; e + 1 < set.offsets.size(); ++e) {
    const auto entity = std::span(set.vertices).subspan(set.offsets[e], set.offsets[e + 1] - set.offsets[e]);
    if (std::ranges::all_of(entity, [&](std::int64_t p) { return p >= 0 && is_corner[p]; })) {
      kept.vertices.insert(kept.vertices.end(), entity.begin(), entity.end());
      kept.offsets.push_back(static_cast<std::int64_t>(kept.vertices.size()));
    } else if (std::ranges::any_of(entity, [](std::int64_t p) { return p < 0; })) {
      ++dropped;
    }
  }
  set.vertices = std::move(kept.vertices);
  set.offsets = std::move(kept.offsets);
  return dropped;
}

void drop_stray_entities(RawMesh& mesh) {
  const auto is_corner = corners_of_cells(mesh);
  constexpr std::array<const char*, 3> kinds{"points", "lines", "faces"};
  for (auto at = mesh.sets.begin(); at != mesh.sets.end();) {
    auto& [name, set] = *at;
    const auto num_before = set.offsets.size() - 1;
    const char* kind = kinds[std::clamp(set.dimension, 0, 2)];
    const auto dropped = drop_stray_entities(set, is_corner);
    if (dropped > 0) {
      mesh.warnings.push_back(
          fmt::format("set \"{}\": {} of its {} {} lie on points that no cell uses, and are left out", name, dropped,
                      num_before, kind));
    }
    if (num_before > 0 && set.offsets.size() == 1) {
      mesh.unusable[name] = fmt::format("none of its {} lies on corners of cells", kind);
      at = mesh.sets.erase(at);
    } else {
      ++at;
    }
  }
}

/// Moves a mesh of lower dimension than space to y = z = 0 or z = 0.
void flatten(RawMesh& mesh, const std::string& where) {
  std::array<double, 3> low{}, high{};
  for (int d = 0; d < 3; ++d) {
    low[d] = high[d] = mesh.points[d];
    for (std::size_t i = d; i < mesh.points.size(); i += 3) {
      low[d] = std::min(low[d], mesh.points[i]);
      high[d] = std::max(high[d], mesh.points[i]);
    }
  }
  const double extent = std::max({high[0] - low[0], high[1] - low[1], high[2] - low[2]});
  for (int d = mesh.dimension; d < 3; ++d) {
    if (high[d] - low[d] > 1e-9 * extent) {
      fail(fmt::format("the cells of highest dimension are of type {}, but they do not lie {}", name(mesh.cell),
                       mesh.dimension == 1 ? "on the x axis" : "in the plane z = 0"),
           where,
           mesh.dimension == 1
               ? "name the surfaces (or volumes) of the geometry too, not the boundaries alone"
               : "name the volumes of the geometry too, not the boundaries alone; shells are not supported");
    }
    for (std::size_t i = d; i < mesh.points.size(); i += 3) mesh.points[i] = 0.0;
  }
}

/// Signed measure (up to a factor) of the corner parallelepiped at vertex 0 of a simplex, or of the mean cell
/// otherwise.
double signed_measure(const RawMesh& mesh, std::span<const std::int64_t> c) {
  const auto edge = [&](int a, int b) {
    std::array<double, 3> e{};
    for (int d = 0; d < 3; ++d) e[d] = mesh.points[3 * c[b] + d] - mesh.points[3 * c[a] + d];
    return e;
  };
  const auto det = [](const auto& a, const auto& b, const auto& e) {
    return a[0] * (b[1] * e[2] - b[2] * e[1]) - a[1] * (b[0] * e[2] - b[2] * e[0]) + a[2] * (b[0] * e[1] - b[1] * e[0]);
  };
  constexpr std::array<double, 3> z{0.0, 0.0, 1.0};
  switch (mesh.cell) {
    case CellType::interval:
      return edge(0, 1)[0];
    case CellType::triangle:
      return det(edge(0, 1), edge(0, 2), z);
    case CellType::quadrilateral:
      return det(edge(0, 2), edge(1, 3), z);
    case CellType::tetrahedron:
      return det(edge(0, 1), edge(0, 2), edge(0, 3));
    case CellType::hexahedron:
      return det(edge(0, 6), edge(1, 7), edge(2, 4));
  }
  return 0.0;
}

/// Exchanges of nodes that mirror a cell, second-order nodes after the corners.
std::span<const std::array<int, 2>> mirror(CellType cell, int degree) {
  static constexpr std::array<std::array<int, 2>, 1> interval{{{0, 1}}};
  static constexpr std::array<std::array<int, 2>, 2> triangle{{{1, 2}, {3, 5}}};
  static constexpr std::array<std::array<int, 2>, 1> quadrilateral{{{1, 3}}};
  static constexpr std::array<std::array<int, 2>, 3> tetrahedron{{{1, 2}, {4, 6}, {8, 9}}};
  static constexpr std::array<std::array<int, 2>, 4> hexahedron{{{0, 4}, {1, 5}, {2, 6}, {3, 7}}};
  switch (cell) {
    case CellType::interval:
      return interval;
    case CellType::triangle:
      return std::span(triangle).first(degree == 2 ? 2 : 1);
    case CellType::quadrilateral:
      return quadrilateral;
    case CellType::tetrahedron:
      return std::span(tetrahedron).first(degree == 2 ? 3 : 1);
    case CellType::hexahedron:
      return hexahedron;
  }
  return {};
}

void turn_mirrored_cells(RawMesh& mesh) {
  const auto width = static_cast<std::size_t>(num_points(mesh.cell, mesh.geometry_degree));
  for (std::size_t first = 0; first < mesh.cells.size(); first += width) {
    const auto cell = std::span(mesh.cells).subspan(first, width);
    if (signed_measure(mesh, cell) >= 0.0) continue;
    for (const auto& [a, b] : mirror(mesh.cell, mesh.geometry_degree)) std::swap(cell[a], cell[b]);
  }
}

}  // namespace

const char* name(CellType cell) { return entry(cell).name; }
int num_vertices(CellType cell) { return entry(cell).num_vertices; }
int dimension(CellType cell) { return entry(cell).dimension; }

int num_points(CellType cell, int geometry_degree) {
  if (geometry_degree == 1) return num_vertices(cell);
  if (geometry_degree == 2 && cell == CellType::triangle) return 6;
  if (geometry_degree == 2 && cell == CellType::tetrahedron) return 10;
  fail(fmt::format("cells of type {} with geometry of degree {} are not supported", name(cell), geometry_degree), {},
       "second-order geometry is for triangles and tetrahedra; mesh with first-order cells otherwise");
}

void finish_mesh(RawMesh& mesh, const std::string& where) {
  check_indices(mesh, where);
  drop_unused_points(mesh);
  drop_stray_entities(mesh);
  flatten(mesh, where);
  turn_mirrored_cells(mesh);
}

}  // namespace ansatz::sdk
