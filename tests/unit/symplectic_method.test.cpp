// Symplectic methods in the loop: orders, reversal, energy over many orbits, known orbits, restart.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/errors.hpp"
#include "tests/support/orbits.hpp"
#include "tests/support/restart_check.hpp"
#include "tests/support/smooth_problems.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr double pi = 3.14159265358979323846;
const std::vector<std::string> names{"leapfrog", "blanes_moan4", "blanes_moan6"};

template <class System>
double error(const std::string& method, double end, int steps, const std::vector<double>& exact) {
  const auto system = test::ode_system<System>();
  OdeTimeSystem in_time(system);
  return test::distance(test::in_steps(in_time, method, 0.0, system.info().initial, end, steps), exact);
}

}  // namespace

TEST_CASE("Symplectic methods have their order on orbits and on forced motions", "[time]") {
  for (const auto& name : names) {
    const int order = find_time_method(name).info.order, steps = order == 6 ? 20 : 160;
    const double k0 = error<test::Kepler>(name, 5.0, steps, test::Kepler::exact(5.0)),
                 k1 = error<test::Kepler>(name, 5.0, 4 * steps, test::Kepler::exact(5.0)),
                 s0 = error<test::ForcedSpring>(name, 3.0, steps / 2, test::ForcedSpring::exact(3.0)),
                 s1 = error<test::ForcedSpring>(name, 3.0, 2 * steps, test::ForcedSpring::exact(3.0));
    INFO(name << ": orbit " << k0 << " " << k1 << ", spring " << s0 << " " << s1);
    CHECK(0.5 * std::log2(k0 / k1) > order - 0.25);
    CHECK(0.5 * std::log2(s0 / s1) > order - 0.25);
  }
}

TEST_CASE("Symplectic methods go back where they came from", "[time]") {
  const auto system = test::ode_system<test::FigureEight>();
  for (const auto& name : names) {
    OdeTimeSystem in_time(system);
    StepperOptions options;
    options.fixed_step = 0.02;
    Stepper stepper(in_time, make_time_method(name, in_time), 0.0, system.info().initial, options);
    for (int i = 0; i < 500; ++i) stepper.advance(1e9);
    std::vector<double> y(stepper.state().begin(), stepper.state().end());
    for (std::size_t i = 6; i < 12; ++i) y[i] = -y[i];
    stepper.set_state(stepper.time(), y);
    for (int i = 0; i < 500; ++i) stepper.advance(1e9);
    y.assign(stepper.state().begin(), stepper.state().end());
    for (std::size_t i = 6; i < 12; ++i) y[i] = -y[i];
    INFO(name);
    CHECK(test::distance(y, system.info().initial) < 1e-11);
  }
}

TEST_CASE("The energy of an orbit does not drift over 100000 steps of symplectic methods", "[time]") {
  const auto system = test::ode_system<test::Kepler>();
  const double initial = test::Kepler::energy(system.info().initial);
  CHECK(initial == Approx(-0.5).epsilon(1e-14));
  const double bounds[]{3e-3, 3e-9, 2e-11};
  for (std::size_t m = 0; m < names.size(); ++m) {
    OdeTimeSystem in_time(system);
    const double h = 2.0 * pi / 100.0;
    StepperOptions options;
    options.fixed_step = h;
    Stepper stepper(in_time, make_time_method(names[m], in_time), 0.0, system.info().initial, options);
    double largest = 0.0, sum_e = 0.0, sum_te = 0.0, sum_tt = 0.0;
    const int steps = 100000;
    for (int i = 0; i < steps; ++i) {
      stepper.advance(1e9);
      const double e = test::Kepler::energy(stepper.state()) / initial - 1.0, t = (i + 1.0) / steps - 0.5;
      largest = std::max(largest, std::abs(e));
      sum_e += e;
      sum_te += t * e;
      sum_tt += t * t;
    }
    const double drift = sum_te / sum_tt;  // of a straight line over the whole time
    INFO(names[m] << ": largest " << largest << ", mean " << sum_e / steps << ", drift " << drift);
    CHECK(largest < bounds[m]);
    CHECK(std::abs(drift) < 0.01 * largest + 1e-13);
  }
}

TEST_CASE("The figure-eight closes", "[time]") {
  const auto system = test::ode_system<test::FigureEight>();
  // Initial values and the period are known to 8 digits.
  const double e = error<test::FigureEight>("blanes_moan6", test::FigureEight::period, 1000, system.info().initial);
  INFO(e);
  CHECK(e < 1e-7);
}

TEST_CASE("Symplectic methods go on from a stored state bit by bit", "[time]") {
  for (const auto& name : names) test::check_restart<test::Kepler>(name, 0.05);
}

TEST_CASE("Symplectic methods refuse systems of first order", "[time]") {
  const auto system = test::ode_system<test::Waves>();
  OdeTimeSystem in_time(system);
  CHECK(test::kind_of([&] { make_time_method("leapfrog", in_time); }) == sdk::ErrorKind::case_file);
}
