// Coercivity constants: SCM against exact eigenvalues, and error bounds of problems without symmetry.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/reduced/storage/model_file.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;
using test::fem_solution;
using test::Fixture;

namespace {

// Convection that changes the symmetric part (its divergence is not zero), and an absorption of both signs.
const std::string indefinite = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k", 1.0] }
velocity     = ["b * x", "0.5 * b * sin(3 * y)"]
reaction     = "s"
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
k = { range = [0.5, 2.0], default = 1.0 }
b = { range = [-1.0, 3.0], default = 0.0 }
s = { range = [-4.0, 1.0], default = 0.0 }
)toml";

const std::string advection = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [12, 12], cell = "quadrilateral" }
[physics.diffusion]
conductivity = "k"
velocity     = ["b1", "b2"]
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
k  = { range = [0.05, 0.2], default = 0.1 }
b1 = { range = [-2.0, 2.0], default = 0.0 }
b2 = { range = [-2.0, 2.0], default = 0.0 }
)toml";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

sampling::TrainingSet points(const Fixture& f, const std::string& method, std::size_t size, std::uint64_t seed) {
  return sampling::sample(sampling::ParameterBox(f.box), {.method = method, .size = size, .seed = seed});
}

std::vector<double> copy(std::span<const double> mu) { return {mu.begin(), mu.end()}; }

reduced::ReducedBasis basis_of(Fixture& f) { return {f.problem.form(), *f.separate(), f.box, f.reference, {}}; }

reduced::Stability trained(const Fixture& f, const reduced::ReducedBasis& basis, double tolerance = 0.3) {
  return reduced::train_scm(basis.symmetric_terms(), basis.problem().operator_thetas, f.box, basis.X(),
                            points(f, "sobol", 40, 1), {.tolerance = tolerance});
}

linear::SmallestEigenvalue exact(const reduced::ReducedBasis& basis, std::span<const double> mu) {
  return reduced::coercivity(basis.symmetric_terms(), basis.problem().operator_thetas(mu), basis.X(), 10.0, -1.0);
}

/// Error of a reduced solution in the norm of X.
double error_at(Fixture& f, const reduced::ReducedBasis& basis, std::span<const double> mu,
                const reduced::ReducedModel::Result& result) {
  auto difference = fem_solution(f, copy(mu));
  linear::add_scaled(-1.0, basis.lift(result.coefficients, result.liftings), difference);
  return basis.product().norm(difference);
}

}  // namespace

TEST_CASE("The symmetric part of a matrix is half the sum with its transpose", "[reduced]") {
  Fixture f(indefinite);
  const auto separated = f.separate();
  REQUIRE(separated);
  const base::Communicator comm(MPI_COMM_WORLD);
  for (const auto& A : separated->operators) {
    const auto S = linear::symmetric_part(*A);
    std::vector<double> u, v, Au, Av, Sv;
    for (std::int32_t i = 0; i < A->pattern().num_owned; ++i) {
      u.push_back(std::sin(double(A->pattern().first_global + i)));
      v.push_back(std::cos(3.0 * double(A->pattern().first_global + i)));
    }
    Au = Av = Sv = u;
    A->multiply(u, Au);
    A->multiply(v, Av);
    S->multiply(v, Sv);
    const double expected = 0.5 * (linear::dot(comm, u, Av) + linear::dot(comm, v, Au));
    CHECK(linear::dot(comm, u, Sv) == Approx(expected).epsilon(1e-12).margin(1e-12));
  }
}

TEST_CASE("Smallest eigenvalues are those of the Laplacian on a square", "[reduced]") {
  // S = -laplace + s with X = -laplace: the constant is 1 + s / lambda_1. Bilinear elements of size h, mass and
  // stiffness as tensor products: lambda_1 = 2 * 6 / h^2 (1 - cos pi h) / (2 + cos pi h).
  Fixture f(replaced(replaced(replaced(indefinite, "[6, 6], cell = \"triangle\", pattern = \"crossed\"",
                                       "[12, 12], cell = \"quadrilateral\""),
                              "{ by_block = [2, 1], values = [\"k\", 1.0] }", "\"k\""),
                     "[\"b * x\", \"0.5 * b * sin(3 * y)\"]", "[\"b\", 0.0]"));
  auto basis = basis_of(f);
  const double h = 1.0 / 12.0, c = std::cos(std::numbers::pi * h);
  const double first = 2.0 * 6.0 / (h * h) * (1.0 - c) / (2.0 + c);
  const auto result = exact(basis, std::vector{3.0, 2.0, -4.0});
  CHECK(result.value == Approx(2.0 - 4.0 / first).epsilon(1e-10));
  CHECK(result.lower <= result.value);
  CHECK(result.lower == Approx(result.value).epsilon(1e-8));
}

TEST_CASE("The successive constraint method encloses coercivity constants", "[reduced]") {
  Fixture f(indefinite, base::Communicator(MPI_COMM_SELF));  // parallel training is below
  auto basis = basis_of(f);
  CHECK(basis.min_theta_objection().find("is not positive") != std::string::npos);
  const auto stability = trained(f, basis, 0.1);
  CHECK(stability.name() == "SCM");
  CHECK(stability.data().eigenvalues.size() >= 4);
  reduced::Stability::Workspace work(stability);
  const auto& thetas = basis.problem().operator_thetas;
  const auto& data = stability.data();
  for (int k = 0; k < std::min(3, data.points.columns); ++k) {
    const auto mu = data.points.column(k);
    const double alpha = exact(basis, mu).value;
    CHECK(stability.lower(mu, thetas(mu), work) == Approx(alpha).epsilon(1e-7));
    CHECK(stability.upper(thetas(mu)) == Approx(alpha).epsilon(1e-9));
  }
  const auto test_points = points(f, "random", 4, 99);
  double widest = 0.0;
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto mu = test_points[i];
    const auto alpha = exact(basis, mu);
    const double lower = stability.lower(mu, thetas(mu), work), upper = stability.upper(thetas(mu));
    CHECK(lower <= alpha.value);
    CHECK(alpha.lower <= upper * (1.0 + 1e-12));
    widest = std::max(widest, (upper - lower) / upper);
  }
  CHECK(widest < 0.5);
}

TEST_CASE("The successive constraint method is the same on any number of ranks", "[reduced]") {
  const auto train = [](const base::Communicator& comm) {
    Fixture f(indefinite, comm);
    auto basis = basis_of(f);
    return trained(f, basis).data();
  };
  const auto all = train(base::Communicator(MPI_COMM_WORLD)), one = train(base::Communicator(MPI_COMM_SELF));
  CHECK(all.points.values == one.points.values);
  REQUIRE(all.eigenvalues.size() == one.eigenvalues.size());
  for (std::size_t k = 0; k < all.eigenvalues.size(); ++k)
    CHECK(all.eigenvalues[k] == Approx(one.eigenvalues[k]).margin(1e-8));
  for (std::size_t q = 0; q < all.low.size(); ++q) {
    CHECK(all.low[q] == Approx(one.low[q]).margin(1e-7));
    CHECK(all.high[q] == Approx(one.high[q]).margin(1e-7));
  }
}

TEST_CASE("Bounds by the successive constraint method hold for a problem without symmetry", "[reduced]") {
  Fixture f(indefinite);
  auto basis = basis_of(f);
  CHECK_FALSE(basis.symmetric_terms().all_symmetric());
  basis.set_stability(trained(f, basis));
  const auto training = points(f, "sobol", 5, 1);
  for (std::size_t i = 0; i < training.size(); ++i) CHECK(basis.extend(training[i]));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  for (std::size_t i = 0; i < training.size(); ++i)
    CHECK(error_at(f, basis, training[i], model.solve(training[i], work)) <= 1e-11);
  const auto test_points = points(f, "random", 5, 5);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto result = model.solve(test_points[i], work);
    const double error = error_at(f, basis, test_points[i], result);
    CHECK(error > 1e-6);
    CHECK(result.bound >= error);
    CHECK(result.bound <= 50.0 * error);
  }
}

TEST_CASE("Convection without divergence needs no successive constraints", "[reduced]") {
  Fixture f(advection);
  auto basis = basis_of(f);
  CHECK(basis.min_theta_objection().empty());
  CHECK(basis.symmetric_terms().nonzero().size() == 1);
  CHECK(basis.problem().operators.size() == 3);
  const auto training = points(f, "sobol", 6, 1);
  for (std::size_t i = 0; i < training.size(); ++i) CHECK(basis.extend(training[i]));
  const auto model = basis.model();
  CHECK(model.data().stability.name() == "min-theta");
  reduced::ReducedModel::Workspace work(model);
  const auto test_points = points(f, "random", 5, 5);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto mu = test_points[i];
    const auto result = model.solve(mu, work);
    CHECK(result.stability == Approx(mu[2] / 0.1));
    CHECK(exact(basis, mu).value == Approx(result.stability).epsilon(1e-10));
    const double error = error_at(f, basis, mu, result);
    CHECK(error > 1e-4);
    CHECK(result.bound >= error);
  }
}

TEST_CASE("Problems that are not coercive are refused by parameter", "[reduced]") {
  SECTION("somewhere in the box") {
    Fixture f(replaced(indefinite, "[-4.0, 1.0]", "[-40.0, 1.0]"), base::Communicator(MPI_COMM_SELF));
    auto basis = basis_of(f);
    CHECK_THROWS_WITH(trained(f, basis), Catch::Contains("not coercive at b = "));
  }
  SECTION("at the reference") {
    Fixture f(replaced(indefinite, "range = [-4.0, 1.0], default = 0.0", "range = [-40.0, 1.0], default = -40.0"));
    auto separated = f.separate();
    REQUIRE(separated);
    CHECK_THROWS_WITH(reduced::ReducedBasis(f.problem.form(), std::move(*separated), f.box, f.reference, {}),
                      Catch::Contains("not coercive at the reference"));
  }
}

TEST_CASE("A stored model gives the lower bounds of the one that was stored", "[reduced]") {
  Fixture f(indefinite);
  const base::Communicator comm(MPI_COMM_WORLD);
  const test::TemporaryFolder folder(comm);
  auto basis = basis_of(f);
  basis.set_stability(trained(f, basis, 0.9));
  CHECK(basis.extend(std::vector{0.5, 1.0, -1.0}));
  const auto model = basis.model();
  io::write_model(folder.file("model.h5"), {"problem", model.data()}, f.problem.dofs(), basis.basis(),
                  basis.problem().liftings);
  const reduced::ReducedModel read(io::read_model(comm, folder.file("model.h5")).data);
  CHECK(read.data().stability.name() == "SCM");
  reduced::ReducedModel::Workspace work(model), other(read);
  const auto test_points = points(f, "random", 20, 3);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto a = model.solve(test_points[i], work);
    const auto b = read.solve(test_points[i], other);
    CHECK(a.stability == b.stability);
    CHECK(a.bound == b.bound);
  }
}
