// Zeros of functions along a solution, dense output, stop times and longest steps of the loop.
#include "engine/time/events.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/algebraic_system.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;

namespace {

constexpr double pi = 3.14159265358979323846;

/// y = (cos t, -sin t).
void oscillator(double, std::span<const double> y, std::span<double> f) {
  f[0] = y[1];
  f[1] = -y[0];
}

}  // namespace

TEST_CASE("Events are found where the exact solution changes sign", "[time]") {
  test::PlainSystem system(2, oscillator);
  auto stepper = test::controlled(system, "dormand_prince54", 0.0, {1.0, 0.0}, {1e-10, {1e-12}});
  time::EventFinder events(3, [](double t, std::span<const double> y, std::span<double> g) {
    g[0] = y[0];
    g[1] = t - 2.0;
    g[2] = y[0] + 5.0;
  });
  events.start(stepper);
  std::vector<time::Event> found;
  while (stepper.time() < 8.0) {
    stepper.advance(8.0);
    for (auto& event : events.after_step(stepper)) found.push_back(std::move(event));
  }
  REQUIRE(found.size() == 4);
  const double expected[] = {0.5 * pi, 2.0, 1.5 * pi, 2.5 * pi};
  for (std::size_t i = 0; i < 4; ++i) {
    // As accurate as the dense output, cubic in the step.
    CHECK(found[i].time == Approx(expected[i]).margin(2e-6));
    CHECK(found[i].function == (i == 1 ? 1 : 0));
  }
  CHECK(found[1].time == Approx(2.0).epsilon(1e-14));
  CHECK_FALSE(found[0].rising);
  CHECK(found[2].rising);
  CHECK(std::abs(found[0].state[0]) < 1e-12);
  CHECK(events.counts() == std::vector<std::int64_t>{3, 1, 0});
}

TEST_CASE("Dense output is that of the solution to fourth order in the step, to fifth with weights of its own", "[time]") {
  for (const auto& [method, order] : {std::pair("rk4", 4.0), {"dormand_prince54", 5.0}, {"tsitouras54", 5.0}}) {
    double errors[2];
    for (const int k : {0, 1}) {
      test::PlainSystem system(2, oscillator);
      time::StepperOptions options;
      options.fixed_step = k == 0 ? 0.2 : 0.1;
      time::Stepper stepper(system, time::make_time_method(method, system), 0.0, {1.0, 0.0}, options);
      errors[k] = 0.0;
      while (stepper.time() < 2.0) {
        const double before = stepper.time();
        stepper.advance(2.0);
        std::vector<double> y(2);
        for (const double theta : {0.1, 0.3, 0.5, 0.8}) {
          const double t = before + theta * (stepper.time() - before);
          stepper.interpolate(t, y);
          errors[k] = std::max(errors[k], std::abs(y[0] - std::cos(t)));
        }
      }
    }
    INFO(method << ": " << errors[0] << ", " << errors[1]);
    CHECK(std::log2(errors[0] / errors[1]) > order - 0.3);
  }
}

TEST_CASE("In the first step of an algebraic system, whose rates are not known at its start, a parabola leads from end to end",
          "[time]") {
  double errors[2];
  for (const int k : {0, 1}) {
    test::AlgebraicSystem system;  // y = 1 / (1 + t), z = y^2
    time::StepperOptions options;
    options.fixed_step = k == 0 ? 0.1 : 0.05;
    time::Stepper stepper(system, time::make_time_method("sdirk2", system), 0.0, {1.0, 1.0}, options);
    stepper.advance(1.0);
    std::vector<double> y(2);
    const double t = 0.5 * stepper.time();
    stepper.interpolate(t, y);
    errors[k] = std::max(std::abs(y[0] - 1.0 / (1.0 + t)), std::abs(y[1] - std::pow(1.0 + t, -2.0)));
    stepper.interpolate(0.0, y);
    CHECK(y[0] == Approx(1.0).epsilon(1e-14));
    CHECK(y[1] == Approx(1.0).epsilon(1e-14));
  }
  INFO(errors[0] << ", " << errors[1]);
  CHECK(std::log2(errors[0] / errors[1]) > 1.7);  // rates at stages of this method have order 1
}

TEST_CASE("Steps end at stops and keep within the longest step, which may change in time", "[time]") {
  test::PlainSystem system(2, oscillator);
  time::StepperOptions options;
  options.stops = {3.0, 1.0};
  options.max_step = [](double t) { return t < 2.0 ? 0.05 : 0.5; };
  auto stepper = test::controlled(system, "dormand_prince54", 0.0, {1.0, 0.0}, {1e-4, {1e-4}}, "i", options);
  std::vector<double> times;
  double longest_early = 0.0, longest_late = 0.0;
  while (stepper.time() < 4.0) {
    const auto step = stepper.advance(4.0);
    (step.time - step.length < 2.0 ? longest_early : longest_late) =
        std::max(step.time - step.length < 2.0 ? longest_early : longest_late, step.length);
    times.push_back(step.time);
  }
  CHECK(std::ranges::count(times, 1.0) == 1);
  CHECK(std::ranges::count(times, 3.0) == 1);
  CHECK(times.back() == 4.0);
  CHECK(longest_early == Approx(0.05));
  CHECK(longest_late > 0.2);
  CHECK(longest_late <= 0.5 * (1.0 + 1e-12));
}

TEST_CASE("Fields that are left out do not drive the step", "[time]") {
  // y_0 decays fast, y_1 slowly.
  const auto right = [](double, std::span<const double> y, std::span<double> f) {
    f[0] = -50.0 * (y[0] - std::sin(20.0 * y[1]));
    f[1] = -0.1 * y[1];
  };
  std::int64_t steps[2];
  for (const int k : {0, 1}) {
    test::PlainSystem system(2, right);
    time::Tolerances tolerances{1e-8, {1e-10}, {}};
    if (k == 1) tolerances.weights = {0.0, 1.0};
    auto stepper = test::controlled(system, "bogacki_shampine32", 0.0, {1.0, 1.0}, tolerances);
    while (stepper.time() < 1.0) stepper.advance(1.0);
    CHECK(stepper.state()[1] == Approx(std::exp(-0.1)).epsilon(1e-7));
    steps[k] = stepper.work().accepted;
  }
  CHECK(steps[1] < steps[0] / 4);
}

TEST_CASE("A longest step that is not positive is refused, and one of no length is no step", "[time]") {
  test::PlainSystem system(2, oscillator);
  time::StepperOptions options;
  options.max_step = [](double t) { return 0.3 - t; };
  auto stepper = test::controlled(system, "dormand_prince54", 0.0, {1.0, 0.0}, {1e-6, {1e-6}}, "i", options);
  CHECK(test::kind_of([&] {
          while (stepper.time() < 1.0) stepper.advance(1.0);
        }) == sdk::ErrorKind::parameter);
}
