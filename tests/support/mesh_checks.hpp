#pragma once
/// Independent measures of distributed meshes, and comparison of a mesh with the same mesh on one rank.

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <set>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::tests {

using mesh::Mesh;
using Vector = std::array<double, 3>;

inline Vector corner(const Mesh& m, std::int32_t cell, int node) {
  const auto x = m.point(m.cell_points[std::size_t(cell) * m.points_per_cell() + node]);
  Vector result{};
  std::copy(x.begin(), x.end(), result.begin());
  return result;
}

inline Vector difference(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
inline Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
inline double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline double length(const Vector& a) { return std::sqrt(dot(a, a)); }

inline double tetrahedron(const Vector& a, const Vector& b, const Vector& c, const Vector& d) {
  return dot(difference(b, a), cross(difference(c, a), difference(d, a))) / 6.0;
}

/// Signed volume of straight cells and of parabolic triangles (chord polygon plus 2/3 chord times sagitta).
inline double cell_volume(const Mesh& m, std::int32_t c) {
  const auto x = [&](int i) { return corner(m, c, i); };
  switch (m.cell) {
    case mesh::CellType::interval:
      return x(1)[0] - x(0)[0];
    case mesh::CellType::tetrahedron:
      return tetrahedron(x(0), x(1), x(2), x(3));
    case mesh::CellType::hexahedron: {
      double sum = 0.0;
      for (const auto& t : {std::array{1, 2}, {2, 3}, {3, 7}, {7, 4}, {4, 5}, {5, 1}}) {
        sum += tetrahedron(x(0), x(t[0]), x(t[1]), x(6));
      }
      return sum;
    }
    case mesh::CellType::prism:
      return tetrahedron(x(0), x(1), x(2), x(5)) + tetrahedron(x(0), x(1), x(5), x(4)) +
             tetrahedron(x(0), x(4), x(5), x(3));
    default:
      break;
  }
  const int n = m.vertices_per_cell();
  double area = 0.0;
  for (int i = 0; i < n; ++i) {
    const auto a = x(i), b = x((i + 1) % n);
    area += 0.5 * cross(a, b)[2];
    if (m.geometry_degree == 1) continue;
    const auto middle = x(n + i);
    const Vector bulge{middle[0] - 0.5 * (a[0] + b[0]), middle[1] - 0.5 * (a[1] + b[1]), 0.0};
    area += 2.0 / 3.0 * cross(bulge, difference(b, a))[2];
  }
  return area;
}

inline double volume(const Mesh& m) {
  double sum = 0.0;
  for (std::int32_t c = 0; c < m.num_owned_cells; ++c) sum += cell_volume(m, c);
  return m.comm.sum(sum);
}

/// Length of a parabola through a, middle, b by Simpson's rule.
inline double arc(const Vector& a, const Vector& middle, const Vector& b) {
  const auto speed = [&](double t) {
    Vector v;
    for (int k = 0; k < 3; ++k) v[k] = (4 * t - 3) * a[k] + (4 - 8 * t) * middle[k] + (4 * t - 1) * b[k];
    return length(v);
  };
  constexpr int n = 64;
  double sum = speed(0) + speed(1);
  for (int i = 1; i < n; ++i) sum += (i % 2 ? 4 : 2) * speed(double(i) / n);
  return sum / (3 * n);
}

inline double facet_measure(const Mesh& m, mesh::Facet facet) {
  const auto& cell = mesh::topology(m.cell);
  const auto x = [&](int i) { return corner(m, facet.cell, cell.facets[facet.local_facet][i]); };
  if (m.dim == 1) return 1.0;
  if (m.dim == 2 && m.geometry_degree == 2)
    return arc(x(0), corner(m, facet.cell, cell.num_vertices + facet.local_facet), x(1));
  if (m.dim == 2) return length(difference(x(1), x(0)));
  double area = 0.5 * length(cross(difference(x(1), x(0)), difference(x(2), x(0))));
  if (cell.facets[facet.local_facet].size() == 4)
    area += 0.5 * length(cross(difference(x(2), x(0)), difference(x(3), x(0))));
  return area;
}

/// Measure of a facet set over all ranks; each facet counts where its cell is owned.
inline double set_measure(const Mesh& m, const std::string& name) {
  double sum = 0.0;
  for (const auto& facet : m.sets.at(name).facets) {
    if (facet.cell < m.num_owned_cells) sum += facet_measure(m, facet);
  }
  return m.comm.sum(sum);
}

/// One row a local cell: id, region, vertex ids, point ids, coordinates.
inline std::vector<double> cell_row(const Mesh& m, std::int32_t c) {
  std::vector<double> row{double(m.cell_ids[c]), double(m.cell_region[c])};
  const int corners = m.vertices_per_cell(), nodes = m.points_per_cell();
  for (int v = 0; v < corners; ++v) row.push_back(double(m.vertex_ids[m.cell_vertices[std::size_t(c) * corners + v]]));
  for (int i = 0; i < nodes; ++i) {
    const auto p = m.cell_points[std::size_t(c) * nodes + i];
    row.push_back(double(m.point_ids[p]));
    for (const double x : m.point(p)) row.push_back(x);
  }
  return row;
}

/// Rows of the owned cells of all ranks by id, with the owner in front. *Collective.* Small meshes only.
inline std::map<std::int64_t, std::vector<double>> all_cells(const Mesh& m) {
  const std::size_t width = 3 + m.vertices_per_cell() + m.points_per_cell() * (1 + m.dim);
  std::vector<double> mine;
  for (std::int32_t c = 0; c < m.num_owned_cells; ++c) {
    const auto row = cell_row(m, c);
    mine.push_back(m.comm.rank());
    mine.insert(mine.end(), row.begin(), row.end());
  }
  const auto all = m.comm.gather_all(std::span<const double>(mine));
  std::map<std::int64_t, std::vector<double>> cells;
  for (std::size_t at = 0; at < all.size(); at += width) {
    const bool is_new = cells.emplace(all[at + 1], std::vector(all.begin() + at, all.begin() + at + width)).second;
    CHECK(is_new);
  }
  return cells;
}

/// Entities of a set by sorted vertex ids.
inline std::set<std::vector<std::int64_t>> entities(const Mesh& m, const mesh::EntitySet& set) {
  const auto& cell = mesh::topology(m.cell);
  std::set<std::vector<std::int64_t>> result;
  const auto add = [&](std::vector<std::int64_t> ids) {
    std::sort(ids.begin(), ids.end());
    const bool is_new = result.insert(ids).second;
    CHECK(is_new);
  };
  for (const auto& facet : set.facets) {
    std::vector<std::int64_t> ids;
    for (const int v : cell.facets[facet.local_facet]) {
      ids.push_back(m.vertex_ids[m.cell_vertices[std::size_t(facet.cell) * cell.num_vertices + v]]);
    }
    add(ids);
  }
  const std::size_t width = set.dimension + 1;
  for (std::size_t i = 0; i < set.vertices.size(); i += width) {
    std::vector<std::int64_t> ids;
    for (std::size_t k = 0; k < width; ++k) ids.push_back(m.vertex_ids[set.vertices[i + k]]);
    add(ids);
  }
  return result;
}

/// The whole contract of Mesh against `whole`, the same mesh on one rank. *Collective.*
inline void check_against_whole(const Mesh& m, const Mesh& whole) {
  const auto expected = all_cells(whole);
  const auto cells = all_cells(m);
  CHECK(std::int64_t(cells.size()) == m.num_global_cells);
  CHECK(m.num_global_cells == whole.num_global_cells);
  CHECK(m.num_global_vertices == whole.num_global_vertices);
  CHECK(m.region_names == whole.region_names);
  bool equal = cells.size() == expected.size();
  for (const auto& [id, row] : cells)
    equal = equal && expected.count(id) && std::equal(row.begin() + 1, row.end(), expected.at(id).begin() + 1);
  CHECK(equal);

  std::set<std::int64_t> near, local_ids;
  for (std::int32_t c = 0; c < m.num_owned_cells; ++c) {
    for (int v = 0; v < m.vertices_per_cell(); ++v) {
      near.insert(m.vertex_ids[m.cell_vertices[std::size_t(c) * m.vertices_per_cell() + v]]);
    }
  }
  bool sound = true;
  for (std::int32_t c = 0; c < m.num_cells(); ++c) {
    sound = sound && local_ids.insert(m.cell_ids[c]).second;
    const auto& row = cells.at(m.cell_ids[c]);
    const int owner = c < m.num_owned_cells ? m.comm.rank() : m.ghost_owners[c - m.num_owned_cells];
    const auto mine = cell_row(m, c);
    sound = sound && row[0] == owner && std::equal(mine.begin(), mine.end(), row.begin() + 1);
  }
  CHECK(sound);
  bool complete = true;
  for (const auto& [id, row] : cells) {
    const bool touches = std::any_of(row.begin() + 3, row.begin() + 3 + m.vertices_per_cell(),
                                     [&](double v) { return near.count(std::int64_t(v)) > 0; });
    complete = complete && touches == (local_ids.count(id) > 0);
  }
  CHECK(complete);
  CHECK(std::set(m.vertex_ids.begin(), m.vertex_ids.end()).size() == m.vertex_ids.size());
  CHECK(std::set(m.point_ids.begin(), m.point_ids.end()).size() == m.point_ids.size());

  CHECK(m.sets.size() == whole.sets.size());
  for (const auto& [name, set] : whole.sets) {
    const auto& mine = m.sets.at(name);
    CHECK(mine.dimension == set.dimension);
    CHECK(std::is_sorted(mine.facets.begin(), mine.facets.end()));
    auto wanted = entities(whole, set);
    std::erase_if(wanted, [&](const auto& ids) {
      return std::none_of(ids.begin(), ids.end(), [&](auto id) { return near.count(id) > 0; });
    });
    INFO(name);
    CHECK((entities(m, mine) == wanted));
    std::set<std::pair<std::int64_t, int>> places, mine_places;
    for (const auto& f : set.facets) places.emplace(whole.cell_ids[f.cell], f.local_facet);
    bool same_cell = true;
    for (const auto& f : mine.facets) same_cell = same_cell && places.count({m.cell_ids[f.cell], f.local_facet}) > 0;
    CHECK(same_cell);
  }
}

}  // namespace ansatz::tests
