#include "engine/reduced/stability/interpolated_stability.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::reduced {

InterpolatedStability::InterpolatedStability(std::function<double(std::span<const double> mu)> constant, bool inf_sup,
                                             std::vector<sampling::ParameterRange> box)
    : constant_(std::move(constant)) {
  data_.kind = "interpolation";
  data_.inf_sup = inf_sup;
  data_.box = std::move(box);
  data_.safety = std::numeric_limits<double>::infinity();
}

std::vector<double> InterpolatedStability::evaluate(const sampling::TrainingSet& points) {
  std::vector<double> out(points.size(), 1.0);
  for (std::size_t i = 0; i < points.size() && data_.points.columns > 0; ++i) {
    out[i] = std::numeric_limits<double>::infinity();
    for (int k = 0; k < data_.points.columns; ++k)
      out[i] = std::min(out[i], sampling::distance_in_box(data_.box, points[i], data_.points.column(k)));
  }
  return out;
}

bool InterpolatedStability::extend(std::span<const double> mu) {
  const double value = constant_(mu);
  append_column(data_.points, mu);
  data_.eigenvalues.push_back(value);
  fit();
  return true;
}

/// Solves [ Phi P ; P^T 0 ] (w; c) = (log values; 0); leaving out point k changes the value there by w_k over entry (k,
/// k) of the inverse (Rippa, Adv. Comput. Math. 11, 1999).
void InterpolatedStability::fit() {
  const int count = data_.points.columns, d = static_cast<int>(data_.box.size()), size = count + 1 + d;
  data_.weights.clear();
  data_.safety = std::numeric_limits<double>::infinity();
  if (count < d + 2) return;
  Dense system(size, size);
  for (int k = 0; k < count; ++k) {
    for (int l = 0; l < count; ++l)
      system(k, l) = sampling::distance_in_box(data_.box, data_.points.column(k), data_.points.column(l));
    system(k, count) = system(count, k) = 1.0;
    for (int p = 0; p < d; ++p) {
      const auto& range = data_.box[p];
      system(k, count + 1 + p) = system(count + 1 + p, k) = (data_.points(p, k) - range.low) / (range.high - range.low);
    }
  }
  std::vector<double> unit(size), weights(size, 0.0);
  for (int k = 0; k < count; ++k) weights[k] = std::log(data_.eigenvalues[k]);
  double safety = 1.0;
  try {
    const Lu factors(std::move(system));
    factors.solve(weights);
    for (int k = 0; k < count; ++k) {
      std::ranges::fill(unit, 0.0);
      unit[k] = 1.0;
      factors.solve(unit);
      safety = std::max(safety, std::exp(std::abs(weights[k] / unit[k])));
    }
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver) throw;
    return;  // all points so far on a line or in a plane
  }
  if (!std::isfinite(safety)) return;
  data_.weights = std::move(weights);
  data_.safety = safety;
}

Stability InterpolatedStability::stability() const {
  if (!data_.weights.empty()) return Stability(data_);
  throw sdk::Error(sdk::ErrorKind::parameter,
                   "the training set has too few parameters to interpolate stability constants", "reduced.training",
                   "give it more points");
}

Stability train_interpolated(std::function<double(std::span<const double> mu)> constant, bool inf_sup,
                             const std::vector<sampling::ParameterRange>& box, const sampling::TrainingSet& training,
                             const InterpolatedStabilityOptions& options) {
  InterpolatedStability surrogate(std::move(constant), inf_sup, box);
  sampling::GreedyOptions greedy_options{.tolerance = 0.0, .max_extensions = options.max_picks};
  greedy_options.on_step = [&](const sampling::GreedyStep& step) {
    if (options.on_step) options.on_step(step);
    const bool is_enough = step.indicator < 1.0 && surrogate.leave_one_out() <= options.factor;
    return !is_enough;
  };
  sampling::greedy(surrogate, training, greedy_options);
  return surrogate.stability();
}

}  // namespace ansatz::reduced
