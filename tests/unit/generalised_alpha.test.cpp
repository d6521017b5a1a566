// Generalised alpha: order, the error estimate, stability, unknowns without a rate, restart.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/algebraic_system.hpp"
#include "tests/support/restart_check.hpp"
#include "tests/support/ode_support.hpp"
#include "tests/support/smooth_problems.hpp"
#include "tests/support/stability_scan.hpp"
#include "tests/support/stiff_problems.hpp"

using namespace ansatz;
using namespace ansatz::time;

TEST_CASE("Generalised alpha has order 2 on a nonlinear, non-autonomous system", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  const auto error = [&](int steps) {
    OdeTimeSystem in_time(system);
    return test::distance(test::in_steps(in_time, "generalised_alpha", 0.0, system.info().initial, 5.0, steps),
                          test::Waves::exact(5.0));
  };
  const double e0 = error(200), e1 = error(400), e2 = error(800);
  INFO(e0 << " " << e1 << " " << e2);
  CHECK(std::log2(e0 / e1) == Approx(2.0).margin(0.15));
  CHECK(std::log2(e1 / e2) == Approx(2.0).margin(0.1));
}

TEST_CASE("With error control generalised alpha keeps its order, and errors go with the tolerance", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  const auto run = [&](double tolerance) {
    OdeTimeSystem in_time(system);
    auto stepper = test::controlled(in_time, "generalised_alpha", 0.0, system.info().initial, {tolerance, {tolerance}});
    double worst = 0.0, between = 0.0;
    std::vector<double> y(2);
    while (stepper.time() < 5.0) {
      stepper.advance(5.0);
      worst = std::max(worst, test::distance(stepper.state(), test::Waves::exact(stepper.time())));
      const double t = stepper.time() - 0.4 * stepper.last_step();
      stepper.interpolate(t, y);
      between = std::max(between, test::distance(y, test::Waves::exact(t)));
    }
    INFO(tolerance << ": " << worst << ", between " << between << ", " << stepper.work().accepted << " + "
                   << stepper.work().rejected);
    CHECK(worst < 1e3 * tolerance);
    CHECK(between < 1.2 * worst + 10.0 * tolerance);
    CHECK(stepper.work().rejected < stepper.work().accepted / 10);
    return std::pair(double(stepper.work().accepted), worst);
  };
  const auto [n0, e0] = run(1e-5);
  const auto [n1, e1] = run(1e-8);
  CHECK(std::log(e0 / e1) / std::log(n1 / n0) == Approx(2.0).margin(0.25));
}

TEST_CASE("Generalised alpha is A-stable and damps by its rho at infinity", "[time]") {
  CHECK(test::largest_growth<90>("generalised_alpha", 400) <= 1.0 + 1e-8);
  const auto system = test::ode_system<test::Wedge<0>>();
  OdeTimeSystem in_time(system);
  StepperOptions options;
  options.fixed_step = 1.0;
  Stepper stepper(in_time, make_time_method("generalised_alpha", in_time), 0.0, system.info().initial, options);
  const std::size_t last = system.size() - 1;  // lambda = -1e6
  double before = 0.0;
  for (int i = 0; i < 40; ++i) {
    before = stepper.state()[last];
    stepper.advance(1e9);
  }
  // Both roots are -rho: a ratio of rho (1 + 1 / n) after n steps.
  CHECK(std::abs(stepper.state()[last] / before) == Approx(stepper.method().info().r_infinity).epsilon(0.05));
}

TEST_CASE("Generalised alpha solves a stiff system", "[time]") {
  const auto system = test::ode_system<test::Hires>();
  OdeTimeSystem in_time(system);
  auto stepper = test::controlled(in_time, "generalised_alpha", 0.0, system.info().initial, {1e-7, {1e-10}});
  while (stepper.time() < test::Hires::end) stepper.advance(test::Hires::end);
  CHECK(test::correct_digits(stepper.state(), test::Hires::reference()) > 4.0);
}

TEST_CASE("Methods with history start from inconsistent values of unknowns without a rate", "[time]") {
  for (const auto* method : {"bdf", "generalised_alpha"}) {
    INFO(method);
    test::AlgebraicSystem system;
    auto stepper = test::controlled(system, method, 0.0, {1.0, 0.0}, {1e-7, {1e-7}});
    while (stepper.time() < 3.0) stepper.advance(3.0);
    CHECK(stepper.state()[0] == Approx(0.25).epsilon(1e-5));
    CHECK(stepper.state()[1] == Approx(0.0625).epsilon(1e-4));
    CHECK(stepper.work().rejected + stepper.work().failed <= 5);
  }
}

TEST_CASE("Generalised alpha goes on from a stored state bit by bit", "[time]") {
  for (const int steps : {1, 2, 10}) test::check_restart<test::Waves>("generalised_alpha", 0.0, steps);
  test::check_restart<test::Waves>("generalised_alpha", 0.01);
  test::check_restart<test::Hires>("generalised_alpha", 0.0);
}
