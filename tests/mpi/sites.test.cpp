// Where equations hold, from the text of cases, on any number of ranks.
#include "engine/problem/places/sites.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/mesh/refinement/refine.hpp"
#include "engine/problem/places/mesh_view.hpp"
#include "engine/problem/places/point_sets.hpp"
#include "tests/io_support.hpp"
#include "tests/support/bound_case.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::test;
using Kind = sdk::Site::Kind;

namespace {

const sdk::Site& site_named(const problem::Sites& sites, const std::string& name) {
  const auto found = std::ranges::find(sites.all(), name, &sdk::Site::name);
  REQUIRE(found != sites.all().end());
  return *found;
}

std::vector<std::string> names(const problem::Sites& sites) {
  std::vector<std::string> names;
  for (const auto& site : sites.all()) names.push_back(site.name);
  std::ranges::sort(names);
  return names;
}

int number_of(const problem::Sites& sites, const std::string& name) {
  return static_cast<int>(&site_named(sites, name) - sites.all().data());
}

}  // namespace

TEST_CASE("Sites are regions, parts of the boundary with one condition each, and interfaces", "[problem][sites]") {
  const BoundCase c(two_blocks(R"({ on = "left", temperature = "7 + t" }, { on = "top", heat_flux = 3.0 })"));
  const problem::Sites sites(c.problem);
  CHECK(names(sites) == std::vector<std::string>{"block_0", "block_0|block_1", "block_1", "left of block_0",
                                                 "rest of block_0", "rest of block_1", "top of block_0",
                                                 "top of block_1"});
  for (const auto& site : sites.all()) {
    CAPTURE(site.name);
    const double measure = site.name == "rest of block_1" ? 2.0 : 1.0;
    CHECK(site.measure == Approx(measure).epsilon(1e-14));
    CHECK(site.coefficients.size() == c.problem.form().definition().coefficients[0].size());
    CHECK((site.kind == Kind::interface) == !site.other_coefficients.empty());
    CHECK(site.boundary_terms.size() == (site.name.starts_with("top") ? 1 : 0));
    CHECK(site.prescribed.size() == (site.name.starts_with("left") ? 1 : 0));
    CHECK(site.region == (site.name == "block_1" || site.name.ends_with("of block_1") ? 1 : 0));
  }
  const auto& value = site_named(sites, "left of block_0").prescribed.at(0);
  REQUIRE(value);
  CHECK(value->evaluate(sdk::ExpressionInputs<double>{nullptr, 2.0, nullptr, nullptr, nullptr}) == 9.0);
  CHECK(site_named(sites, "block_0|block_1").other_region == 1);
}

TEST_CASE("Where two conditions meet the later one holds, and terms hold beside values", "[problem][sites]") {
  const BoundCase c(two_blocks(R"({ on = "all", temperature = 1.0 }, { on = ["left", "top"], temperature = 2.0 },
                                  { on = "bottom", heat_flux = 3.0 }, { on = "left", heat_flux = 4.0 })"));
  const problem::Sites sites(c.problem);
  CHECK(names(sites) == std::vector<std::string>{"all and bottom of block_0", "all and bottom of block_1",
                                                 "all of block_1", "block_0", "block_0|block_1", "block_1",
                                                 "left of block_0", "top of block_0", "top of block_1"});
  CHECK(site_named(sites, "left of block_0").prescribed.at(0)->constant_value() == 2.0);
  CHECK(site_named(sites, "left of block_0").boundary_terms.size() == 1);
  CHECK(site_named(sites, "all of block_1").prescribed.at(0)->constant_value() == 1.0);
  CHECK(site_named(sites, "all and bottom of block_0").boundary_terms.size() == 1);
}

TEST_CASE("Values may be given of some components", "[problem][sites]") {
  const BoundCase c(R"toml(
plugins = ["elasticity"]
[mesh]
box = { size = [1.0, 1.0], cells = [2, 2], cell = "triangle" }
[physics.elasticity]
youngs_modulus = 1.0
poisson_ratio = 0.3
boundary = [{ on = "left", displacement_x = 0.0 }, { on = "bottom", displacement = ["free", 5.0] }]
)toml");
  const problem::Sites sites(c.problem);
  CHECK(names(sites) == std::vector<std::string>{"bottom of domain", "domain", "left of domain", "rest of domain"});
  const auto& left = site_named(sites, "left of domain").prescribed;
  REQUIRE(left.size() == 2);
  CHECK(left[0].has_value());
  CHECK_FALSE(left[1].has_value());
  const auto& bottom = site_named(sites, "bottom of domain").prescribed;
  CHECK_FALSE(bottom.at(0).has_value());
  CHECK(bottom.at(1)->constant_value() == 5.0);
}

TEST_CASE("Periodic boundaries are no sites, and the mesh has their period", "[problem][sites]") {
  const auto text = [](const std::string& map) {
    return R"toml(
plugins = ["diffusion"]
[mesh]
box = { origin = [1.0, 0.0], size = [2.0, 1.0], cells = [4, 3], cell = "triangle", periodic = [true, false] }
scale = 10.0
)toml" + map +
           R"toml(
[physics.diffusion]
conductivity = { by_block = [2, 1], values = [1.0, 2.0] }
[parameters]
length = { range = [1.0, 3.0], default = 1.5 }
)toml";
  };
  const BoundCase c(text(""));
  const problem::Sites sites(c.problem);
  CHECK(names(sites) ==
        std::vector<std::string>{"block_0", "block_0|block_1", "block_1", "rest of block_0", "rest of block_1"});
  CHECK(site_named(sites, "block_0|block_1").measure == Approx(10.0).epsilon(1e-14));
  const auto view = problem::mesh_view(c.problem);
  CHECK(view.period == std::array{20.0, 0.0, 0.0});
  CHECK(view.low == std::array{10.0, 0.0, 0.0});
  CHECK(view.high == std::array{30.0, 10.0, 0.0});
  CHECK(view.points.data() == c.problem.mesh().points.data());
  CHECK(view.blocks.at(0).num_owned == c.problem.mesh().num_owned_cells);
  CHECK(view.regions.size() == 2);

  BoundCase moved(text(R"toml(map = ["length*x", "y"])toml"));
  const auto before = problem::mesh_view(moved.problem);
  CHECK(before.period[0] == Approx(30.0).epsilon(1e-13));
  moved.problem.set_parameters(std::vector{2.0});
  const auto after = problem::mesh_view(moved.problem);
  CHECK(after.period[0] == Approx(40.0).epsilon(1e-13));
  CHECK(after.version != before.version);
  // The height of the sides differs: no period.
  const BoundCase bent(text(R"toml(map = ["x", "y*(1 + 0.01*x)"])toml"));
  CHECK(kind_of([&] { problem::mesh_view(bent.problem); }) == sdk::ErrorKind::case_file);
}

TEST_CASE("Conditions inside the domain are interfaces with them", "[problem][sites]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  for (const std::string cell : {"triangle", "tetrahedron"}) {
    CAPTURE(cell);
    if (comm.is_root()) std::ofstream(folder.file(cell + ".lattice")) << "\n";
    comm.barrier();
    const BoundCase values(west_and_east(cell + ".lattice", R"({ on = "middle", temperature = 4.0 })"), comm,
                           folder.path());
    const problem::Sites given(values.problem);
    CHECK(names(given) ==
          std::vector<std::string>{"east", "middle of west|east", "rest of east", "rest of west", "west"});
    CHECK(site_named(given, "middle of west|east").prescribed.at(0)->constant_value() == 4.0);
    CHECK(site_named(given, "middle of west|east").measure == Approx(1.0).epsilon(1e-14));

    // Terms have the coefficients of the cell with the lower id: both orders may occur.
    const BoundCase terms(west_and_east(cell + ".lattice", R"({ on = "middle", heat_flux = 4.0 })"), comm,
                          folder.path());
    const problem::Sites heated(terms.problem);
    double measure = 0.0;
    for (std::size_t s = 0; s < heated.all().size(); ++s) {
      const auto& site = heated.all()[s];
      if (site.kind != Kind::interface) continue;
      measure += site.measure;
      CHECK(site.boundary_terms.size() == 1);
      const auto points = problem::quadrature(terms.problem, heated, static_cast<int>(s), 1);
      const int dim = terms.problem.dim();
      for (std::size_t i = 0; i < points.cells.size(); ++i)
        CHECK(points.normals[i * dim] == Approx(site.region == 0 ? 1.0 : -1.0).epsilon(1e-13));
    }
    CHECK(measure == Approx(1.0).epsilon(1e-14));
  }
}

TEST_CASE("Normals of interfaces leave the region with the lower number", "[problem][sites]") {
  const BoundCase c(two_blocks(R"({ on = "left", temperature = 0.0 })"));
  const problem::Sites sites(c.problem);
  const int site = number_of(sites, "block_0|block_1");
  const auto points = problem::quadrature(c.problem, sites, site, 3);
  for (std::size_t i = 0; i < points.cells.size(); ++i) {
    CHECK(points.normals[2 * i] == Approx(1.0).epsilon(1e-14));
    CHECK(points.normals[2 * i + 1] == Approx(0.0).margin(1e-14));
    CHECK(points.positions[2 * i] == Approx(1.0).epsilon(1e-14));
    CHECK(c.problem.mesh().cell_region[points.cells[i]] == 0);
    CHECK(points.cells[i] < c.problem.mesh().num_owned_cells);
  }
  CHECK(c.problem.mesh().comm.sum(static_cast<std::int64_t>(points.cells.size())) == 6);
}

TEST_CASE("Measures of curved sites are those of their shapes", "[problem][sites]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  for (const std::string cell : {"triangle", "tetrahedron"}) {
    CAPTURE(cell);
    if (comm.is_root()) std::ofstream(folder.file(cell + ".bent")) << "\n";
    comm.barrier();
    const BoundCase c(west_and_east(cell + ".bent", R"({ on = "left", temperature = 0.0 })"), comm, folder.path());
    const problem::Sites sites(c.problem);
    // Integrals of 1 + y / 2 - x^2 / 5; the left side stays where it is.
    CHECK(site_named(sites, "west").measure == Approx(0.5 * 1.25 - 0.2 / 24.0).epsilon(1e-13));
    CHECK(site_named(sites, "east").measure == Approx(0.5 * 1.25 - 0.2 * 7.0 / 24.0).epsilon(1e-13));
    CHECK(site_named(sites, "left of west").measure == Approx(1.0).epsilon(1e-13));
  }
}

TEST_CASE("Sites and points are there with more ranks than cells", "[problem][sites]") {
  const BoundCase c(R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0], cells = [2], cell = "interval" }
[physics.diffusion]
conductivity = { by_block = [2], values = [1.0, 2.0] }
boundary = [{ on = "left", temperature = 1.0 }]
)toml");
  const problem::Sites sites(c.problem);
  CHECK(names(sites) ==
        std::vector<std::string>{"block_0", "block_0|block_1", "block_1", "left of block_0", "rest of block_1"});
  for (const auto& site : sites.all()) CHECK(site.measure == 1.0);
  const auto points = problem::sample(c.problem, sites, number_of(sites, "block_0|block_1"), {.size = 5});
  for (const double x : points.positions) CHECK(x == 1.0);
  CHECK(c.problem.mesh().comm.sum(static_cast<std::int64_t>(points.cells.size())) == 5);
}
