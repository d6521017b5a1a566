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

/// Determinant of the map from the reference cell at its centre.
double signed_measure(const RawMesh& mesh, std::span<const std::int64_t> c) {
  const auto& cell = cell_shape(mesh.cell);
  const auto centre = centre_of(cell);
  std::array<std::array<double, 3>, 3> j{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int a = 0; a < cell.dim; ++a) {
    for (int b = 0; b < cell.dim; ++b) {
      j[a][b] = 0.0;
      for (int v = 0; v < cell.num_vertices; ++v)
        j[a][b] += vertex_slope(cell, v, b, centre) * (mesh.points[3 * c[v] + a] - mesh.points[3 * c[0] + a]);
    }
  }
  return j[0][0] * (j[1][1] * j[2][2] - j[1][2] * j[2][1]) - j[0][1] * (j[1][0] * j[2][2] - j[1][2] * j[2][0]) +
         j[0][2] * (j[1][0] * j[2][1] - j[1][1] * j[2][0]);
}

void turn_mirrored_cells(RawMesh& mesh) {
  const auto order = mirrored_nodes(mesh.cell, mesh.geometry_degree);
  const auto width = order.size();
  std::vector<std::int64_t> turned(width);
  for (std::size_t first = 0; first < mesh.cells.size(); first += width) {
    const auto cell = std::span(mesh.cells).subspan(first, width);
    if (signed_measure(mesh, cell) >= 0.0) continue;
    for (std::size_t i = 0; i < width; ++i) turned[i] = cell[order[i]];
    std::ranges::copy(turned, cell.begin());
  }
}

}  // namespace

int num_points(CellType cell, int geometry_degree) {
  if (geometry_degree == 1) return num_vertices(cell);
  if (geometry_degree == 2 && has_curved_geometry(cell)) return cell_shape(cell).num_nodes(2);
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
