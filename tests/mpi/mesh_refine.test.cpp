#include <catch2/catch.hpp>

#include "engine/mesh/distribution/distribute.hpp"
#include "engine/mesh/generation/box.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/mesh_checks.hpp"
#include "tests/support/raw_meshes.hpp"

using namespace ansatz;
using namespace ansatz::tests;
using mesh::BoxPattern;
using mesh::CellType;

namespace {

base::Communicator world() { return base::Communicator(MPI_COMM_WORLD); }

base::Communicator alone() { return base::Communicator(MPI_COMM_SELF); }

mesh::Mesh distribute(const RawMesh& raw) {
  return mesh::distribute(world(), world().is_root() ? std::optional(raw) : std::nullopt);
}

/// Refines `times` times, and checks each time that the mesh is the one that one rank makes.
mesh::Mesh refined(mesh::Mesh m, mesh::Mesh whole, int times) {
  for (int i = 0; i < times; ++i) {
    const int children = m.cell == CellType::interval ? 2 : (m.dim == 2 ? 4 : 8);
    const auto before = m.num_global_cells;
    m = mesh::refine(m);
    whole = mesh::refine(whole);
    CHECK(m.num_global_cells == before * children);
    check_against_whole(m, whole);
    for (std::int32_t c = 0; c < m.num_cells(); ++c) {
      if (cell_volume(m, c) <= 0.0) FAIL_CHECK("cell " << m.cell_ids[c] << " is inverted");
    }
  }
  return m;
}

mesh::Mesh refined(const RawMesh& raw, int times) {
  return refined(distribute(raw), mesh::distribute(alone(), raw), times);
}

/// Different points of all ranks, as multiples of 1 / lines.
std::set<std::array<std::int64_t, 3>> lattice_points(const mesh::Mesh& m, int lines) {
  std::vector<double> flat;
  for (std::int32_t p = 0; p < m.num_points(); ++p) {
    for (int k = 0; k < 3; ++k) flat.push_back(k < m.dim ? m.point(p)[k] : 0.0);
  }
  std::set<std::array<std::int64_t, 3>> points;
  bool on_lattice = true;
  const auto all = m.comm.gather_all(std::span<const double>(flat));
  for (std::size_t i = 0; i < all.size(); i += 3) {
    std::array<std::int64_t, 3> place;
    for (int k = 0; k < 3; ++k) {
      place[k] = std::llround(all[i + k] * lines);
      on_lattice = on_lattice && std::abs(all[i + k] * lines - double(place[k])) < 1e-10;
    }
    points.insert(place);
  }
  CHECK(on_lattice);
  return points;
}

mesh::BoxOptions box_options(CellType type, int n, BoxPattern pattern = BoxPattern::right) {
  const std::size_t dim = mesh::topology(type).dim;
  mesh::BoxOptions options;
  options.size.assign(dim, 1.0);
  options.cells.assign(dim, n);
  options.cell = type;
  options.pattern = pattern;
  return options;
}

}  // namespace

TEST_CASE("Refined lattices keep volume, sets and regions on any number of ranks", "[mesh][refine]") {
  const std::vector<std::pair<CellType, int>> lattices{{CellType::interval, 4},      {CellType::triangle, 4},
                                                       {CellType::quadrilateral, 4}, {CellType::tetrahedron, 2},
                                                       {CellType::hexahedron, 2},    {CellType::prism, 2}};
  for (const auto& [type, n] : lattices) {
    INFO(mesh::topology(type).name);
    const auto m = refined(lattice(type, n), 2);
    CHECK(volume(m) == Approx(1.0).epsilon(1e-12));
    CHECK(set_measure(m, "all") == Approx(2.0 * m.dim).epsilon(1e-12));
    CHECK(set_measure(m, "left") == Approx(1.0).epsilon(1e-12));
    CHECK(set_measure(m, "middle") == Approx(1.0).epsilon(1e-12));
    CHECK(m.num_global_vertices == std::llround(std::pow(4 * n + 1, m.dim)));
    for (const auto& facet : m.sets.at("middle").facets) {
      if (facet_measure(m, facet) <= 0.0) FAIL_CHECK("a facet of the middle has no measure");
      for (const int v : mesh::topology(type).facets[facet.local_facet]) {
        if (corner(m, facet.cell, v)[0] != 0.5) FAIL_CHECK("a facet of the middle is elsewhere");
      }
    }
    if (world().size() > 1) continue;
    if (m.dim == 3) CHECK(m.sets.at("line").vertices.size() == std::size_t(2 * 4 * n));
    if (m.dim > 1) CHECK(m.sets.at("corner").vertices.size() == 1);
  }
}

TEST_CASE("A refined box has the points and cells of the box of twice the cells", "[mesh][refine]") {
  for (const auto type : tests::all_cells()) {
    for (const auto pattern : {BoxPattern::right, BoxPattern::left, BoxPattern::crossed}) {
      if (type != CellType::triangle && pattern != BoxPattern::right) continue;
      INFO(mesh::topology(type).name << int(pattern));
      const auto coarse = box_options(type, 3, pattern), fine = box_options(type, 6, pattern);
      const auto m = refined(mesh::box(world(), coarse), mesh::box(alone(), coarse), 1);
      const auto twice = mesh::box(world(), fine);
      CHECK(m.num_global_cells == twice.num_global_cells);
      CHECK(m.num_global_vertices == twice.num_global_vertices);
      CHECK((lattice_points(m, 12) == lattice_points(twice, 12)));
      CHECK(volume(m) == Approx(1.0).epsilon(1e-12));
      for (const auto& [name, set] : twice.sets) CHECK(set_measure(m, name) == Approx(set_measure(twice, name)));
    }
  }
}

TEST_CASE("Periodic boxes are refined with identified vertices and separate points", "[mesh][refine]") {
  for (const auto type : tests::all_cells()) {
    INFO(mesh::topology(type).name);
    auto options = box_options(type, 3);
    options.periodic.assign(options.cells.size(), false);
    options.periodic[0] = true;
    const auto m = refined(mesh::box(world(), options), mesh::box(alone(), options), 2);
    const auto across = std::llround(std::pow(13, m.dim - 1));
    CHECK(m.num_global_vertices == 12 * across);
    CHECK(std::int64_t(lattice_points(m, 12).size()) == 13 * across);
    CHECK(volume(m) == Approx(1.0).epsilon(1e-12));
    CHECK(set_measure(m, "all") == Approx(2.0 * (m.dim - 1)).epsilon(1e-12));
    CHECK(m.sets.count("left") == 0);
  }
}

TEST_CASE("Children of curved triangles lie on the parents' quadratic map", "[mesh][refine]") {
  const auto bend = [](double* x) { x[0] += 0.3 * x[1] * x[1]; };
  const auto raw = second_order(lattice(CellType::triangle, 2), bend);
  const auto m = refined(raw, 2);
  bool on_map = true;
  for (std::int32_t p = 0; p < m.num_points(); ++p) {
    const double y = m.point(p)[1], x = m.point(p)[0] - 0.3 * y * y;
    on_map = on_map && std::abs(x * 16 - std::round(x * 16)) < 1e-12 && std::abs(y * 16 - std::round(y * 16)) < 1e-12;
  }
  CHECK(on_map);
  CHECK(volume(m) == Approx(1.0).epsilon(1e-12));
  const double parabola = 0.5 * (std::sqrt(1.36) + std::asinh(0.6) / 0.6);
  CHECK(set_measure(m, "left") == Approx(parabola).epsilon(1e-9));
  CHECK(set_measure(m, "middle") == Approx(parabola).epsilon(1e-9));
  CHECK(set_measure(m, "all") == Approx(2 + 2 * parabola).epsilon(1e-9));
}

TEST_CASE("Children of curved tetrahedra lie on the parents' quadratic map", "[mesh][refine]") {
  const auto bend = [](double* x) { x[0] += 0.3 * x[1] * x[1] - 0.2 * x[1] * x[2]; };
  const auto m = refined(second_order(lattice(CellType::tetrahedron, 2), bend), 1);
  bool on_map = true;
  for (std::int32_t p = 0; p < m.num_points(); ++p) {
    const double y = m.point(p)[1], z = m.point(p)[2], x = m.point(p)[0] - 0.3 * y * y + 0.2 * y * z;
    for (const double t : {x, y, z}) on_map = on_map && std::abs(t * 8 - std::round(t * 8)) < 1e-12;
  }
  CHECK(on_map);
  std::set<std::int64_t> ids(m.point_ids.begin(), m.point_ids.begin() + m.num_points());
  if (world().size() == 1) CHECK(ids.size() == 9 * 9 * 9);
}

TEST_CASE("A curved disc keeps its area and rim under refinement", "[mesh][refine]") {
  const auto raw = disc(7);
  const auto m = refined(raw, 2);
  const double angle = 2 * M_PI / 7;
  const double sector = 0.5 * std::sin(angle) + 4.0 / 3.0 * std::sin(angle / 2) * (1 - std::cos(angle / 2));
  CHECK(volume(m) == Approx(7 * sector).epsilon(1e-12));
  CHECK(set_measure(m, "rim") == Approx(set_measure(distribute(raw), "rim")).epsilon(1e-8));
  CHECK(set_measure(m, "all") == Approx(set_measure(m, "rim")).epsilon(1e-14));
}

TEST_CASE("A mesh with fewer cells than ranks is refined", "[mesh][refine]") {
  RawMesh raw;
  raw.points = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0};
  raw.cells = {0, 1, 2, 0, 2, 3};
  raw.cell_region = {0, 0};
  raw.region_names = {"domain"};
  const auto m = refined(raw, 3);
  CHECK(volume(m) == Approx(1.0));
  CHECK(set_measure(m, "all") == Approx(4.0));
}

TEST_CASE("Blocks of a lattice become regions", "[mesh][refine]") {
  const std::array<int, 2> blocks{3, 2};
  const auto options = box_options(CellType::triangle, 12);
  const auto m = mesh::with_block_regions(mesh::box(world(), options), blocks);
  CHECK(m.region_names.size() == 6);
  CHECK(m.region_names[4] == "block_4");
  std::vector<double> areas(6, 0.0);
  for (std::int32_t c = 0; c < m.num_owned_cells; ++c) areas[m.cell_region[c]] += cell_volume(m, c);
  for (const double area : m.comm.sum(areas)) CHECK(area == Approx(1.0 / 6.0).epsilon(1e-12));
  for (std::int32_t c = 0; c < m.num_cells(); ++c) {
    double x = 0.0, y = 0.0;
    for (int v = 0; v < 3; ++v) x += corner(m, c, v)[0] / 3, y += corner(m, c, v)[1] / 3;
    if (m.cell_region[c] != int(3 * x) + 3 * int(2 * y)) FAIL_CHECK("cell in the wrong block");
  }
  const std::array<int, 1> wrong{2};
  CHECK_THROWS_AS(mesh::with_block_regions(m, wrong), sdk::Error);
}

TEST_CASE("The bounding box is that of all ranks", "[mesh][refine]") {
  auto options = box_options(CellType::quadrilateral, 5);
  options.origin = {-1.5, 2.0};
  options.size = {4.0, 0.5};
  CHECK(mesh::bounding_box(mesh::box(world(), options)) == std::vector<double>{-1.5, 2.0, 2.5, 2.5});
}

TEST_CASE("Cells that a border between blocks cuts are refused by name, on every kind of mesh", "[mesh][refine]") {
  const auto refusal = [](const Mesh& m, std::vector<int> blocks) {
    return std::string(ansatz::test::error_of([&] { mesh::with_block_regions(m, blocks); }).what());
  };
  const auto line = mesh::box(world(), {{}, {1.0}, {5}, CellType::interval, BoxPattern::right, {}});
  CHECK(refusal(line, {2}) == "the borders between blocks cut 1 of 5 cells: cell 2 around (0.5) by x = 0.5");
  CHECK(refusal(line, {5}) == "nothing was thrown");
  CHECK(refusal(line, {1}) == "nothing was thrown");
  CHECK(refusal(line, {6}).starts_with("the borders between blocks cut 5 of 5 cells: cell 0"));
  // The borders of thirds are met up to round-off by the edges of ninths.
  CHECK(refusal(mesh::box(world(), {{0.1}, {0.7}, {9}, CellType::interval, BoxPattern::right, {}}), {3}) ==
        "nothing was thrown");
  // The diagonals of crossed triangles are no borders: half a square cuts two of its triangles.
  const auto crossed = mesh::box(world(), {{}, {1.0, 1.0}, {1, 1}, CellType::triangle, BoxPattern::crossed, {}});
  CHECK(refusal(crossed, {2, 1}).find("cut 2 of 4 cells") != std::string::npos);
  CHECK(refusal(mesh::refine(crossed), {2, 1}).find("cut 4 of 16 cells") != std::string::npos);
  const auto squares = mesh::box(world(), {{}, {2.0, 1.0}, {3, 5}, CellType::quadrilateral, BoxPattern::right, {}});
  CHECK(refusal(squares, {2, 5}).find("cut 5 of 15 cells: cell 1 around (1, 0.1) by x = 1, cell 4") !=
        std::string::npos);
  CHECK(refusal(mesh::refine(squares), {2, 5}) == "nothing was thrown");
  CHECK(refusal(squares, {3, 2}).find("cut 3 of 15 cells: cell 6 around") != std::string::npos);
  const auto solids =
      mesh::box(world(), {{}, {1.0, 1.0, 1.0}, {2, 2, 3}, CellType::tetrahedron, BoxPattern::right, {}});
  CHECK(refusal(solids, {2, 2, 3}) == "nothing was thrown");
  CHECK(refusal(solids, {1, 1, 2}).find("by z = 0.5") != std::string::npos);
}
