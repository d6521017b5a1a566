#include "engine/time/learning/hermite_environment.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/errors.hpp"
#include "tests/support/three_body_study.hpp"

using namespace ansatz;
using Features = time::HermiteStudy::Features;

TEST_CASE("The published study has thirteen features and ten actions, even in the logarithm", "[time]") {
  const auto environment = test::three_body_study(100, Features::state);
  CHECK(environment->feature_names() == std::vector<std::string>{"x0.x", "x0.y", "x1.x", "x1.y", "x2.x", "x2.y", "v0.x",
                                                                 "v0.y", "v1.x", "v1.y", "v2.x", "v2.y",
                                                                 "-log10 energy error"});
  const auto& actions = environment->action_values();
  REQUIRE(actions.size() == 10);
  CHECK(actions.front() == Approx(1e-4));
  CHECK(actions.back() == Approx(1e-1));
  for (std::size_t k = 1; k < actions.size(); ++k) CHECK(actions[k] / actions[k - 1] == Approx(std::cbrt(10.0)));
}

TEST_CASE("A step of the process evolves the bodies by an interval, with the reward of the formula", "[time]") {
  const auto environment = test::three_body_study(4, Features::state);
  std::vector<double> observation(13);
  environment->reset(0, observation);
  const test::ThreeBodies bodies(0);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(observation[i] == bodies.x[i] / 10.0);
    CHECK(observation[6 + i] == bodies.v[i]);
  }
  CHECK(observation[12] == 0.0);

  test::Gravity gravity(bodies.masses);
  time::Hermite hermite(gravity, bodies.x, bodies.v, 0.1);
  const double start = gravity.energy(bodies.x, bodies.v);
  const int actions[] = {9, 6, 3, 9};
  const double exponents[] = {-1.0, -2.0, -3.0, -1.0};  // of the step parameter
  for (int n = 1; n <= 4; ++n) {
    const auto outcome = environment->step(actions[n - 1], observation);
    hermite.set_fraction(std::pow(10.0, exponents[n - 1]));
    hermite.advance(0.1 * n * test::ThreeBodies::year);
    const double error = std::abs(gravity.energy(hermite.positions(), hermite.velocities()) / start - 1.0) + 1e-20;
    const double l = std::log10(error);
    CAPTURE(n, l);
    CHECK(observation[0] == Approx(hermite.positions()[0] / 10.0).epsilon(1e-12));
    CHECK(observation[11] == Approx(hermite.velocities()[5]).epsilon(1e-12));
    CHECK(observation[12] == Approx(-l).epsilon(1e-4));  // round-off in the energies
    const double reward = -3000.0 * (l + 10.0) / std::pow(std::abs(l), 3) / n + 4.0 / std::abs(exponents[n - 1]);
    CHECK(outcome.reward == (n == 1 ? Approx(0.0) : Approx(reward).epsilon(1e-3)));
    CHECK(outcome.done == (n == 4));
    CHECK(outcome.cut == (n == 4));
    CHECK(environment->evaluations() == hermite.evaluations());
  }
}

TEST_CASE("An episode ends for good where the energy error is above its limit", "[time]") {
  // With the largest steps some of the hundred motions lose their energy within 300 intervals.
  const auto environment = test::three_body_study(300, Features::closest);
  std::vector<double> observation(3);
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    environment->reset(seed, observation);
    sdk::Outcome outcome;
    int steps = 0;
    for (; !outcome.done; ++steps) outcome = environment->step(9, observation);
    const bool is_lost = environment->energy_error() > 0.1;
    CHECK(outcome.cut == !is_lost);
    if (!is_lost) CHECK(steps == 300);
    if (is_lost) {
      ++lost;
      // Errors count as 0.1 at most: log10 is -1.
      CHECK(outcome.reward == Approx(-3000.0 * 9.0 / steps + 4.0));
    }
  }
  CHECK(lost == Approx(6).margin(3));  // six of them in the baseline
}

TEST_CASE("The features of the closest bodies are their distance and relative speed", "[time]") {
  const auto environment = test::three_body_study(100, Features::closest);
  std::vector<double> observation(3);
  environment->reset(0, observation);
  // Bodies 0 and 1 are sqrt(13.23^2 + 7.15^2) = 15.0 apart, 0 and 2 sqrt(6.03^2 + 13.17^2) = 14.5, 1 and 2 more.
  CHECK(observation[0] == Approx(std::hypot(6.027634, 13.173248) / 10.0).epsilon(1e-6));
  CHECK(observation[1] == Approx(10.0 * test::ThreeBodies::kilometre_per_second));  // body 2 is at rest
  CHECK(observation[2] == 0.0);
}

TEST_CASE("The same seed and actions give the same episode, whatever came before", "[time]") {
  const auto first = test::three_body_study(100, Features::state),
             second = test::three_body_study(100, Features::state);
  std::vector<double> a(13), b(13);
  second->reset(17, b);
  for (int k = 0; k < 5; ++k) second->step(9 - k, b);
  first->reset(42, a);
  second->reset(42, b);
  for (int k = 0; k < 10; ++k) {
    const auto one = first->step(k, a), other = second->step(k, b);
    CHECK(one.reward == other.reward);
    CHECK(a == b);
  }
}

TEST_CASE("A step before the first reset, or with an action that there is not, is refused", "[time]") {
  const auto environment = test::three_body_study(100, Features::closest);
  std::vector<double> observation(3);
  CHECK(test::kind_of([&] { environment->step(0, observation); }) == sdk::ErrorKind::internal);
  environment->reset(0, observation);
  CHECK(test::kind_of([&] { environment->step(10, observation); }) == sdk::ErrorKind::internal);
  CHECK(test::kind_of([&] { environment->step(-1, observation); }) == sdk::ErrorKind::internal);
}
