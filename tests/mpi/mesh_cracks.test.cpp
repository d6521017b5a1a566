#include <algorithm>
#include <catch2/catch.hpp>

#include "engine/mesh/distribution/distribute.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "engine/mesh/topology/coincident.hpp"
#include "engine/mesh/topology/nodes.hpp"
#include "tests/support/mesh_checks.hpp"
#include "tests/support/raw_meshes.hpp"

using namespace ansatz;
using namespace ansatz::tests;
using mesh::CellType;

namespace {

mesh::Mesh distribute(const RawMesh& raw) {
  const base::Communicator world(MPI_COMM_WORLD);
  return mesh::distribute(world, world.is_root() ? std::optional(raw) : std::nullopt);
}

/// Adds another mesh, moved, that shares no points with the first.
RawMesh beside(RawMesh raw, const RawMesh& other, std::array<double, 3> shift) {
  const auto offset = raw.num_points();
  for (std::size_t i = 0; i < other.points.size(); ++i) raw.points.push_back(other.points[i] + shift[i % 3]);
  for (const auto p : other.cells) raw.cells.push_back(p + offset);
  raw.cell_region.insert(raw.cell_region.end(), other.cell_region.begin(), other.cell_region.end());
  raw.sets.clear();
  return raw;
}

RawMesh squares(std::vector<double> points, std::vector<std::int64_t> cells) {
  RawMesh raw;
  raw.cell = CellType::quadrilateral;
  raw.points = std::move(points);
  raw.cells = std::move(cells);
  raw.cell_region.assign(raw.cells.size() / 4, 0);
  raw.region_names = {"domain"};
  return raw;
}

RawMesh wedge_as_hexahedron() {
  RawMesh raw;
  raw.cell = CellType::hexahedron;
  raw.dimension = 3;
  raw.points = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1};
  raw.cells = {0, 1, 2, 2, 3, 4, 5, 5};
  raw.cell_region = {0};
  raw.region_names = {"domain"};
  return raw;
}

}  // namespace

TEST_CASE("Parts that touch without common points are found on any number of ranks", "[mesh][cracks]") {
  for (const auto& [type, n] : std::vector<std::pair<CellType, int>>{{CellType::interval, 4},
                                                                     {CellType::triangle, 4},
                                                                     {CellType::quadrilateral, 4},
                                                                     {CellType::tetrahedron, 2},
                                                                     {CellType::hexahedron, 2},
                                                                     {CellType::prism, 2}}) {
    INFO(mesh::topology(type).name);
    const auto part = lattice(type, n);
    CHECK_FALSE(mesh::coincident_facets(distribute(part)));
    const auto seam = mesh::coincident_facets(distribute(beside(part, part, {1, 0, 0})));
    REQUIRE(seam);
    const int sides = part.dimension == 1             ? 1
                      : part.dimension == 2           ? n
                      : type == CellType::tetrahedron ? 2 * n * n
                                                      : n * n;
    CHECK(seam->count == 2 * sides);
    CHECK(seam->centre[0] == Approx(1.0));
    CHECK(seam->cell < static_cast<std::int64_t>(part.cell_region.size()));
    CHECK_FALSE(mesh::coincident_facets(distribute(beside(part, part, {1.001, 0, 0}))));
    // The same in micrometres, far from the origin.
    auto small = beside(part, part, {1, 0, 0});
    for (std::size_t i = 0; i < small.points.size(); ++i) {
      if (static_cast<int>(i % 3) < small.dimension) small.points[i] = 1e-6 * small.points[i] + 1e-3;
    }
    CHECK(mesh::coincident_facets(distribute(small))->count == 2 * sides);
  }
}

TEST_CASE("Prisms that touch with their triangles, or with triangles on quadrilaterals, are found", "[mesh][cracks]") {
  const auto part = lattice(CellType::prism, 2);
  const auto above = mesh::coincident_facets(distribute(beside(part, part, {0, 0, 1})));
  REQUIRE(above);
  CHECK(above->count == 2 * 8);
  CHECK(above->centre[2] == Approx(1.0));
  auto turned = part;  // z to x, x to y, y to z: its triangles stand upright
  for (std::size_t p = 0; p < turned.points.size(); p += 3)
    std::rotate(&turned.points[p], &turned.points[p] + 2, &turned.points[p] + 3);
  const auto across = mesh::coincident_facets(distribute(beside(part, turned, {1, 0, 0})));
  REQUIRE(across);
  CHECK(across->count == 4 + 8);
}

TEST_CASE("Hanging nodes are found, touching corners are not", "[mesh][cracks]") {
  const auto hanging = squares({0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, .5, 0, 1.5, 0, 0, 1.5, .5, 0, 1.5, 1, 0},
                               {0, 1, 2, 3, 1, 5, 6, 4, 4, 6, 7, 2});
  const auto found = mesh::coincident_facets(distribute(hanging));
  REQUIRE(found);
  CHECK(found->count == 3);
  CHECK(found->cell == 0);
  CHECK(found->centre[0] == 1.0);
  CHECK(found->centre[1] == 0.5);
  const auto corners =
      squares({0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 2, 1, 0, 2, 2, 0, 1, 2, 0}, {0, 1, 2, 3, 4, 5, 6, 7});
  CHECK_FALSE(mesh::coincident_facets(distribute(corners)));
}

TEST_CASE("A wedge as a collapsed hexahedron has five facets, and no nodes of order 2", "[mesh][cracks]") {
  auto raw = wedge_as_hexahedron();
  raw.sets["floor"] = {2, {0, 3}, {0, 1, 2}};
  raw.sets["back"] = {2, {0, 4}, {1, 2, 5, 4}};
  const auto m = distribute(raw);
  CHECK(volume(m) == Approx(0.5));
  CHECK(set_measure(m, "all") == Approx(3.0 + std::sqrt(2.0)));
  CHECK(set_measure(m, "floor") == Approx(0.5));
  CHECK(set_measure(m, "back") == Approx(std::sqrt(2.0)));
  CHECK(m.comm.sum(static_cast<std::int64_t>(m.num_owned_cells > 0 ? m.sets.at("all").facets.size() : 0)) == 5);
  CHECK_THROWS_WITH(mesh::lagrange_node_map(m, 2), Catch::Contains("collapsed"));
  CHECK_THROWS_WITH(mesh::refine(m), Catch::Contains("collapsed"));
}

TEST_CASE("A set that no cell can have is unusable on all ranks, and the mesh is read", "[mesh][cracks]") {
  auto raw = lattice(CellType::triangle, 4);
  raw.sets["apart"] = {1, {0, 2}, {raw.cells[0], raw.cells[0]}};
  raw.sets["corners"] = {1, {0, 3}, {raw.cells[0], raw.cells[1], raw.cells[2]}};
  raw.sets["cells"] = {2, {0, 3}, {raw.cells[0], raw.cells[1], raw.cells[2]}};
  raw.sets["all"] = {0, {0, 1}, {raw.cells[0]}};
  raw.unusable["known"] = "the reader says so";
  raw.warnings = {"a warning"};
  const auto m = mesh::refine(distribute(raw));
  CHECK(set_measure(m, "left") == Approx(1.0));
  CHECK(set_measure(m, "all") == Approx(4.0));
  for (const char* name : {"apart", "corners", "cells", "known"}) {
    INFO(name);
    CHECK(m.unusable.contains(name));
    CHECK_FALSE(m.sets.contains(name));
  }
  CHECK(m.warnings == std::vector<std::string>{"a warning"});
}
