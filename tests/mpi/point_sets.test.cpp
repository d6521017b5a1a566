// Points of sites: the same on any number of ranks, with the right weights, normals and data.
#include "engine/problem/places/point_sets.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "ansatz/sdk/strong_form.hpp"
#include "engine/fem/evaluation/visual_sampler.hpp"
#include "engine/io/visualisation/visual_writer.hpp"
#include "tests/io_support.hpp"
#include "tests/support/bound_case.hpp"

using namespace ansatz;
using namespace ansatz::test;
using Kind = sdk::Site::Kind;

namespace {

const std::string mixed = R"({ on = "left", temperature = "3*(x - 1) + y^2" }, { on = "right", heat_flux = "k" },
                            { on = "top", heat_flux = "x < 1 ? 2 : 2*k" })";

/// The points of all ranks, each with its weight, the id of its cell, its place in it, and its normal. Sorted.
std::vector<std::vector<double>> gathered(const problem::Problem& problem, const sdk::PointSet& points) {
  const auto& mesh = problem.mesh();
  std::vector<double> rows;
  const std::size_t dim = mesh.dim;
  const auto append = [&](const std::vector<double>& values, std::size_t i) {
    for (std::size_t k = 0; k < dim; ++k) rows.push_back(values.empty() ? 0.0 : values[i * dim + k]);
  };
  for (std::size_t i = 0; i < points.cells.size(); ++i) {
    CHECK(points.cells[i] < mesh.num_owned_cells);
    append(points.positions, i);
    append(points.reference, i);
    append(points.normals, i);
    rows.push_back(static_cast<double>(mesh.cell_ids[points.cells[i]]));
    rows.push_back(points.weights.empty() ? 0.0 : points.weights[i]);
  }
  const auto all = mesh.comm.gather_all(std::span<const double>(rows));
  std::vector<std::vector<double>> sorted;
  const auto width = static_cast<std::ptrdiff_t>(3 * dim + 2);
  for (auto row = all.begin(); row != all.end(); row += width) sorted.emplace_back(row, row + width);
  std::ranges::sort(sorted);
  return sorted;
}

double sum_over_ranks(const problem::Problem& problem, const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return problem.mesh().comm.sum(sum);
}

/// Sum of weights times f(point number).
template <class Function>
double integral(const problem::Problem& problem, const sdk::PointSet& points, const Function& f) {
  std::vector<double> terms;
  for (std::size_t i = 0; i < points.cells.size(); ++i) terms.push_back(points.weights[i] * f(i));
  return sum_over_ranks(problem, terms);
}

void make_file(const base::Communicator& comm, const std::string& path) {
  if (comm.is_root()) std::ofstream(path) << "\n";
  comm.barrier();
}

int number_of(const problem::Sites& sites, const std::string& name) {
  const auto found = std::ranges::find(sites.all(), name, &sdk::Site::name);
  REQUIRE(found != sites.all().end());
  return static_cast<int>(found - sites.all().begin());
}

}  // namespace

TEST_CASE("Points are those of one rank alone, as many as asked for, and their weights sum to the measure",
          "[problem][points]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const TemporaryFolder folder(comm);
  std::vector<std::string> texts{two_blocks(mixed), R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [3.0], cells = [3], cell = "interval" }
map = ["x + 0.1*x^2"]
[physics.diffusion]
conductivity = 1.0
)toml",
                                 R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0, 1.0], cells = [2, 2, 2], cell = "prism" }
map = ["x*(1 + y)", "y", "z*(2 + x)"]
[physics.diffusion]
conductivity = 1.0
)toml"};
  for (const std::string file : {"triangle.lattice", "triangle.bent", "tetrahedron.bent"}) {
    make_file(comm, folder.file(file));
    texts.push_back(west_and_east(file, R"({ on = "left", temperature = 0.0 })"));
  }
  for (const auto& text : texts) {
    const BoundCase shared(text, comm, folder.path()), alone(text, self, folder.path());
    const problem::Sites sites(shared.problem), own(alone.problem);
    REQUIRE(sites.all().size() == own.all().size());
    for (std::size_t s = 0; s < sites.all().size(); ++s) {
      const int site = static_cast<int>(s);
      const auto& of = sites.all()[s];
      CHECK(of.name == own.all()[s].name);
      CHECK(of.measure == own.all()[s].measure);
      for (const std::string method : {"sobol", "halton", "lattice", "random", "latin_hypercube", "grid"}) {
        CAPTURE(text, of.name, method);
        const int dim = shared.problem.dim();
        const sdk::Sampling sampling{method, method == "grid" ? 7 : 60, 5};
        const auto mine = problem::sample(shared.problem, sites, site, sampling);
        const auto points = gathered(shared.problem, mine);
        const auto expected = gathered(alone.problem, problem::sample(alone.problem, own, site, sampling));
        CHECK(points == expected);
        if (method != "grid") CHECK(points.size() == 60);
        CHECK(sum_over_ranks(shared.problem, mine.weights) == Approx(of.measure).epsilon(1e-13));
        if (method == "sobol") {
          const auto others = gathered(shared.problem, problem::sample(shared.problem, sites, site, {method, 60, 6}));
          if (dim > 1 || of.kind == Kind::volume) CHECK(others != points);
        }
      }
      const auto rule = problem::quadrature(shared.problem, sites, site, 3);
      CHECK(gathered(shared.problem, rule) ==
            gathered(alone.problem, problem::quadrature(alone.problem, own, site, 3)));
    }
  }
}

TEST_CASE("Points are spread evenly", "[problem][points]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  make_file(comm, folder.file("triangle.bent"));
  const BoundCase c(west_and_east("triangle.bent", R"({ on = "left", temperature = 0.0 })"), comm, folder.path());
  const problem::Sites sites(c.problem);
  for (int site = 0; site < static_cast<int>(sites.all().size()); ++site) {
    const auto exact = problem::quadrature(c.problem, sites, site, 20);
    for (const std::string method : {"sobol", "halton", "lattice", "random", "latin_hypercube"}) {
      CAPTURE(sites.all()[site].name, method);
      const auto points = problem::sample(c.problem, sites, site, {method, 1024, 3});
      const auto mean = [&](const sdk::PointSet& at) {
        return integral(c.problem, at,
                        [&](std::size_t i) {
                          return std::sin(2.0 * at.positions[2 * i]) * std::exp(at.positions[2 * i + 1]);
                        }) /
               sites.all()[site].measure;
      };
      // About 1/2 is the standard deviation of the function, 1/32 the factor of random points.
      const bool is_random = method == "random" || method == "latin_hypercube";
      CHECK(mean(points) == Approx(mean(exact)).margin(is_random ? 6e-2 : 1.2e-2));
    }
  }
}

TEST_CASE("In a box Sobol's points are Sobol's, and a grid is a grid", "[problem][points]") {
  const BoundCase c(two_blocks(mixed));
  const problem::Sites sites(c.problem);
  const auto grid = gathered(c.problem, problem::sample(c.problem, sites, number_of(sites, "block_1"), {"grid", 4}));
  REQUIRE(grid.size() == 16);
  for (int i = 0; i < 16; ++i) {
    CHECK(grid[i][0] == Approx(1.125 + 0.25 * (i / 4)).epsilon(1e-15));
    CHECK(grid[i][1] == Approx(0.125 + 0.25 * (i % 4)).epsilon(1e-15));
    CHECK(grid[i].back() == Approx(1.0 / 16.0).epsilon(1e-14));
  }
  const auto side =
      gathered(c.problem, problem::sample(c.problem, sites, number_of(sites, "left of block_0"), {"grid", 5}));
  REQUIRE(side.size() == 5);
  for (int i = 0; i < 5; ++i) CHECK(side[i][1] == Approx(0.1 + 0.2 * i).epsilon(1e-13));
  // Each of the 16 x 16 squares has one of 256 scrambled points of Sobol.
  const auto sobol =
      gathered(c.problem, problem::sample(c.problem, sites, number_of(sites, "block_0"), {"sobol", 256}));
  std::vector<int> squares;
  for (const auto& point : sobol)
    squares.push_back(16 * static_cast<int>(16.0 * point[0]) + static_cast<int>(16.0 * point[1]));
  std::ranges::sort(squares);
  CHECK(std::unique(squares.begin(), squares.end()) == squares.end());
}

TEST_CASE("Quadrature integrates polynomials exactly, and normals leave curved regions", "[problem][points]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const BoundCase box(two_blocks(mixed));
  const problem::Sites of_box(box.problem);
  const auto moment = [&](const std::string& site, int degree, int a, int b) {
    const auto points = problem::quadrature(box.problem, of_box, number_of(of_box, site), degree);
    return integral(box.problem, points, [&](std::size_t i) {
      return std::pow(points.positions[2 * i], a) * std::pow(points.positions[2 * i + 1], b);
    });
  };
  CHECK(moment("block_1", 6, 6, 5) == Approx(127.0 / 7.0 / 6.0).epsilon(1e-13));
  CHECK(moment("top of block_1", 7, 7, 3) == Approx(255.0 / 8.0).epsilon(1e-13));
  CHECK(moment("block_0|block_1", 7, 3, 7) == Approx(1.0 / 8.0).epsilon(1e-13));
  CHECK(moment("block_0", 0, 0, 0) == Approx(1.0).epsilon(1e-14));

  // Gauss's theorem for (x^2, x y): each region's volume against its facets.
  for (const std::string file : {"triangle.bent", "tetrahedron.bent"}) {
    CAPTURE(file);
    make_file(comm, folder.file(file));
    const BoundCase c(west_and_east(file, R"({ on = "left", temperature = 0.0 })"), comm, folder.path());
    const problem::Sites sites(c.problem);
    const int dim = c.problem.dim(), degree = 10;
    std::array<double, 2> inside{}, through{};
    for (std::size_t s = 0; s < sites.all().size(); ++s) {
      const auto& site = sites.all()[s];
      const auto points = problem::quadrature(c.problem, sites, static_cast<int>(s), degree);
      CHECK(sum_over_ranks(c.problem, points.weights) == Approx(site.measure).epsilon(1e-7));
      const auto x = [&](std::size_t i, int k) { return points.positions[i * dim + k]; };
      if (site.kind == Kind::volume) {
        inside[site.region] += integral(c.problem, points, [&](std::size_t i) { return 3.0 * x(i, 0); });
        continue;
      }
      const double flux = integral(c.problem, points, [&](std::size_t i) {
        return x(i, 0) * (x(i, 0) * points.normals[i * dim] + x(i, 1) * points.normals[i * dim + 1]);
      });
      through[site.region] += flux;
      if (site.kind == Kind::interface) through[site.other_region] -= flux;
    }
    CHECK(inside[0] == Approx(through[0]).epsilon(1e-12));
    CHECK(inside[1] == Approx(through[1]).epsilon(1e-12));
  }
}

TEST_CASE("Positions are found in the cell with the lowest id, each on one rank", "[problem][points]") {
  const base::Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  const TemporaryFolder folder(comm);
  make_file(comm, folder.file("triangle.lattice"));
  const auto text = west_and_east("triangle.lattice", R"({ on = "left", temperature = 0.0 })");
  const BoundCase shared(text, comm, folder.path()), alone(text, self, folder.path());
  std::vector<double> positions;
  for (int i = 0; i <= 8; ++i) {
    for (int j = 0; j <= 8; ++j) positions.insert(positions.end(), {i / 8.0, j / 8.0});  // corners, edges, diagonals
  }
  std::vector<std::int64_t> numbers, all;
  const auto points = problem::locate(shared.problem, positions, numbers);
  const auto expected = problem::locate(alone.problem, positions, all);
  CHECK(gathered(shared.problem, points) == gathered(alone.problem, expected));
  CHECK(points.site == -1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CHECK(points.positions[2 * i] == positions[2 * numbers[i]]);
    CHECK(points.positions[2 * i + 1] == positions[2 * numbers[i] + 1]);
  }
  auto found = comm.gather_all(std::span<const std::int64_t>(numbers));
  std::ranges::sort(found);
  REQUIRE(found.size() == 81);
  for (int i = 0; i < 81; ++i) CHECK(found[i] == i);
  positions.insert(positions.end(), {0.5, 1.25});
  const auto error = error_of([&] { problem::locate(shared.problem, positions, numbers); });
  REQUIRE(error);
  CHECK(error->kind() == sdk::ErrorKind::parameter);
  CHECK(error->report().find("(0.5, 1.25)") != std::string::npos);
}

TEST_CASE("What cannot be sampled is refused on all ranks", "[problem][points]") {
  const BoundCase c(two_blocks(mixed));
  const problem::Sites sites(c.problem);
  const auto refused = [&](const auto& work, const std::string& word) {
    const auto error = error_of(work);
    REQUIRE(error);
    CHECK(error->kind() == sdk::ErrorKind::parameter);
    CHECK(error->report().find(word) != std::string::npos);
  };
  refused([&] { problem::sample(c.problem, sites, 0, {"sobel", 10}); }, "did you mean \"sobol\"?");
  refused([&] { problem::sample(c.problem, sites, 0, {"sobol", 0}); }, "at least 1");
  refused([&] { problem::sample(c.problem, sites, 99, {"sobol", 10}); }, "no site 99");
  refused([&] { problem::quadrature(c.problem, sites, -1, 2); }, "no site -1");
  refused([&] { problem::quadrature(c.problem, sites, 0, 41); }, "40");
  refused([&] { problem::quadrature(c.problem, sites, 0, -1); }, "-1");
}

TEST_CASE("Points know the fields of [data], their gradients, and normals that expressions use", "[problem][points]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  {
    mesh::BoxOptions options{{}, {2.0, 1.0}, {4, 3}, mesh::CellType::quadrilateral, mesh::BoxPattern::right, {}};
    const auto mesh = mesh::box(comm, options);
    const fem::VisualSampler sampler(mesh, std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(mesh, 2)));
    const auto writer = io::make_visual_writer("series", comm, {folder.path(), "fields", {}});
    writer->set_mesh(sampler.mesh());
    std::vector<double> values;
    for (std::int64_t p = 0; p < sampler.mesh().num_points(); ++p) {
      const double x = sampler.mesh().points[3 * p], y = sampler.mesh().points[3 * p + 1];
      values.push_back(1.0 + x * x - 2.0 * x * y);
    }
    const sdk::VisualField fields[] = {{"u", "K", sdk::VisualLocation::points, 1, values}};
    writer->write_step(0.0, fields);
  }
  const BoundCase c(two_blocks(R"({ on = "top", heat_flux = "known*normal_y" })", R"toml(
[data.known]
file = ")toml" + folder.file("fields.hdf.series") + R"toml("
field = "u"
[solver]
order = 2
)toml"));
  const problem::Sites sites(c.problem);
  for (std::size_t s = 0; s < sites.all().size(); ++s) {
    const bool on_facets = sites.all()[s].kind != Kind::volume;
    const auto points = problem::sample(c.problem, sites, static_cast<int>(s), {"halton", 50});
    const std::size_t n = points.cells.size();
    REQUIRE(points.data.size() == 3 * n);
    REQUIRE(points.data_gradients.size() == 6 * n);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = points.positions[2 * i], y = points.positions[2 * i + 1];
      CHECK(points.data[3 * i] == Approx(1.0 + x * x - 2.0 * x * y).epsilon(1e-12));
      CHECK(points.data_gradients[6 * i] == Approx(2.0 * x - 2.0 * y).margin(1e-12));
      CHECK(points.data_gradients[6 * i + 1] == Approx(-2.0 * x).margin(1e-12));
      for (int k = 0; k < 2; ++k) CHECK(points.data[3 * i + 1 + k] == (on_facets ? points.normals[2 * i + k] : 0.0));
    }
  }
}

TEST_CASE("The strong residual of an exact solution is zero on all sites of a case", "[problem][points]") {
  // u = 3 (x - 1) + y^2 and x - 1 + y^2 where the conductivity is 3.
  const BoundCase c(two_blocks(mixed));
  const problem::Sites sites(c.problem);
  const double k = 3.0;
  for (std::size_t s = 0; s < sites.all().size(); ++s) {
    const auto& site = sites.all()[s];
    CAPTURE(site.name);
    const auto points = problem::sample(c.problem, sites, static_cast<int>(s), {"sobol", 100});
    const sdk::StrongForm form(c.problem.physics(), site, 2, 1);
    std::vector<double> jets;
    for (std::size_t i = 0; i < points.cells.size(); ++i) {
      const double x = points.positions[2 * i], y = points.positions[2 * i + 1];
      for (int side = 0; side < form.sides(); ++side) {
        const bool west = (side == 0 ? site.region : site.other_region) == 0;
        const double slope = west ? 3.0 : 3.0 / k;
        for (const double entry : {slope * (x - 1.0) + y * y, 0.0, slope, 2.0 * y, 0.0, 2.0, 0.0})
          jets.push_back(entry);
      }
    }
    const std::vector<double> time{0.0}, parameters{k};
    std::vector<double> R(points.cells.size(), 1.0);
    form.residual(points, {.times = time, .parameters = parameters}, jets, R);
    for (const double r : R) CHECK(r == Approx(0.0).margin(1e-12));
    // Any other solution is told from it.
    for (std::size_t i = 0; i < jets.size(); i += 7)
      jets[i] += 0.1, jets[i + 2] += 0.1, jets[i + 3] += 0.1, jets[i + 5] += 1.0;
    form.residual(points, {.times = time, .parameters = parameters}, jets, R);
    for (const double r : R) CHECK(std::abs(r) > 0.05);
  }
}
