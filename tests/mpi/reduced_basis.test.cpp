// Separated problems and reduced bases on them, against finite-element solutions of the same problem.
#include <catch2/catch.hpp>

#include "engine/reduced/basis/strong_greedy.hpp"
#include "tests/mpi/reduced_problems.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using test::fem_solution;
using test::Fixture;

namespace {

const std::string thermal_block = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [8, 8], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 2], values = ["k1", "k2", "k3", 0.5] }
source       = 1.0
boundary     = [{ on = "left", temperature = "t0 * (1 + y)" }, { on = "right", temperature = 0.0 }]
[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }
k3 = { range = [0.1, 1.0], default = 0.5 }
t0 = { range = [-1.0, 1.0], default = 0.1 }
)toml";

}  // namespace

TEST_CASE("A problem is separated into the terms of its coefficients and prescribed values", "[reduced]") {
  Fixture f(thermal_block);
  const auto separated = f.separate();
  REQUIRE(separated);
  CHECK(separated->operators.size() == 4);  // the block of conductivity 0.5, and one for each other block
  CHECK(separated->liftings.num_columns() == 1);
  CHECK(separated->operator_thetas(std::vector{0.2, 0.3, 0.4, 9.0}) == std::vector{1.0, 0.2, 0.3, 0.4});
  CHECK(separated->lifting_thetas(std::vector{0.2, 0.3, 0.4, 9.0}) == std::vector{9.0});
}

TEST_CASE("What does not separate is named", "[reduced]") {
  std::string text = thermal_block;
  const auto replace = [&](const std::string& what, const std::string& by) {
    text.replace(text.find(what), what.size(), by);
  };
  SECTION("a coefficient") {
    replace("source       = 1.0", "source = \"exp(-k1 * x)\"");
    Fixture f(text);
    CHECK_FALSE(f.separate());
    CHECK(f.reason.find("exp") != std::string::npos);
  }
  SECTION("a prescribed value") {
    replace("t0 * (1 + y)", "sin(t0 * y)");
    Fixture f(text);
    CHECK_FALSE(f.separate());
    CHECK(f.reason.find("sin") != std::string::npos);
  }
  SECTION("products of coefficients in the equations") {
    replace("source       = 1.0", "capacity = \"1 + k1\"\nvelocity = [\"k2\", 0.0]");
    Fixture f(text);
    CHECK_FALSE(f.separate());
    CHECK(f.reason.find("not affine") != std::string::npos);
  }
}

TEST_CASE("A reduced basis gives its snapshots back, and its bound holds elsewhere", "[reduced]") {
  Fixture f(thermal_block);
  reduced::ReducedBasis basis(f.problem.form(), *f.separate(), f.box, f.reference, {});
  const std::vector<std::vector<double>> training{
      {0.1, 0.1, 0.1, 0.0}, {1.0, 0.1, 0.1, 1.0}, {0.1, 1.0, 0.1, -1.0}, {0.1, 0.1, 1.0, 0.5}, {1.0, 1.0, 1.0, 0.1}};
  for (const auto& mu : training) CHECK(basis.extend(mu));
  CHECK_FALSE(basis.extend(training[2]));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  const auto error_at = [&](const std::vector<double>& mu, const reduced::ReducedModel::Result& result) {
    auto difference = fem_solution(f, mu);
    linear::add_scaled(-1.0, basis.lift(result.coefficients, result.liftings), difference);
    return basis.product().norm(difference);
  };
  for (const auto& mu : training) {
    const auto result = model.solve(mu, work);
    CHECK(error_at(mu, result) <= 1e-11);
    CHECK(result.bound <= 1e-11);
  }
  for (const std::vector<double>& mu :
       {std::vector{0.5, 0.2, 0.8, 0.3}, {0.15, 0.9, 0.4, -0.7}, {0.7, 0.6, 0.12, 0.9}}) {
    const auto result = model.solve(mu, work);
    const double error = error_at(mu, result);
    CHECK(error > 1e-4);
    CHECK(result.bound >= error);
    // The constants of coercivity and continuity differ by max theta / min theta at most.
    CHECK(result.bound <= error * 12.0);
  }
}

TEST_CASE("The strong greedy algorithm picks by the true errors, which it knows on its training set", "[reduced]") {
  Fixture f(thermal_block);
  reduced::ReducedBasis basis(f.problem.form(), *f.separate(), f.box, f.reference, {});
  const auto training = sample(sampling::ParameterBox(f.box), {.method = "latin_hypercube", .size = 9, .seed = 3});
  std::size_t solved = 0;
  reduced::StrongGreedy surrogate(basis, training, [&](std::size_t count) { solved = count; });
  CHECK(solved == 9);
  const auto result = sampling::greedy(surrogate, training, {.tolerance = 0.0, .max_extensions = 3});
  REQUIRE(basis.size() == 3);
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  std::vector<double> errors;
  for (std::size_t i = 0; i < training.size(); ++i) {
    const std::vector<double> mu(training[i].begin(), training[i].end());
    const auto at = model.solve(mu, work);
    auto difference = fem_solution(f, mu);
    linear::add_scaled(-1.0, basis.lift(at.coefficients, at.liftings), difference);
    errors.push_back(basis.product().norm(difference));
    CHECK(at.bound >= errors.back() * (1.0 - 1e-9));
  }
  const auto known = surrogate.evaluate(training);
  for (std::size_t i = 0; i < errors.size(); ++i) CHECK(known[i] == Approx(errors[i]).margin(1e-9));
  CHECK(result.largest == Approx(*std::ranges::max_element(errors)).margin(1e-9));
  for (const auto& step : result.steps) CHECK(errors[step.index] < 1e-9);
  const auto others = sample(sampling::ParameterBox(f.box), {.method = "latin_hypercube", .size = 9, .seed = 4});
  CHECK(test::kind_of([&] { surrogate.evaluate(others); }) == sdk::ErrorKind::internal);
}

TEST_CASE("The norm of the residual that a model computes is that of the assembled residual", "[reduced]") {
  Fixture f(thermal_block);
  reduced::ReducedBasis basis(f.problem.form(), *f.separate(), f.box, f.reference, {});
  CHECK(basis.extend(std::vector{0.1, 0.7, 0.4, 0.2}));
  CHECK(basis.extend(std::vector{0.9, 0.2, 0.3, -0.4}));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  const std::vector<double> mu{0.3, 0.3, 0.9, 0.6};
  const auto result = model.solve(mu, work);
  // By the definition of the dual norm: assemble at the lifted solution, then solve with X.
  const auto u = basis.lift(result.coefficients, result.liftings);
  fem::DiscreteProblem discrete(f.problem.form(), f.problem.dirichlet(), {.solver = "direct"});
  f.problem.set_parameters(f.reference);
  const auto& X = discrete.jacobian(0.0, u, std::nullopt, {});
  std::vector<double> F(u.size()), g(u.size());
  f.problem.form().set_parameters(mu);
  discrete.residual(0.0, u, std::nullopt, F);
  discrete.solver(X).solve(F, g);
  const double expected = std::sqrt(linear::dot(discrete.comm(), F, g));
  CHECK(expected > 1e-3);
  CHECK(result.residual_norm == Approx(expected).epsilon(1e-9));
}

TEST_CASE("Parameters outside of the box of a model are refused", "[reduced]") {
  Fixture f(thermal_block);
  reduced::ReducedBasis basis(f.problem.form(), *f.separate(), f.box, f.reference, {});
  CHECK(basis.extend(std::vector{0.1, 0.7, 0.4, 0.2}));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  CHECK_THROWS_WITH(model.solve(std::vector{0.1, 1.7, 0.4, 0.2}, work),
                    Catch::Contains("k2 = 1.7 is outside of [0.1, 1]"));
}
