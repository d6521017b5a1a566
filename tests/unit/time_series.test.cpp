#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "ansatz/sdk/error.hpp"
#include "engine/study/time_series.hpp"

using ansatz::study::TimeSeries;

namespace {

/// mean + amplitude sin(2 pi f t + 0.3) from t = 0, preceded by a decaying start; uneven steps.
TimeSeries oscillation(double middle, double amplitude, double f, int steps) {
  TimeSeries series;
  for (int i = 0; i <= steps; ++i) {
    const double t = 10.0 * (i + 0.2 * std::sin(i)) / steps;
    const double start = t < 4.0 ? 50.0 * (4.0 - t) : 0.0;
    const double values[] = {7.0, middle + start + amplitude * std::sin(2.0 * std::numbers::pi * f * t + 0.3)};
    series.add(t, values);
  }
  return series;
}

}  // namespace

TEST_CASE("Statistics over time of a sine are its mean, its extremes and its frequency", "[series]") {
  const auto series = oscillation(1.5, 0.8, 1.7, 1200);
  CHECK(series.statistic("maximum", 1, 4.0) == Approx(2.3).margin(1e-5));
  CHECK(series.statistic("minimum", 1, 4.0) == Approx(0.7).margin(1e-5));
  CHECK(series.statistic("peak_to_peak", 1, 4.0) == Approx(1.6).margin(2e-5));
  CHECK(series.statistic("frequency", 1, 4.0) == Approx(1.7).epsilon(1e-3));
  CHECK(series.statistic("mean", 0, 0.0) == Approx(7.0));
  CHECK(series.statistic("maximum", 0, 0.0) == Approx(7.0));
}

TEST_CASE("The mean over time is that of the trapezoidal rule on uneven steps", "[series]") {
  TimeSeries series;
  for (const double t : {0.0, 1.0, 3.0, 3.5}) series.add(t, std::vector{2.0 * t + 1.0});
  CHECK(series.statistic("mean", 0, 0.0) == Approx(4.5));
  CHECK(series.statistic("mean", 0, 0.5) == Approx(5.5));
}

TEST_CASE("Statistics without enough times or periods are errors", "[series]") {
  const auto series = oscillation(0.0, 1.0, 1.0, 100);
  CHECK_THROWS_AS(series.statistic("maximum", 1, 9.95), ansatz::sdk::Error);
  CHECK_THROWS_AS(series.statistic("frequency", 0, 0.0), ansatz::sdk::Error);
}
