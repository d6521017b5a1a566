// Zeros close to each other, to touches, stops, ends and poles: which are told apart.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/watched_functions.hpp"

using namespace ansatz;
using test::kinds;
using test::watch;

namespace {

/// y' = 1 until t = 0.4, then z, which stays.
struct Turning {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}, {"z"}}, .initial = {0.0, 1.0}}; }
  explicit Turning(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    f[0] = sdk::value(t) < 0.4 ? S(1.0) : y[1];
    f[1] = 0.0;
  }
};

}  // namespace

TEST_CASE("Changes of sign come before touches, however close they are to each other and to ends of steps", "[time]") {
  const std::vector<std::vector<std::string>> expected{
      {"0.2 rising"},
      {"0.2 falling", "0.4 touching", "0.41 rising"},
      {"0.31 falling", "0.3102 rising"},
      {"0.31 rising", "0.31002 falling"},
      {"0.4 touching"},
      {"0.4 rising"},
      {"0.5 touching"},
      {"0.3 falling"},
      {"0.2 rising", "0.5 touching", "0.5001 falling"},
      {"0.4 falling", "0.4 rising"},
  };
  const auto functions = [](double t, std::span<const double>, std::span<double> g) {
    g[0] = (t - 0.2) * std::abs(t - 0.2);
    g[1] = (t - 0.2) * std::pow(t - 0.4, 2) * (t - 0.41);
    g[2] = (t - 0.31) * (t - 0.3102);
    g[3] = -(t - 0.31) * (t - 0.31002);
    g[4] = t * t - 0.8 * t + 0.16;                      // (t - 0.4)^2, but for round-off
    g[5] = t * t * t - 1.2 * t * t + 0.48 * t - 0.064;  // (t - 0.4)^3, but for round-off
    g[6] = std::abs(t - 0.5);
    g[7] = 1e-9 * std::pow(0.3 - t, 3) * (1.0 + t);
    g[8] = (t - 0.2) * std::pow(t - 0.5, 2) * (0.5001 - t);
    g[9] = std::exp(t) * (t - 0.4) * (t - 0.4 - 1e-7);  // 2.5e-15 below zero in between
  };
  for (const double step : {0.1, 0.25, 0.01, 1.0}) {
    for (const double tolerance : {1e-4, 1e-8}) {
      time::StepperOptions options;
      options.fixed_step = step;
      const auto found = watch(10, functions, 1.0, options, "rk4", tolerance).events;
      for (int k = 0; k < 10; ++k) {
        INFO("function " << k << ", step " << step << ", tolerance " << tolerance);
        if (k == 5) {  // round-off moves a triple zero
          REQUIRE(kinds(found, k).size() == 1);
          CHECK_THAT(kinds(found, k)[0], Catch::EndsWith(" rising"));
        } else {
          CHECK(kinds(found, k) == expected[k]);
        }
      }
    }
  }
}

TEST_CASE("A pole that the end of a step misses by round-off is no zero, and hides none behind it", "[time]") {
  const double inf = std::numeric_limits<double>::infinity();
  const double before = std::nextafter(0.5, -inf), behind = std::nextafter(0.5, inf);
  const auto functions = [&](double t, std::span<const double>, std::span<double> g) {
    g[0] = 1.0 / (t - before);
    g[1] = 1.0 / (t - behind);
    g[2] = (t - 0.8) / (t - before);
    g[3] = (0.8 - t) / (t - behind);
    g[4] = 1.0 / std::pow(behind - t, 3);
    g[5] = t < 0.5 ? -1.0 : 1000.0;  // no pole
  };
  const std::vector<std::vector<std::string>> expected{{}, {}, {"0.8 rising"}, {"0.8 falling"}, {}, {"0.5 rising"}};
  for (const double step : {0.25, 0.5, 0.125}) {
    time::StepperOptions options;
    options.fixed_step = step;
    const auto found = watch(6, functions, 1.0, options, "rk4", 1e-6);
    for (int k = 0; k < 6; ++k) {
      INFO("function " << k << ", step " << step);
      CHECK(kinds(found.events, k) == expected[k]);
      CHECK(found.summaries[k].pole.has_value() == (k != 5));
    }
  }
}

TEST_CASE("A touch where a stop turns the solution back is none of its changes of sign", "[time]") {
  for (const bool turns : {true, false}) {
    const auto ode = test::ode_system<Turning>();
    time::OdeTimeSystem system(ode);
    time::StepperOptions options;
    options.fixed_step = 0.1;
    options.stops = {0.4};
    time::Stepper stepper(system, time::make_time_method("rk4", system), 0.0, {0.0, turns ? -1.0 : 1.0}, options);
    std::vector<time::Event> found;
    time::EventFinder finder({"g"}, [](double, std::span<const double> y, std::span<double> g) { g[0] = y[0] - 0.4; },
                             {1e-6, {0.4}});
    finder.start(stepper);
    while (stepper.time() < 1.0) {
      stepper.advance(1.0);
      for (auto& event : finder.after_step(stepper)) found.push_back(std::move(event));
    }
    CHECK(kinds(found, 0) == std::vector<std::string>{turns ? "0.4 touching" : "0.4 rising"});
  }
}

TEST_CASE("Cusps that touch zero and zeros that round-off has moved behind the end are found, others are not",
          "[time]") {
  for (const double step : {0.1, 0.25, 0.0}) {
    time::StepperOptions options;
    options.fixed_step = step;
    const auto found = watch(
                           8,
                           [](double t, std::span<const double>, std::span<double> g) {
                             g[0] = std::sqrt(std::abs(t - 0.444));
                             g[1] = -std::pow(std::abs(t - 0.444), 0.25);
                             g[2] = std::sqrt(std::abs(t - 0.444)) + 1e-3;
                             g[3] = t - 1.0 - 3.3e-16;
                             g[4] = 1.0 + 3.3e-16 - t;
                             g[5] = t - 1.0 - 1e-5;
                             g[6] = t - 1.0;
                             g[7] = t < 0.444 ? 1.0 : 0.01;
                           },
                           1.0, options, step > 0.0 ? "rk4" : "dormand_prince54", 1e-6)
                           .events;
    INFO("step " << step);
    using Kinds = std::vector<std::string>;
    CHECK(kinds(found, 0) == Kinds{"0.444 touching"});
    CHECK(kinds(found, 1) == Kinds{"0.444 touching"});
    CHECK(kinds(found, 2).empty());
    CHECK(kinds(found, 3) == Kinds{"1 rising"});
    CHECK(kinds(found, 4) == Kinds{"1 falling"});
    CHECK(kinds(found, 5).empty());
    CHECK(kinds(found, 6) == Kinds{"1 rising"});
    CHECK(kinds(found, 7).empty());
  }
}

TEST_CASE("Single times without a value are skipped, also where the solution takes long to pass them", "[time]") {
  for (const double step : {0.1, 0.4}) {
    time::StepperOptions options;
    options.fixed_step = step;
    const auto [found, summaries] = watch(
        4,
        [](double t, std::span<const double>, std::span<double> g) {
          g[0] = 1.0 / (t - 0.523);
          g[1] = (t - 0.55) * (t - 0.55) / (t - 0.55);                   // 0 / 0 at its zero
          g[2] = 1.0 / ((1000.0 + 1e-3 * t) - (1000.0 + 1e-3 * 0.537));  // infinite for 1e-10
          g[3] = (t - 0.55) / std::pow(t - 0.55, 2);
        },
        2.0, options, "rk4", 1e-8);
    INFO("step " << step);
    REQUIRE(found.size() == 1);
    CHECK(kinds(found, 1) == std::vector<std::string>{"0.55 rising"});
    for (const auto& [k, pole] : {std::pair(0, 0.523), {2, 0.537}, {3, 0.55}}) {
      INFO("function " << k);
      REQUIRE(summaries[k].pole);
      CHECK(*summaries[k].pole == Approx(pole).epsilon(1e-7));
    }
  }
}
