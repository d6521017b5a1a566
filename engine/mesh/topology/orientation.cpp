#include "engine/mesh/topology/orientation.hpp"

#include <fmt/format.h>

#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::mesh {
namespace {

double determinant(const std::array<std::array<double, 3>, 3>& J, int dim) {
  if (dim == 1) return J[0][0];
  if (dim == 2) return J[0][0] * J[1][1] - J[0][1] * J[1][0];
  return J[0][0] * (J[1][1] * J[2][2] - J[1][2] * J[2][1]) - J[0][1] * (J[1][0] * J[2][2] - J[1][2] * J[2][0]) +
         J[0][2] * (J[1][0] * J[2][1] - J[1][1] * J[2][0]);
}

}  // namespace

void check_orientation(const Mesh& mesh) {
  std::vector<std::vector<double>> gradients;
  for (const auto& node : lagrange_nodes(mesh.cell, mesh.geometry_degree)) {
    gradients.push_back(lagrange_gradients(mesh.cell, mesh.geometry_degree, node.reference));
  }
  const int n = mesh.points_per_cell();
  base::agree(mesh.comm, [&] {
    for (std::int32_t cell = 0; cell < mesh.num_owned_cells; ++cell) {
      const std::int32_t* points = mesh.cell_points.data() + std::size_t(cell) * n;
      for (const auto& at_node : gradients) {
        std::array<std::array<double, 3>, 3> J{};
        std::array<double, 3> centre{};
        for (int a = 0; a < n; ++a) {
          for (int i = 0; i < mesh.dim; ++i) {
            centre[i] += mesh.point(points[a])[i] / n;
            for (int k = 0; k < mesh.dim; ++k) J[i][k] += mesh.point(points[a])[i] * at_node[a * mesh.dim + k];
          }
        }
        if (determinant(J, mesh.dim) > 0.0) continue;
        throw sdk::Error(sdk::ErrorKind::mesh, fmt::format("cell {} is inverted or degenerate", mesh.cell_ids[cell]),
                         fmt::format("centre ({:.6g}, {:.6g}, {:.6g})", centre[0], centre[1], centre[2]),
                         "the mapped coordinates must keep the orientation of the cells");
      }
    }
  });
}

}  // namespace ansatz::mesh
