// A reduced model in time by itself: no allocation, and one scalar equation by hand.
#include "engine/reduced/in_time/parabolic_model.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;
using namespace ansatz::reduced;
using namespace ansatz::sampling;

namespace {

constexpr double dt = 0.125;
constexpr int steps = 4;

/// m u' + a u = b t + m g cos(t)' for mu = (a), with a basis of one function for one unknown: m = 2, b = 3; the
/// residual and initial values have a second direction that the basis does not reach.
ParabolicModelData scalar(const std::string& method) {
  sdk::SymbolTable symbols;
  symbols.add_parameter("a", 0);
  symbols.add_parameter("t", 1);
  const auto compile = [&](const char* text) { return sdk::Expression::compile(text, symbols, "test"); };
  const auto matrix = [](int rows, int columns, std::vector<double> values) {
    Dense out(rows, columns);
    out.values = std::move(values);
    return out;
  };
  ParabolicModelData data;
  auto& space = data.space;
  space.box = {{"a", 1.0, 5.0}};
  space.reference = {1.0};
  space.operator_thetas.add_term(space.operator_thetas.add_factor(compile("a")));
  space.rhs_thetas.add_term(space.rhs_thetas.add_factor(compile("t")));
  space.rates.mass_thetas.add_term(-1);
  space.rates.rhs_thetas.add_term(space.rates.rhs_thetas.add_factor(compile("cos(t)")));
  space.size = 1;
  space.operators = {matrix(1, 1, {1.0})};
  space.rates.masses = {matrix(1, 1, {2.0})};
  space.rhs = matrix(1, 1, {3.0});
  space.rates.rhs = matrix(1, 1, {2.0});
  space.residual = matrix(2, 4, {3.0, 0.5, 2.0, 0.0, -1.0, 0.0, -2.0, 0.25});
  space.stability = Stability::min_theta({0}, {1.0});
  data.time.grid = {method, 0.0, dt, steps, dt * steps};
  data.time.initial = matrix(1, 1, {0.7});
  data.time.initial_error = matrix(1, 1, {0.1});
  data.time.initial_norms = data.time.mass_reference = {1.0};
  data.time.initial_thetas.add_term(-1);
  return data;
}

}  // namespace

TEST_CASE("A model in time steps and bounds as its formulas say", "[reduced][parabolic]") {
  for (const double theta : {1.0, 0.5}) {
    const ParabolicModel model(scalar(theta == 1.0 ? "backward_euler" : "crank_nicolson"));
    ParabolicModel::Workspace work(model);
    const double a = 1.5;
    const auto result = model.solve(std::vector{a}, work);
    double c = 0.7, squares = 0.0;
    for (int k = 1; k <= steps; ++k) {
      const double t = k * dt, mean_t = theta * t + (1.0 - theta) * (t - dt),
                   rate = (std::cos(t) - std::cos(t - dt)) / dt;
      const double next = (3.0 * mean_t + 2.0 * rate + 2.0 * c / dt - (1.0 - theta) * a * c) / (2.0 / dt + theta * a);
      // The first direction of the residual vanishes: that is the Galerkin system.
      const double r = 0.5 * mean_t + 0.25 * (next - c) / dt;
      squares += r * r;
      c = next;
      CHECK(result.coefficients[k] == Approx(c).epsilon(1e-13));
    }
    CHECK(result.initial_error == Approx(0.1));
    CHECK(result.residual == Approx(std::sqrt(dt / a * squares)).epsilon(1e-12));
    CHECK(result.bound == Approx(std::sqrt(0.01 + dt / a * squares)).epsilon(1e-12));
    CHECK(result.round_off < 1e-13);
  }
}

TEST_CASE("A model in time allocates nothing online", "[reduced][parabolic]") {
  const ParabolicModel model(scalar("crank_nicolson"));
  ParabolicModel::Workspace work(model);
  const std::vector<double> mu{2.0};
  const std::size_t before = test::allocation_count();
  model.solve(mu, work);
  CHECK(test::allocation_count() == before);
}

TEST_CASE("A model in time refuses parameters outside of its box and parts that do not fit", "[reduced][parabolic]") {
  const ParabolicModel model(scalar("backward_euler"));
  ParabolicModel::Workspace work(model);
  CHECK_THROWS_WITH(model.solve(std::vector{0.5}, work), Catch::Contains("a = 0.5 is outside of [1, 5]"));
  auto data = scalar("backward_euler");
  data.space.residual = Dense(2, 3);
  CHECK_THROWS_AS(ParabolicModel(data), sdk::Error);
}
