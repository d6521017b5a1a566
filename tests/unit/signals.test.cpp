// Statistics over time of functions that are sampled within steps, against their exact values.
#include "engine/quantities/signals.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>

#include "tests/support/errors.hpp"

using namespace ansatz;
using quantities::Signals;

namespace {

constexpr double pi = std::numbers::pi;
using Function = std::function<double(double)>;

/// A function on [0, end] in equal steps.
Signals sampled(const Function& f, double end, int steps, std::vector<double> cuts = {0.0},
                std::vector<double> stops = {}, int* evaluations = nullptr) {
  Signals signals(1, std::move(cuts), std::move(stops));
  for (int i = 0; i < steps; ++i) {
    signals.add_step(end * i / steps, end * (i + 1) / steps, [&](double t, std::span<double> values) {
      values[0] = f(t);
      if (evaluations != nullptr) ++*evaluations;
    });
  }
  return signals;
}

double statistic(const Signals& signals, const std::string& name, double after = 0.0) {
  return signals.statistic(name, 0, after).value;
}

}  // namespace

TEST_CASE("Statistics over time of a sine in few long steps are its mean, its extremes and its frequency", "[series]") {
  const auto f = [](double t) { return 1.5 + 0.8 * std::sin(2.0 * pi * 1.7 * t + 0.3); };
  int evaluations = 0;
  const auto signals = sampled(f, 10.0, 40, {0.0, 4.01}, {}, &evaluations);
  CHECK(statistic(signals, "maximum", 4.01) == Approx(2.3).epsilon(1e-6));
  CHECK(statistic(signals, "minimum", 4.01) == Approx(0.7).epsilon(1e-6));
  CHECK(statistic(signals, "peak_to_peak", 4.01) == Approx(1.6).epsilon(1e-6));
  CHECK(statistic(signals, "frequency", 4.01) == Approx(1.7).epsilon(1e-6));
  CHECK(statistic(signals, "mean") ==
        Approx(1.5 + 0.8 * (std::cos(0.3) - std::cos(34.0 * pi + 0.3)) / (34.0 * pi)).epsilon(1e-7));
  CHECK(evaluations < 4000);
}

TEST_CASE("At kinks and jumps within steps statistics are those of the function, not of a parabola through it",
          "[series]") {
  const auto tent = [](double t) { return 1.0 - std::abs(t - 0.37); };
  auto signals = sampled(tent, 1.0, 3);
  CHECK(statistic(signals, "maximum") == Approx(1.0).epsilon(1e-6));
  CHECK(statistic(signals, "minimum") == Approx(0.37).epsilon(1e-6));
  CHECK(statistic(signals, "mean") == Approx(1.0 - 0.5 * (0.37 * 0.37 + 0.63 * 0.63)).epsilon(1e-6));
  signals = sampled([](double t) { return t < 0.3 ? -2.0 : 1.0; }, 1.0, 2);
  CHECK(statistic(signals, "maximum") == 1.0);
  CHECK(statistic(signals, "minimum") == -2.0);
  CHECK(statistic(signals, "mean") == Approx(0.7 - 0.6).epsilon(1e-5));
}

TEST_CASE(
    "Nothing is interpolated across the end of a step: a peak at a step has its own height, a jump at a stop none",
    "[series]") {
  const auto peak = [](double t) { return t < 1.0 ? t : 3.0 - 2.0 * t; };
  auto signals = sampled(peak, 3.0, 3);
  CHECK(statistic(signals, "maximum") == Approx(1.0).epsilon(1e-12));
  CHECK(statistic(signals, "mean") == Approx((0.5 + 0.0 - 2.0) / 3.0).epsilon(1e-9));
  const auto jump = [](double t) { return t < 1.0 ? t : 10.0; };
  signals = sampled(jump, 2.0, 2, {0.0}, {1.0});
  CHECK(statistic(signals, "maximum") == 10.0);
  CHECK(statistic(signals, "mean") == Approx(5.25).epsilon(1e-12));
}

TEST_CASE("A statistic begins at its time, whether that is a step or not, and uneven steps weigh what they last",
          "[series]") {
  const auto line = [](double t) { return 2.0 * t + 1.0; };
  Signals signals(1, {0.0, 0.5, 0.123}, {});
  const double times[] = {0.0, 1.0, 3.0, 3.0625, 3.5};
  for (int i = 0; i < 4; ++i) {
    signals.add_step(times[i], times[i + 1], [&](double t, std::span<double> values) { values[0] = line(t); });
  }
  CHECK(statistic(signals, "mean", 0.0) == Approx(4.5).epsilon(1e-12));
  CHECK(statistic(signals, "mean", 0.5) == Approx(5.0).epsilon(1e-12));
  CHECK(statistic(signals, "minimum", 0.123) == Approx(1.246).epsilon(1e-12));
}

TEST_CASE("The frequency is that of the whole period where the mean is crossed several times in it", "[series]") {
  const auto f = [](double t) { return std::sin(2.0 * pi * t) + 2.0 * std::sin(6.0 * pi * t + 0.4); };
  CHECK(statistic(sampled(f, 8.3, 100), "frequency") == Approx(1.0).epsilon(1e-6));
  const auto damped = [](double t) { return std::exp(-0.3 * t) * std::sin(2.0 * pi * t); };
  CHECK(statistic(sampled(damped, 8.0, 100), "frequency") == Approx(1.0).epsilon(1e-2));
}

TEST_CASE("Statistics that are not defined are errors with the reason", "[series]") {
  const auto reason = [](const Function& f, double end, const std::string& name, double after = 0.0) {
    try {
      statistic(sampled(f, end, 20, {0.0, 50.0}), name, after);
    } catch (const sdk::Error& error) {
      CHECK(error.kind() == sdk::ErrorKind::not_finite);
      return std::string(error.what());
    }
    return std::string("none");
  };
  using Catch::Contains;
  CHECK_THAT(reason([](double) { return 7.0; }, 1.0, "frequency"), Contains("constant"));
  CHECK_THAT(reason([](double t) { return 300.0 + 1e-13 * std::sin(40.0 * t); }, 1.0, "frequency"),
             Contains("constant"));
  CHECK_THAT(reason([](double t) { return std::sin(2.0 * pi * t); }, 1.6, "frequency"), Contains("times"));
  CHECK_THAT(reason([](double t) { return std::sin(t * t); }, 9.0, "frequency"), Contains("does not repeat"));
  CHECK_THAT(reason([](double t) { return 1.0 / (t - 0.37); }, 1.0, "maximum"),
             Contains("grows beyond all bounds near t = 0.37"));
  CHECK_THAT(reason([](double t) { return std::log(std::abs(t - 0.31)); }, 1.0, "minimum"),
             Contains("grows beyond all bounds"));
  CHECK_THAT(reason([](double t) { return t; }, 1.0, "mean", 50.0), Contains("ended before"));
}

TEST_CASE("Kinks and phases anywhere in a step are seen, and bounded noise is not unbounded", "[series]") {
  for (int i = 0; i < 400; ++i) {
    const double at = (i + 0.371) / 400.0;
    INFO("at " << at);
    CHECK(statistic(sampled([=](double t) { return -std::abs(t - at); }, 1.0, 1), "maximum") ==
          Approx(0.0).margin(5e-7));
    const auto f = [=](double t) { return std::sin(2.0 * pi * (3.3 * t + at)); };
    const double mean = (std::cos(2.0 * pi * at) - std::cos(2.0 * pi * (6.6 + at))) / (13.2 * pi);
    CHECK(statistic(sampled(f, 2.0, 5), "mean") == Approx(mean).margin(2e-7));
    CHECK(statistic(sampled(f, 2.0, 5), "frequency") == Approx(3.3).epsilon(1e-6));
    const auto noise = [=](double t) { return std::fmod(std::abs(std::sin(1e9 * t + at)) * 1e5, 1.0); };
    CHECK(sampled(noise, 1.0, 3).statistic("maximum", 0, 0.0).accuracy > 0.1);
    CHECK_THROWS_AS(statistic(sampled([=](double t) { return std::log(std::abs(t - at)); }, 1.0, 3), "minimum"),
                    sdk::Error);
    CHECK_THROWS_AS(statistic(sampled([=](double t) { return 1.0 / (t - at); }, 1.0, 3), "minimum"), sdk::Error);
  }
}

TEST_CASE("Signals that no polynomial meets say how well they are known, and cost a bounded number of samples",
          "[series]") {
  int evaluations = 0;
  const auto noise = [](double t) { return std::fmod(std::abs(std::sin(1e9 * t)) * 1e5, 1.0); };
  const auto signals = sampled(noise, 1.0, 500, {0.0}, {}, &evaluations);
  CHECK(signals.statistic("maximum", 0, 0.0).accuracy > 0.1);
  CHECK(evaluations < 3 * (1000 + 8 * 500) + 2000);
}

TEST_CASE("Scaling time and values by powers of two scales statistics bit by bit", "[series]") {
  const auto f = [](double t) { return 0.3 + std::abs(std::sin(7.0 * t)); };
  const auto plain = sampled(f, 3.0, 30),
             scaled =
                 sampled([&](double t) { return std::ldexp(f(std::ldexp(t, 20)), -30); }, std::ldexp(3.0, -20), 30);
  for (const char* name : {"maximum", "minimum", "mean"})
    CHECK(statistic(scaled, name) == std::ldexp(statistic(plain, name), -30));
  CHECK(statistic(scaled, "frequency") == std::ldexp(statistic(plain, "frequency"), 20));
}
