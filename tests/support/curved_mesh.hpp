#pragma once
/// Second-order meshes: boxes whose points of degree 2 are moved by a map.

#include "tests/support/fem_problem.hpp"

namespace ansatz::test {

/// The mesh with second-order geometry through map(x) at its nodes of degree 2. Not for periodic meshes. *Collective.*
inline mesh::Mesh curved(mesh::Mesh mesh, const std::function<Vector3(const Vector3&)>& map) {
  const auto nodes = mesh::lagrange_node_map(mesh, 2);
  const auto x = fem::node_coordinates(mesh, nodes);
  mesh.geometry_degree = 2;
  mesh.cell_points = nodes.cell_nodes;
  mesh.point_ids.clear();
  mesh.points.clear();
  for (std::int32_t n = 0; n < nodes.num_local(); ++n) {
    mesh.point_ids.push_back(n < nodes.num_owned ? nodes.first_global + n : nodes.ghost_global[n - nodes.num_owned]);
    Vector3 at{};
    for (int i = 0; i < mesh.dim; ++i) at[i] = x[std::size_t(n) * mesh.dim + i];
    const auto moved = map(at);
    mesh.points.insert(mesh.points.end(), moved.begin(), moved.begin() + mesh.dim);
  }
  return mesh;
}

/// Unit box to a quarter of the annulus 1 < r < 2 (times 0 < z < 1): "left" is the inner, "right" the outer arc.
inline Vector3 annulus(const Vector3& x) {
  const double r = 1.0 + x[0], angle = 0.5 * std::numbers::pi * x[1];
  return {r * std::cos(angle), r * std::sin(angle), x[2]};
}

}  // namespace ansatz::test
