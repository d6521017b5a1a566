#pragma once
/// Boxes and geometry shared by the tests of the mesh.

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/mesh/generation/box.hpp"

namespace ansatz::mesh::test {

using Vector = std::array<double, 3>;

inline std::string name(const BoxOptions& o) {
  std::string text = topology(o.cell).name + std::string(" pattern ") + std::to_string(static_cast<int>(o.pattern));
  for (const int n : o.cells) text.append(" ").append(std::to_string(n));
  for (const bool p : o.periodic) text += p ? " periodic" : " bounded";
  return text;
}

inline std::vector<BoxOptions> boxes() {
  using enum CellType;
  using enum BoxPattern;
  return {
      {{-1.0}, {3.0}, {11}, interval, right, {}},
      {{}, {3.0}, {7}, interval, right, {true}},
      {{}, {2.0, 1.0}, {5, 4}, triangle, right, {}},
      {{0.5, -2.0}, {2.0, 1.0}, {4, 6}, triangle, left, {}},
      {{}, {2.0, 1.0}, {5, 3}, triangle, crossed, {}},
      {{}, {2.0, 1.0}, {3, 4}, triangle, right, {true, false}},
      {{}, {2.0, 1.0}, {3, 3}, triangle, crossed, {true, true}},
      {{}, {1.0, 3.0}, {6, 5}, quadrilateral, right, {}},
      {{}, {1.0, 3.0}, {3, 5}, quadrilateral, right, {true, true}},
      {{0.0, 1.0, 2.0}, {1.0, 2.0, 0.5}, {4, 3, 5}, tetrahedron, right, {}},
      {{}, {1.0, 2.0, 0.5}, {3, 3, 4}, tetrahedron, right, {true, false, true}},
      {{}, {1.0, 2.0, 0.5}, {3, 4, 3}, hexahedron, right, {}},
      {{}, {1.0, 2.0, 0.5}, {3, 3, 3}, hexahedron, right, {true, true, true}},
      {{}, {1.0, 2.0, 0.5}, {3, 4, 3}, prism, right, {}},
      {{0.5, 0.0, 1.0}, {1.0, 2.0, 0.5}, {3, 4, 3}, prism, right, {true, false, true}},
      {{}, {1.0}, {2}, interval, right, {}},
      {{}, {1.0, 1.0}, {1, 1}, triangle, right, {}},
      {{}, {1.0, 1.0}, {1, 2}, quadrilateral, right, {}},
      {{}, {1.0, 1.0, 1.0}, {1, 1, 1}, tetrahedron, right, {}},
      {{}, {1.0, 1.0, 1.0}, {1, 1, 1}, prism, right, {}},
  };
}

inline bool is_periodic(const BoxOptions& o, int d) { return !o.periodic.empty() && o.periodic[d]; }

/// Product over the directions of one factor each, given the cells and whether the direction is periodic.
template <class Factor>
std::int64_t product(const BoxOptions& o, const Factor& factor) {
  std::int64_t value = 1;
  for (std::size_t d = 0; d < o.cells.size(); ++d) value *= factor(o.cells[d], is_periodic(o, d));
  return value;
}

inline std::int64_t expected_cells(const BoxOptions& o) {
  std::int64_t each = 1;
  if (o.cell == CellType::triangle) each = o.pattern == BoxPattern::crossed ? 4 : 2;
  if (o.cell == CellType::tetrahedron) each = 6;
  if (o.cell == CellType::prism) each = 2;
  return each * product(o, [](int n, bool) { return n; });
}

inline std::int64_t expected_vertices(const BoxOptions& o) {
  const auto centres = o.pattern == BoxPattern::crossed ? product(o, [](int n, bool) { return n; }) : 0;
  return centres + product(o, [](int n, bool periodic) { return periodic ? n : n + 1; });
}

/// Lattice vertices, edges, faces and cells together: 2 n + 1 values of each half-integer coordinate, 2 n if periodic.
/// Simplices of the patterns right and left have the same number of edges as the lattice has higher entities; so have
/// prisms with their quadrilaterals: the middle of a diagonal is that of a square, the one over it is the cell's.
inline std::int64_t expected_second_order_nodes(const BoxOptions& o) {
  const auto halves = product(o, [](int n, bool periodic) { return periodic ? 2 * n : 2 * n + 1; });
  // Crossed: the node in the middle of the square is its centre; four half diagonals come in addition.
  return halves + (o.pattern == BoxPattern::crossed ? 4 * product(o, [](int n, bool) { return n; }) : 0);
}

inline Vector point(const Mesh& mesh, std::int32_t cell, int k) {
  Vector x{};
  const auto p = mesh.point(mesh.cell_points[std::size_t(cell) * mesh.points_per_cell() + k]);
  std::copy(p.begin(), p.end(), x.begin());
  return x;
}

inline Vector minus(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
inline Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Columns of the affine map of a cell: images of the unit vectors. Shape (dim).
inline std::array<Vector, 3> jacobian(const Mesh& mesh, std::int32_t cell) {
  const auto& shape = topology(mesh.cell);
  std::array<Vector, 3> columns{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int d = 0; d < mesh.dim; ++d) {
    for (int v = 0; v < shape.num_vertices; ++v) {
      Vector unit{};
      unit[d] = 1.0;
      if (shape.coordinates[v] == unit) columns[d] = minus(point(mesh, cell, v), point(mesh, cell, 0));
    }
  }
  return columns;
}

/// Image of a reference point under the affine map of a cell.
inline Vector image(const Mesh& mesh, std::int32_t cell, const Vector& reference) {
  const auto columns = jacobian(mesh, cell);
  auto x = point(mesh, cell, 0);
  for (int d = 0; d < mesh.dim; ++d) {
    for (int e = 0; e < mesh.dim; ++e) x[e] += columns[d][e] * reference[d];
  }
  return x;
}

/// Signed volume of a cell: determinant of its map times the volume of the reference cell.
inline double volume(const Mesh& mesh, std::int32_t cell) {
  const auto j = jacobian(mesh, cell);
  const auto n = cross(j[0], j[1]);
  const double determinant = n[0] * j[2][0] + n[1] * j[2][1] + n[2] * j[2][2];
  constexpr std::array factorial{1.0, 1.0, 2.0, 6.0};
  if (mesh.cell == CellType::prism) return determinant / 2.0;
  return determinant / (topology(mesh.cell).simplex ? factorial[mesh.dim] : 1.0);
}

/// Outward normal of a facet times its area.
inline Vector area_vector(const Mesh& mesh, const Facet& facet) {
  const auto& vertices = topology(mesh.cell).facets[facet.local_facet];
  if (mesh.dim == 1) return {facet.local_facet == 0 ? -1.0 : 1.0, 0.0, 0.0};
  const auto a = point(mesh, facet.cell, vertices[0]), b = point(mesh, facet.cell, vertices[1]);
  if (mesh.dim == 2) return {b[1] - a[1], a[0] - b[0], 0.0};
  const auto last = point(mesh, facet.cell, vertices[vertices.size() - 1]);
  auto vector = cross(minus(b, a), minus(last, a));
  if (vertices.size() == 3) {
    for (auto& x : vector) x /= 2.0;
  }
  return vector;
}

}  // namespace ansatz::mesh::test
