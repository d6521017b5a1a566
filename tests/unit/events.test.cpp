// Zeros of functions along a solution, dense output, stop times and longest steps of the loop.
#include "engine/time/loop/events.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "tests/support/algebraic_system.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"
#include "tests/support/watched_functions.hpp"

using namespace ansatz;
using test::oscillator;
using test::watch;

namespace {

constexpr double pi = 3.14159265358979323846;

}  // namespace

TEST_CASE("Events are found where the exact solution changes sign", "[time]") {
  const auto [found, summaries] = watch(
      3,
      [](double t, std::span<const double> y, std::span<double> g) {
        g[0] = y[0];
        g[1] = t - 2.0;
        g[2] = y[0] + 5.0;
      },
      8.0);
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
  CHECK(summaries[0].zeros == 3);
  CHECK(summaries[2].zeros == 0);
  CHECK(summaries[2].nearest == Approx(4.0).epsilon(1e-6));
  CHECK(summaries[2].nearest_time == Approx(pi).epsilon(0.02));
}

TEST_CASE("Zeros that touch, two zeros in a step, zeros at its end and triple zeros are found", "[time]") {
  time::StepperOptions options;
  options.fixed_step = 0.5;
  for (const double at : {1.3, 1.5, 1.5 + 1e-9}) {
    const auto [found, summaries] = watch(
        4,
        [at](double t, std::span<const double>, std::span<double> g) {
          g[0] = (t - at) * (t - at);                         // touches
          g[1] = (t - at) * (t - at) * (t + 1.0) * (t - at);  // triple
          g[2] = (t - at) * (t - at) - 1e-4;                  // two zeros 0.02 apart
          g[3] = -(t - at) * (t - at) + 1e-15;                // a touch but for round-off
        },
        4.0, options, "rk4", 1e-8);
    INFO("at " << at);
    std::vector<std::vector<time::Event>> of(4);
    for (const auto& event : found) of[event.function].push_back(event);
    REQUIRE(of[0].size() == 1);
    CHECK(of[0][0].touching);
    CHECK(of[0][0].time == Approx(at).margin(1e-6));
    REQUIRE(of[1].size() == 1);
    CHECK(of[1][0].time == Approx(at).margin(1e-4));
    REQUIRE(of[2].size() == 2);
    CHECK(of[2][0].time == Approx(at - 0.01).margin(1e-9));
    CHECK(of[2][1].time == Approx(at + 0.01).margin(1e-9));
    CHECK_FALSE(of[2][0].rising);
    CHECK(of[2][1].rising);
    REQUIRE(of[3].size() == 1);
    CHECK(of[3][0].touching);
    CHECK(of[3][0].time == Approx(at).margin(1e-6));
  }
}

TEST_CASE("Zeros of multiplicity 1 to 5 are told by the parity of it, wherever steps end beside them", "[time]") {
  time::StepperOptions options;
  options.fixed_step = 0.5;
  for (const double beside : {0.0, 1e-12, -1e-9, 1e-7, 1e-5, -1e-5, 6e-4, -6e-4, 0.01, -0.01, 0.1}) {
    const double at = 1.5 + beside;
    const auto found = watch(
                           5,
                           [at](double t, std::span<const double>, std::span<double> g) {
                             for (int k = 0; k < 5; ++k) g[k] = std::pow(t - at, k + 1);
                           },
                           4.0, options, "rk4", 1e-8)
                           .events;
    REQUIRE(found.size() == 5);
    for (const auto& event : found) {
      INFO("at 1.5 + " << beside << ", multiplicity " << event.function + 1);
      CHECK(event.touching == (event.function % 2 == 1));
      CHECK(event.rising == (event.function % 2 == 0));
      CHECK(std::pow(std::abs(event.time - at), event.function + 1) < 1e-15);
    }
  }
}

TEST_CASE("A touch at the end of the run and kinks that touch within tiny steps are found", "[time]") {
  time::StepperOptions options;
  options.fixed_step = 0.5;
  const auto at_end =
      watch(
          1, [](double t, std::span<const double>, std::span<double> g) { g[0] = (t - 2.0) * (t - 2.0) + 1e-12; }, 2.0,
          options, "rk4", 1e-8)
          .events;
  REQUIRE(at_end.size() == 1);
  CHECK(at_end[0].touching);
  CHECK(at_end[0].time == 2.0);
  // Steps become tiny beside the kink, as error control makes them, and end before, at and behind it.
  for (const double offset : {3e-10, -3e-10, 1.37e-8, -1.37e-8}) {
    const auto found =
        watch(
            1, [&](double t, std::span<const double>, std::span<double> g) { g[0] = std::abs(t - 0.61 - offset); }, 2.0,
            {.stops = {0.6, 0.609, 0.61 - 1e-4, 0.61 - 1e-6, 0.61 - 1e-8, 0.61, 0.61 + 1e-8, 0.61 + 1e-6, 0.62}},
            "dormand_prince54", 1e-6)
            .events;
    INFO("offset " << offset);
    REQUIRE(found.size() == 1);
    CHECK(found[0].touching);
    CHECK(found[0].time == Approx(0.61 + offset).margin(1e-11));
  }
}

TEST_CASE("The oscillator touches its turning points to the tolerance, and what it misses is no event", "[time]") {
  const auto [found, summaries] = watch(
      3,
      [](double, std::span<const double> y, std::span<double> g) {
        g[0] = y[0] - 1.0;
        g[1] = y[0] - 1.001;
        g[2] = y[0] - 0.9999;
      },
      10.0);
  REQUIRE(found.size() == 4);  // cos = 0.9999 three times: the run starts above it
  CHECK(found[0].function == 2);
  CHECK(found[0].time == Approx(std::acos(0.9999)).margin(1e-6));
  CHECK(found[2].function == 0);
  CHECK(found[2].touching);
  CHECK(found[2].time == Approx(2.0 * pi).margin(1e-4));
  CHECK(summaries[0].zero_at_start);
  CHECK(summaries[1].zeros == 0);
  CHECK(summaries[1].nearest == Approx(1e-3).epsilon(1e-3));
}

TEST_CASE("What is zero at the start, all the time or for a while is said, jumps are found, poles are no zeros",
          "[time]") {
  time::StepperOptions options;
  options.fixed_step = 0.4;
  options.stops = {2.0};
  const auto [found, summaries] = watch(
      7,
      [](double t, std::span<const double> y, std::span<double> g) {
        g[0] = 0.0 * y[0];                                       // always
        g[1] = t * (1.0 - 0.01 * t);                             // at the start
        g[2] = t < 1.1 ? -1.0 : 2.0;                             // a jump within a step
        g[3] = t < 2.0 ? -1.0 : 2.0;                             // at a stop
        g[4] = 1.0 / (t - 1.37);                                 // a pole
        g[5] = std::max(0.0, 1.0 - t) + std::min(0.0, 2.5 - t);  // zero from 1 to 2.5
        g[6] = 1e-17 - t * t * 0.25;                             // a start that is zero but for round-off
      },
      4.0, options, "rk4", 1e-8);
  REQUIRE(found.size() == 3);
  CHECK(found[0].function == 5);
  CHECK(found[0].time == Approx(1.0).epsilon(1e-9));
  CHECK_FALSE(found[0].rising);
  CHECK(found[1].function == 2);
  CHECK(found[1].time == Approx(1.1).epsilon(1e-12));
  CHECK(found[1].rising);
  CHECK(found[2].function == 3);
  CHECK(found[2].time == 2.0);
  CHECK(summaries[0].largest == 0.0);
  CHECK(summaries[1].zero_at_start);
  REQUIRE(summaries[4].pole);
  CHECK(*summaries[4].pole == Approx(1.37).epsilon(1e-9));
  CHECK(summaries[6].zero_at_start);
}

TEST_CASE("A pole at the end of a step or exactly at a sample is no zero, what stays infinite is an error", "[time]") {
  time::StepperOptions options;
  options.fixed_step = 0.5;
  for (const double at : {1.5, 1.75, 1.3}) {
    INFO("at " << at);
    const auto [found, summaries] = watch(
        3,
        [at](double t, std::span<const double>, std::span<double> g) {
          g[0] = 1.0 / (t - at);
          g[1] = 1.0 / ((t - at) * (t - at));
          g[2] = -1e-3 / (t - at) + 0.01 * (t - at);  // zeros on both sides
        },
        3.0, options, "rk4", 1e-8);
    REQUIRE(found.size() == 2);
    CHECK(found[0].time == Approx(at - std::sqrt(0.1)).margin(1e-9));
    CHECK(found[1].time == Approx(at + std::sqrt(0.1)).margin(1e-9));
    CHECK(found[0].function == 2);
    REQUIRE(summaries[0].pole);
    CHECK(*summaries[0].pole == Approx(at).epsilon(1e-9));
    REQUIRE(summaries[2].pole);
    CHECK_FALSE(summaries[1].pole);
  }
  for (const double at : {1.5, 1.37}) {
    const auto stays = [at](double t, std::span<const double>, std::span<double> g) {
      g[0] = std::log(std::max(0.0, at - t));
    };
    CHECK_THROWS_AS(watch(1, stays, 3.0, options, "rk4", 1e-8), sdk::Error);
  }
}

TEST_CASE("Small swings are events as large ones are, and a function that is not finite is an error with its name",
          "[time]") {
  const auto [found, summaries] = watch(
      1, [](double t, std::span<const double> y, std::span<double> g) { g[0] = std::exp(-2.0 * t) * y[0]; }, 12.0);
  CHECK(found.size() == 4);
  try {
    watch(
        2, [](double t, std::span<const double>, std::span<double> g) { g[0] = 1.0, g[1] = std::log(1.0 - t); }, 4.0);
    FAIL("no error");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::not_finite);
    CHECK_THAT(error.what(), Catch::Contains("event function g1"));
  }
}

TEST_CASE("Dense output is that of the solution to fourth order in the step, to fifth with weights of its own",
          "[time]") {
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

TEST_CASE(
    "In the first step of an algebraic system, whose rates are not known at its start, a parabola leads from end to "
    "end",
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

TEST_CASE("A longest step that is not positive is refused, and one of no length is not a step", "[time]") {
  test::PlainSystem system(2, oscillator);
  time::StepperOptions options;
  options.max_step = [](double t) { return 0.3 - t; };
  auto stepper = test::controlled(system, "dormand_prince54", 0.0, {1.0, 0.0}, {1e-6, {1e-6}}, "i", options);
  CHECK(test::kind_of([&] {
          while (stepper.time() < 1.0) stepper.advance(1.0);
        }) == sdk::ErrorKind::parameter);
}
