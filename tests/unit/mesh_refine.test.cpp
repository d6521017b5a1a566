#include <catch2/catch.hpp>

#include "engine/mesh/distribution/distribute.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/mesh_checks.hpp"
#include "tests/support/raw_meshes.hpp"

using namespace ansatz;
using namespace ansatz::tests;

namespace {

/// 1 for the regular tetrahedron, 0 for a flat one: 6 sqrt(2) volume / (root mean square edge)^3.
double quality(const mesh::Mesh& m, std::int32_t c) {
  double squares = 0.0;
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < a; ++b) {
      const auto edge = difference(corner(m, c, a), corner(m, c, b));
      squares += dot(edge, edge) / 6.0;
    }
  }
  return 6.0 * std::sqrt(2.0) * cell_volume(m, c) / std::pow(squares, 1.5);
}

}  // namespace

TEST_CASE("Refined tetrahedra have at most three shapes and do not degenerate", "[mesh][refine]") {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  for (int sample = 0; sample < 20; ++sample) {
    RawMesh raw;
    raw.cell = mesh::CellType::tetrahedron;
    raw.dimension = 3;
    for (int i = 0; i < 12; ++i) raw.points.push_back(uniform(random));
    raw.cells = {0, 1, 2, 3};
    raw.cell_region = {0};
    raw.region_names = {"one"};
    auto m = mesh::distribute(base::Communicator(MPI_COMM_SELF), raw);
    const double whole = volume(m);
    double first_worst = 0.0;
    for (int level = 1; level <= 4; ++level) {
      m = mesh::refine(m);
      std::set<std::int64_t> shapes;
      double worst = 1.0;
      for (std::int32_t c = 0; c < m.num_cells(); ++c) {
        CHECK(cell_volume(m, c) == Approx(whole / std::pow(8.0, level)).epsilon(1e-10));
        worst = std::min(worst, quality(m, c));
        shapes.insert(std::llround(quality(m, c) * 1e8));
      }
      if (level == 1) first_worst = worst;
      CHECK(shapes.size() <= 3);
      CHECK(worst == Approx(first_worst).epsilon(1e-8));
    }
  }
}

TEST_CASE("The children of a cell fill it and inherit its region", "[mesh][refine]") {
  for (const auto type : tests::all_cells()) {
    const auto m = mesh::distribute(base::Communicator(MPI_COMM_SELF), lattice(type, 2));
    const auto fine = mesh::refine(m);
    const auto children = fine.num_global_cells / m.num_global_cells;
    CHECK(children == (m.dim == 1 ? 2 : m.dim == 2 ? 4 : 8));
    std::vector<double> volumes(m.num_cells(), 0.0);
    for (std::int32_t c = 0; c < fine.num_cells(); ++c) {
      const auto parent =
          std::find(m.cell_ids.begin(), m.cell_ids.end(), fine.cell_ids[c] / children) - m.cell_ids.begin();
      volumes[parent] += cell_volume(fine, c);
      CHECK(fine.cell_region[c] == m.cell_region[parent]);
    }
    for (std::int32_t c = 0; c < m.num_cells(); ++c) CHECK(volumes[c] == Approx(cell_volume(m, c)).epsilon(1e-13));
  }
}
