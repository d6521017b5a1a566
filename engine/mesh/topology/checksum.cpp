#include "engine/mesh/topology/checksum.hpp"

#include <bit>

#include "ansatz/sdk/random.hpp"

namespace ansatz::mesh {
std::uint64_t checksum(const Mesh& mesh) { return checksum(mesh, mesh.points); }

std::uint64_t checksum(const Mesh& mesh, std::span<const double> coordinates) {
  using sdk::golden, sdk::mixed;
  const int n = mesh.points_per_cell();
  std::uint64_t sum = 0;
  for (std::int32_t cell = 0; cell < mesh.num_owned_cells; ++cell) {
    std::uint64_t points = 0;  // their order within a cell may differ
    for (int a = 0; a < n; ++a) {
      std::uint64_t point = 0;
      for (const double x :
           coordinates.subspan(std::size_t(mesh.cell_points[std::size_t(cell) * n + a]) * mesh.dim, mesh.dim)) {
        point = mixed((point ^ std::bit_cast<std::uint64_t>(x)) + golden);
      }
      points += point;
    }
    sum += mixed((points ^ mixed(static_cast<std::uint64_t>(mesh.cell_region[cell]) + golden)) + golden);
  }
  return std::bit_cast<std::uint64_t>(mesh.comm.sum(std::bit_cast<std::int64_t>(sum)));
}

}  // namespace ansatz::mesh
