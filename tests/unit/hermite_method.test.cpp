// The Hermite scheme in the loop: order, error control, dense output, agreement with the scheme of fixed fractions,
// restart.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/time/learning/hermite.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/orbits.hpp"
#include "tests/support/restart_check.hpp"
#include "tests/support/smooth_problems.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

template <class System>
double error(double end, int steps, const std::vector<double>& exact) {
  const auto system = test::ode_system<System>();
  OdeTimeSystem in_time(system);
  return test::distance(test::in_steps(in_time, "hermite4", 0.0, system.info().initial, end, steps), exact);
}

/// Kepler's problem as the scheme of fixed fractions sees it, with a formula of its own for the jerk.
class KeplerJerk final : public JerkFunction {
 public:
  std::size_t size() const override { return 2; }
  void evaluate(std::span<const double> x, std::span<const double> v, std::span<double> a,
                std::span<double> j) override {
    const double r = std::hypot(x[0], x[1]), r3 = r * r * r, alpha = 3.0 * (x[0] * v[0] + x[1] * v[1]) / (r * r);
    for (std::size_t i = 0; i < 2; ++i) {
      a[i] = -x[i] / r3;
      j[i] = -(v[i] - alpha * x[i]) / r3;
    }
  }
  double shortest_time(std::span<const double>, std::span<const double>) const override { return 1.0; }
};

}  // namespace

TEST_CASE("The Hermite scheme has order 4, also with forces that depend on time and velocity", "[time]") {
  const auto orbit = test::Kepler::exact(5.0), spring = test::ForcedSpring::exact(3.0);
  const double k = std::log2(error<test::Kepler>(5.0, 200, orbit) / error<test::Kepler>(5.0, 400, orbit)),
               s = std::log2(error<test::ForcedSpring>(3.0, 50, spring) / error<test::ForcedSpring>(3.0, 100, spring)),
               d = std::log2(error<test::DampedSpring>(3.0, 50, spring) / error<test::DampedSpring>(3.0, 100, spring));
  INFO(k << " " << s << " " << d);
  CHECK(k > 3.8);
  CHECK(s > 3.8);
  CHECK(d > 3.8);
}

TEST_CASE("Equal steps of the Hermite scheme are those of the scheme of fixed fractions", "[time]") {
  KeplerJerk f;
  const auto start = test::Kepler::exact(0.0);
  Hermite other(f, {start[0], start[1]}, {start[2], start[3]}, 0.05);
  other.advance(5.0);
  const auto system = test::ode_system<test::Kepler>();
  OdeTimeSystem in_time(system);
  const auto y = test::in_steps(in_time, "hermite4", 0.0, start, 5.0, 100);
  CHECK(test::distance(y, std::vector<double>{other.positions()[0], other.positions()[1], other.velocities()[0],
                                              other.velocities()[1]}) < 1e-12);
}

TEST_CASE("Errors of the Hermite scheme follow the tolerance, one evaluation a step, also between steps", "[time]") {
  const auto system = test::ode_system<test::Kepler>();
  for (const double tolerance : {1e-6, 1e-8, 1e-10}) {
    OdeTimeSystem in_time(system);
    auto stepper = test::controlled(in_time, "hermite4", 0.0, system.info().initial, {tolerance, {tolerance}});
    double worst = 0.0, between = 0.0;
    std::vector<double> y(4);
    while (stepper.time() < 20.0) {
      stepper.advance(20.0);
      worst = std::max(worst, test::distance(stepper.state(), test::Kepler::exact(stepper.time())));
      const double t = stepper.time() - 0.6 * stepper.last_step();
      stepper.interpolate(t, y);
      between = std::max(between, test::distance(y, test::Kepler::exact(t)));
    }
    INFO(tolerance << ": " << worst << ", between " << between << ", " << stepper.work().accepted << " + "
                   << stepper.work().rejected << ", " << in_time.work().evaluations);
    CHECK(worst < 100.0 * tolerance);
    CHECK(between < 1.5 * worst);
    CHECK(stepper.work().rejected < stepper.work().accepted / 10);
    CHECK(in_time.work().evaluations <= stepper.work().accepted + stepper.work().rejected + 3);
  }
}

TEST_CASE("The Hermite scheme goes on from a stored state bit by bit", "[time]") {
  test::check_restart<test::Kepler>("hermite4", 0.0);
  test::check_restart<test::FigureEight>("hermite4", 0.0);
  test::check_restart<test::Kepler>("hermite4", 0.05);
}

TEST_CASE("The Hermite scheme refuses systems of first order, and is offered where accelerations depend on velocities",
          "[time]") {
  const auto waves = test::ode_system<test::Waves>();
  OdeTimeSystem first_order(waves);
  CHECK(test::kind_of([&] { make_time_method("hermite4", first_order); }) == sdk::ErrorKind::case_file);
  const auto damped = test::ode_system<test::DampedSpring>();
  OdeTimeSystem in_time(damped);
  CHECK(test::error_of([&] { make_time_method("blanes_moan4", in_time); }).report().find("hermite4") !=
        std::string::npos);
}
