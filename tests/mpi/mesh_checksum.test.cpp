#include <catch2/catch.hpp>
#include <cmath>

#include "engine/mesh/generation/box.hpp"
#include "engine/mesh/topology/checksum.hpp"

using namespace ansatz;

namespace {

mesh::Mesh box(const base::Communicator& comm, mesh::CellType cell, int n) {
  mesh::BoxOptions options;
  options.size.assign(mesh::topology(cell).dim, 1.0);
  options.cells.assign(mesh::topology(cell).dim, n);
  options.cell = cell;
  return mesh::box(comm, options);
}

}  // namespace

TEST_CASE("The checksum of a mesh is that of one rank, and changes with any bit of its points and regions", "[mesh]") {
  const base::Communicator world(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  for (const auto cell : {mesh::CellType::triangle, mesh::CellType::hexahedron, mesh::CellType::prism}) {
    auto mesh = box(world, cell, 5);
    const auto expected = mesh::checksum(box(self, cell, 5));
    CHECK(mesh::checksum(mesh) == expected);
    CHECK(mesh::checksum(box(world, cell, 6)) != expected);
    if (mesh.num_owned_cells > 0 && world.is_root()) {
      double& x = mesh.points[std::size_t(mesh.cell_points[0]) * mesh.dim];
      x = std::nextafter(x, 2.0);
    }
    CHECK(mesh::checksum(mesh) != expected);
    auto other = box(world, cell, 5);
    if (other.num_owned_cells > 0) other.cell_region[0] = 1;
    CHECK(mesh::checksum(other) != expected);
  }
}
