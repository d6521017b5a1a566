#include <catch2/catch.hpp>
#include <limits>

#include "engine/mesh/distribution/distribute.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/mesh_checks.hpp"
#include "tests/support/raw_meshes.hpp"

using namespace ansatz;
using namespace ansatz::tests;
using mesh::CellType;

namespace {

mesh::Mesh distribute(const RawMesh& raw) { return mesh::distribute(base::Communicator(MPI_COMM_SELF), raw); }

/// Text of the mesh error that distribution gives.
std::string error_of(const RawMesh& raw) {
  try {
    distribute(raw);
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::mesh);
    CHECK(!error.hint().empty());
    return error.what();
  }
  return "no error";
}

/// Turns cell `c` inside out by exchanging two corners (bottom and top of a hexahedron or a prism), with the mid nodes
/// between them.
void invert(RawMesh& raw, std::size_t c) {
  const std::size_t width = mesh::lagrange_nodes(raw.cell, raw.geometry_degree).size();
  auto* cell = &raw.cells[c * width];
  const auto swap = [&](int a, int b) { std::swap(cell[a], cell[b]); };
  switch (raw.cell) {
    case CellType::interval:
      swap(0, 1);
      break;
    case CellType::triangle:
      swap(0, 1);
      if (raw.geometry_degree == 2) swap(4, 5);
      break;
    case CellType::quadrilateral:
      swap(0, 1), swap(2, 3);
      break;
    case CellType::tetrahedron:
      swap(0, 1);
      if (raw.geometry_degree == 2) swap(5, 6), swap(7, 8);
      break;
    case CellType::hexahedron:
      for (int v = 0; v < 4; ++v) swap(v, v + 4);
      break;
    case CellType::prism:
      for (int v = 0; v < 3; ++v) swap(v, v + 3);
      break;
  }
}

RawMesh square() {
  RawMesh raw;
  raw.points = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0};
  raw.cells = {0, 1, 2, 0, 2, 3};
  raw.cell_region = {0, 0};
  raw.region_names = {"domain"};
  return raw;
}

}  // namespace

TEST_CASE("Inverted cells are turned round", "[mesh][distribute]") {
  for (const auto type : tests::all_cells()) {
    INFO(mesh::topology(type).name);
    auto raw = lattice(type, 2);
    for (std::size_t c = 0; c < raw.cell_region.size(); c += 2) invert(raw, c);
    const auto m = distribute(raw);
    for (std::int32_t c = 0; c < m.num_cells(); ++c) CHECK(cell_volume(m, c) > 0.0);
    CHECK(volume(m) == Approx(1.0).epsilon(1e-13));
    CHECK(set_measure(m, "left") == Approx(1.0));
  }
}

TEST_CASE("Inverted curved cells are turned round with their second-order nodes", "[mesh][distribute]") {
  auto raw = disc(9);
  const auto straight = distribute(raw);
  for (std::size_t c = 0; c < 9; c += 2) invert(raw, c);
  const auto m = distribute(raw);
  for (std::int32_t c = 0; c < m.num_cells(); ++c) CHECK(cell_volume(m, c) == Approx(volume(straight) / 9));

  auto tetrahedra = second_order(lattice(CellType::tetrahedron, 2), [](double*) {});
  for (std::size_t c = 0; c < tetrahedra.cell_region.size(); c += 3) invert(tetrahedra, c);
  const auto solid = distribute(tetrahedra);
  CHECK(volume(solid) == Approx(1.0));
  const auto nodes = mesh::lagrange_nodes(CellType::tetrahedron, 2);
  for (std::int32_t c = 0; c < solid.num_cells(); ++c) {
    for (int i = 4; i < 10; ++i) {
      const auto a = corner(solid, c, nodes[i].vertices[0]), b = corner(solid, c, nodes[i].vertices[1]);
      const auto middle = corner(solid, c, i);
      if (std::abs(middle[0] - 0.5 * (a[0] + b[0])) + std::abs(middle[1] - 0.5 * (a[1] + b[1])) +
              std::abs(middle[2] - 0.5 * (a[2] + b[2])) >
          1e-15) {
        FAIL_CHECK("node " << i << " of cell " << solid.cell_ids[c] << " is not between its corners");
      }
    }
  }
}

TEST_CASE("Points that no cell uses are dropped", "[mesh][distribute]") {
  const auto raw = lattice(CellType::triangle, 2);
  const auto m = distribute(raw);
  CHECK(raw.num_points() == 10);
  CHECK(m.num_points() == 9);
  CHECK(m.num_global_vertices == 9);
}

TEST_CASE("A damaged mesh is an error that names the place", "[mesh][distribute]") {
  CHECK_THAT(error_of({}), Catch::Contains("the mesh is empty"));

  auto raw = square();
  raw.cells[4] = 4;
  CHECK_THAT(error_of(raw), Catch::Contains("cell 1 refers to point 4 of 4"));
  raw.cells[4] = -1;
  CHECK_THAT(error_of(raw), Catch::Contains("cell 1 refers to point -1"));

  raw = square();
  raw.points[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THAT(error_of(raw), Catch::Contains("point 2") && Catch::Contains("not finite"));

  raw = square();
  raw.cell_region.pop_back();
  CHECK_THAT(error_of(raw), Catch::Contains("not every cell has a region"));
  raw = square();
  raw.cell_region[1] = 1;
  CHECK_THAT(error_of(raw), Catch::Contains("region has no name"));

  raw = square();
  raw.points[11] = 0.1;
  CHECK_THAT(error_of(raw), Catch::Contains("cell 1") && Catch::Contains("leaves the plane"));
}

TEST_CASE("A cell without volume is an error with its id and centre", "[mesh][distribute]") {
  auto raw = square();
  raw.points[9] = 0.5, raw.points[10] = 0.5;
  CHECK_THAT(error_of(raw), Catch::Contains("cell 1 with centre (0.5, 0.5) has no volume"));
  raw = square();
  raw.cells[5] = 0;
  CHECK_THAT(error_of(raw), Catch::Contains("cell 1 with centre (0.333333, 0.333333) has no volume"));
}

TEST_CASE("A folded cell is an error", "[mesh][distribute]") {
  auto raw = lattice(CellType::quadrilateral, 2);
  std::swap(raw.cells[4], raw.cells[5]);
  CHECK_THAT(error_of(raw), Catch::Contains("cell 1 with centre") && Catch::Contains("folded"));
  raw = lattice(CellType::hexahedron, 2);
  std::swap(raw.cells[2], raw.cells[3]);
  std::swap(raw.cells[6], raw.cells[7]);
  CHECK_THAT(error_of(raw), Catch::Contains("cell 0 with centre") && Catch::Contains("folded"));
  raw = disc(5);
  raw.points[3 * 3] = 0.1, raw.points[3 * 3 + 1] = 0.05;
  CHECK_THAT(error_of(raw), Catch::Contains("cell 0 with centre") && Catch::Contains("folded"));
}

TEST_CASE("A cell that occurs twice is an error", "[mesh][distribute]") {
  auto raw = lattice(CellType::triangle, 2);
  raw.cells.insert(raw.cells.end(), raw.cells.begin(), raw.cells.begin() + 3);
  raw.cell_region.push_back(0);
  CHECK_THAT(error_of(raw), Catch::Contains("belongs to more than two cells"));
}

TEST_CASE("A set that does not fit the cells cannot be used, and says why", "[mesh][distribute]") {
  const auto reason = [](const RawMesh& raw, const std::string& name) {
    const auto m = mesh::distribute(base::Communicator(MPI_COMM_SELF), raw);
    CHECK(m.sets.contains(name) == (name == "all"));
    return m.unusable.contains(name) ? m.unusable.at(name) : "";
  };
  auto raw = square();
  raw.sets["hole"] = {1, {0, 2}, {1, 3}};
  CHECK_THAT(reason(raw, "hole"), Catch::Contains("1, 3") && Catch::Contains("no cell"));
  raw.sets["hole"] = {1, {0, 3}, {0, 1, 2}};
  CHECK_THAT(reason(raw, "hole"), Catch::Contains("an entity with 3 corners where the cells need 2"));
  raw.sets["hole"] = {2, {0, 3}, {0, 1, 2}};
  CHECK_THAT(reason(raw, "hole"), Catch::Contains("dimension 2"));
  raw.sets = {{"all", {1, {0, 2}, {0, 1}}}};
  CHECK_THAT(reason(raw, "all"), Catch::Contains("whole boundary"));
  raw.sets = {{"pin", {0, {0, 1}, {4}}}};
  raw.points.insert(raw.points.end(), {5, 5, 0});
  CHECK_THAT(reason(raw, "pin"), Catch::Contains("point 4, which is no corner of any cell"));

  auto solid = lattice(CellType::hexahedron, 2);
  solid.sets["wire"] = {1, {0, 2}, {solid.cells[0], solid.cells[6]}};
  CHECK_THAT(reason(solid, "wire"), Catch::Contains("no cell"));
}

TEST_CASE("A set that names a point beyond the list is an error of its reader", "[mesh][distribute]") {
  auto raw = square();
  raw.sets["hole"] = {1, {0, 2}, {1, 9}};
  CHECK_THAT(error_of(raw), Catch::Contains("set \"hole\" refers to point 9 of 4"));
}
