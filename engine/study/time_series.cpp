#include "engine/study/time_series.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"

namespace ansatz::study {
namespace {

using Values = std::span<const double>;

/// Maximum of sign * x, with the vertex of the parabola through three points around each local maximum.
double largest(Values t, Values x, double sign) {
  double best = sign * x[0];
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double here = sign * x[i];
    best = std::max(best, here);
    if (i == 0 || i + 1 == x.size()) continue;
    const double before = sign * x[i - 1], after = sign * x[i + 1];
    if (here < before || here < after) continue;
    const double h = t[i] - t[i - 1], k = t[i + 1] - t[i];
    const double slope_before = (here - before) / h, slope_after = (after - here) / k;
    const double curvature = 2.0 * (slope_after - slope_before) / (h + k);
    const double slope = (slope_before * k + slope_after * h) / (h + k);
    if (curvature < 0.0) best = std::max(best, here - 0.5 * slope * slope / curvature);
  }
  return best;
}

double mean(Values t, Values x) {
  double integral = 0.0;
  for (std::size_t i = 1; i < t.size(); ++i) integral += 0.5 * (t[i] - t[i - 1]) * (x[i] + x[i - 1]);
  return integral / (t.back() - t.front());
}

double frequency(Values t, Values x) {
  const double middle = mean(t, x);
  double first = 0.0, last = 0.0;
  int crossings = 0;
  for (std::size_t i = 1; i < t.size(); ++i) {
    if (!(x[i - 1] < middle && x[i] >= middle)) continue;
    last = t[i - 1] + (t[i] - t[i - 1]) * (middle - x[i - 1]) / (x[i] - x[i - 1]);
    if (crossings++ == 0) first = last;
  }
  if (crossings < 2) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("no frequency: the quantity crosses its mean upwards {} time{} from t = {} to {} s",
                                 crossings, crossings == 1 ? "" : "s", t.front(), t.back()),
                     {}, "choose a later end or an earlier \"after\"");
  }
  return (crossings - 1) / (last - first);
}

}  // namespace

void TimeSeries::add(double time, std::span<const double> values) {
  times_.push_back(time);
  values_.resize(values.size());
  for (std::size_t q = 0; q < values.size(); ++q) values_[q].push_back(values[q]);
}

void TimeSeries::exchange(sdk::StateArchive& archive) {
  archive.numbers("series_times", times_);
  auto count = static_cast<std::int64_t>(values_.size());
  archive.integer("series_quantities", count);
  values_.resize(count);
  for (std::size_t q = 0; q < values_.size(); ++q) archive.numbers(fmt::format("series_{}", q), values_[q]);
}

double TimeSeries::statistic(const std::string& name, std::size_t quantity, double after) const {
  const auto first = std::lower_bound(times_.begin(), times_.end(), after) - times_.begin();
  const Values t = Values(times_).subspan(first);
  if (t.size() < 3) {
    throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("a statistic over {} times from t = {} s", t.size(), after), {},
                     "it needs three times or more: choose an earlier \"after\"");
  }
  const Values x = Values(values_[quantity]).subspan(first);
  if (name == "maximum") return largest(t, x, 1.0);
  if (name == "minimum") return -largest(t, x, -1.0);
  if (name == "peak_to_peak") return largest(t, x, 1.0) + largest(t, x, -1.0);
  if (name == "mean") return mean(t, x);
  if (name == "frequency") return frequency(t, x);
  throw sdk::Error(sdk::ErrorKind::internal, "unknown statistic " + name);
}

}  // namespace ansatz::study
