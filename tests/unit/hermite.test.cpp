#include "engine/time/learning/hermite.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/gravity.hpp"

using namespace ansatz;

namespace {

/// Energy error and evaluations after 300 intervals of 0.1 years with steps of `mu` times the collision time.
struct Outcome {
  double log_error, evaluations;
};

/// The rule: each interval's last step is cut, one evaluation at the start, end where |dE / E| is above 0.1.
Outcome three_bodies(std::uint32_t seed, double mu) {
  const test::ThreeBodies bodies(seed);
  test::Gravity gravity(bodies.masses);
  const double energy = gravity.energy(bodies.x, bodies.v);
  time::Hermite hermite(gravity, bodies.x, bodies.v, mu);
  double error = 0.0;
  for (int n = 1; n <= 300 && error <= 0.1; ++n) {
    hermite.advance(0.1 * n * test::ThreeBodies::year);
    error = std::abs((gravity.energy(hermite.positions(), hermite.velocities()) - energy) / energy) + 1e-20;
  }
  return {std::log10(error), static_cast<double>(hermite.evaluations())};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto n = values.size();
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

struct Row {
  double mu, log_error, evaluations;
};

void check_rows(std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    std::vector<double> errors, evaluations;
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
      const auto outcome = three_bodies(seed, row.mu);
      errors.push_back(outcome.log_error);
      evaluations.push_back(outcome.evaluations);
    }
    UNSCOPED_INFO("mu = " << row.mu << ": median log10 |dE/E| " << median(errors) << " (" << row.log_error
                          << "), evaluations " << median(evaluations) << " (" << row.evaluations << ")");
    CHECK(median(errors) - row.log_error <= 0.3);
    // Below 3e-4 errors are round-off alone, and ours are smaller than the table's.
    if (row.mu > 3e-4) CHECK(std::abs(median(errors) - row.log_error) <= 0.3);
    CHECK(std::abs(median(evaluations) / row.evaluations - 1.0) <= 0.05);
  }
}

}  // namespace

TEST_CASE("The places of the three bodies are those that NumPy draws", "[time]") {
  const test::ThreeBodies bodies(0);
  // 13.232203, 7.151894, -6.027634, 13.173248 relative to the first body, which was at the origin.
  CHECK(bodies.x[2] - bodies.x[0] == Approx(13.232203).epsilon(1e-7));
  CHECK(bodies.x[3] - bodies.x[1] == Approx(7.151894).epsilon(1e-7));
  CHECK(bodies.x[4] - bodies.x[0] == Approx(-6.027634).epsilon(1e-7));
  CHECK(bodies.x[5] - bodies.x[1] == Approx(13.173248).epsilon(1e-7));
}

TEST_CASE("The Hermite scheme is of order four on an eccentric orbit", "[time]") {
  // Two bodies of mass 1/2: the relative orbit has semi-axis 1, period 2 pi and eccentricity 0.3.
  constexpr double pi = 3.14159265358979323846;
  double errors[2];
  for (int k = 0; k < 2; ++k) {
    test::Gravity gravity({0.5, 0.5});
    const double speed = std::sqrt(1.3 / 0.7);
    const std::vector<double> x{-0.35, 0.0, 0.35, 0.0}, v{0.0, -0.5 * speed, 0.0, 0.5 * speed};
    time::Hermite hermite(gravity, x, v, k == 0 ? 0.02 : 0.01);
    hermite.advance(2.0 * pi);
    errors[k] = std::hypot(hermite.positions()[2] - 0.35, hermite.positions()[3]);
  }
  CHECK(errors[1] < 1e-6);
  CHECK(std::log2(errors[0] / errors[1]) == Approx(4.0).margin(0.2));
}

TEST_CASE("Energy errors and work of fixed step parameters are those of the baseline table", "[time]") {
  check_rows({{0.1, -3.0, 650}, {4.64e-2, -4.6, 1268}, {2.15e-2, -6.3, 2573}, {1e-2, -7.9, 5350}});
}

TEST_CASE("So are those of small steps, where round-off takes over", "[time][slow]") {
  check_rows({{4.64e-3, -9.5, 11375},
              {2.15e-3, -10.9, 24369},
              {1e-3, -11.1, 52303},
              {4.64e-4, -11.4, 112516},
              {2.15e-4, -10.8, 242229},
              {1e-4, -10.2, 521700}});
}
