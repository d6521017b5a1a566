#include <catch2/catch.hpp>

#include "engine/mesh/distribution/distribute.hpp"
#include "tests/support/mesh_checks.hpp"
#include "tests/support/raw_meshes.hpp"

using namespace ansatz;
using namespace ansatz::tests;
using mesh::CellType;

namespace {

base::Communicator world() { return base::Communicator(MPI_COMM_WORLD); }

/// Only rank 0 holds the mesh.
mesh::Mesh distribute(const RawMesh& raw) {
  return mesh::distribute(world(), world().is_root() ? std::optional(raw) : std::nullopt);
}

mesh::Mesh on_one_rank(const RawMesh& raw) { return mesh::distribute(base::Communicator(MPI_COMM_SELF), raw); }

const std::vector<std::pair<CellType, int>> lattices{{CellType::interval, 10},     {CellType::triangle, 8},
                                                     {CellType::quadrilateral, 8}, {CellType::tetrahedron, 4},
                                                     {CellType::hexahedron, 6},    {CellType::prism, 4}};

}  // namespace

TEST_CASE("A mesh that was read keeps its cells, ids, regions and sets on any number of ranks", "[mesh][distribute]") {
  for (const auto& [type, n] : lattices) {
    INFO(mesh::topology(type).name);
    const auto raw = lattice(type, n);
    const auto m = distribute(raw);
    check_against_whole(m, on_one_rank(raw));
    CHECK(volume(m) == Approx(1.0).epsilon(1e-13));
    CHECK(set_measure(m, "all") == Approx(2.0 * m.dim).epsilon(1e-13));
    CHECK(set_measure(m, "left") == Approx(1.0).epsilon(1e-13));
    CHECK(set_measure(m, "middle") == Approx(1.0).epsilon(1e-13));
    CHECK(m.num_global_vertices == std::llround(std::pow(n + 1, m.dim)));
    double west = 0.0;
    for (std::int32_t c = 0; c < m.num_owned_cells; ++c) {
      CHECK(cell_volume(m, c) > 0.0);
      if (m.region_names[m.cell_region[c]] == "west") west += cell_volume(m, c);
    }
    CHECK(m.comm.sum(west) == Approx(0.5).epsilon(1e-13));
  }
}

TEST_CASE("The ids of a distributed mesh are the indices of the mesh that was read", "[mesh][distribute]") {
  const auto raw = lattice(CellType::tetrahedron, 4);
  const auto m = distribute(raw);
  bool same = true;
  for (std::int32_t c = 0; c < m.num_cells(); ++c) {
    for (int v = 0; v < 4; ++v) {
      const auto id = raw.cells[m.cell_ids[c] * 4 + v];
      same = same && m.vertex_ids[m.cell_vertices[c * 4 + v]] == id && m.point_ids[m.cell_points[c * 4 + v]] == id;
      for (int k = 0; k < 3; ++k) same = same && m.point(m.cell_points[c * 4 + v])[k] == raw.points[id * 3 + k];
    }
  }
  CHECK(same);
}

TEST_CASE("Partitions are balanced, have few ghosts and come out equal every time", "[mesh][distribute]") {
  const auto raw = lattice(CellType::triangle, 64);
  const auto first = distribute(raw);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto again = distribute(raw);
    CHECK(again.cell_ids == first.cell_ids);
    CHECK(again.ghost_owners == first.ghost_owners);
    CHECK(again.vertex_ids == first.vertex_ids);
    CHECK(again.points == first.points);
  }
  const double share = 2.0 * 64 * 64 / world().size();
  CHECK(first.num_owned_cells < 1.05 * share);
  CHECK(first.num_owned_cells > 0.95 * share);
  if (world().size() > 1) CHECK(first.num_cells() - first.num_owned_cells < 700);
}

TEST_CASE("A mesh of two cells works on more ranks than cells", "[mesh][distribute]") {
  RawMesh raw;
  raw.points = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0};
  raw.cells = {0, 1, 2, 0, 2, 3};
  raw.cell_region = {0, 0};
  raw.region_names = {"domain"};
  add_set(raw, "diagonal", 1, [](const double* x) { return x[0] == x[1]; });
  const auto m = distribute(raw);
  check_against_whole(m, on_one_rank(raw));
  CHECK(m.comm.sum(std::int64_t{m.num_owned_cells}) == 2);
  if (world().size() > 1) CHECK(m.num_owned_cells <= 1);
  CHECK(m.num_cells() == (m.num_owned_cells == 0 ? 0 : 2));
  CHECK(set_measure(m, "all") == Approx(4.0));
  CHECK(set_measure(m, "diagonal") == Approx(std::sqrt(2.0)));
}

TEST_CASE("Small meshes of every size are distributed", "[mesh][distribute]") {
  for (int n = 1; n <= 12; ++n) {
    RawMesh raw;
    raw.cell = CellType::interval;
    raw.dimension = 1;
    raw.region_names = {"line"};
    raw.points = {0, 0, 0};
    for (int c = 0; c < n; ++c) {
      raw.points.insert(raw.points.end(), {c + 1.0, 0, 0});
      raw.cells.insert(raw.cells.end(), {c, c + 1});
      raw.cell_region.push_back(0);
    }
    const auto m = distribute(raw);
    check_against_whole(m, on_one_rank(raw));
    CHECK(volume(m) == Approx(n));
    CHECK(set_measure(m, "all") == 2.0);
  }
}

TEST_CASE("A curved disc keeps its second-order points", "[mesh][distribute]") {
  const auto raw = disc(12);
  const auto m = distribute(raw);
  check_against_whole(m, on_one_rank(raw));
  const double angle = 2 * M_PI / 12;
  const double sector = 0.5 * std::sin(angle) + 4.0 / 3.0 * std::sin(angle / 2) * (1 - std::cos(angle / 2));
  CHECK(volume(m) == Approx(12 * sector).epsilon(1e-13));
  CHECK(m.num_global_vertices == 13);
  CHECK(set_measure(m, "rim") == Approx(set_measure(m, "all")).epsilon(1e-14));
  CHECK(set_measure(m, "rim") == Approx(2 * M_PI).epsilon(1e-4));
}

TEST_CASE("A set with an entity of no cell is unusable for the same reason on all ranks", "[mesh][distribute]") {
  auto raw = lattice(CellType::triangle, 4);
  raw.sets["left"].vertices[0] = raw.sets["left"].vertices[1];
  const auto m = distribute(raw);
  CHECK_FALSE(m.sets.contains("left"));
  CHECK(set_measure(m, "middle") == Approx(1.0));
  REQUIRE(m.unusable.contains("left"));
  CHECK(m.unusable.at("left") == on_one_rank(raw).unusable.at("left"));
  CHECK_THAT(m.unusable.at("left"), Catch::Contains("belongs to no cell"));
}
