#include "engine/time/methods/point_history.hpp"

#include <algorithm>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

std::vector<double> value_weights(std::span<const double> points, double x) {
  std::vector<double> w(points.size(), 1.0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (j != i) w[i] *= (x - points[j]) / (points[i] - points[j]);
    }
  }
  return w;
}

std::vector<double> rate_weights(std::span<const double> points) {
  std::vector<double> w(points.size(), 0.0);
  for (std::size_t i = 1; i < points.size(); ++i) {
    w[i] = 1.0 / (points[i] - points[0]);
    for (std::size_t j = 1; j < points.size(); ++j) {
      if (j != i) w[i] *= (points[0] - points[j]) / (points[i] - points[j]);
    }
    w[0] += 1.0 / (points[0] - points[i]);
  }
  return w;
}

std::vector<double> difference_weights(std::span<const double> points) {
  std::vector<double> w(points.size(), 1.0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (j != i) w[i] /= points[i] - points[j];
    }
  }
  return w;
}

void combine(std::span<const double> weights, std::span<const std::vector<double>> states, std::span<double> out) {
  std::ranges::fill(out, 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] += weights[i] * states[i][n];
  }
}

void PointHistory::clear() {
  states_.clear();
  spacing_.clear();
}

void PointHistory::add(std::span<const double> state, double spacing) {
  if (!states_.empty()) spacing_.insert(spacing_.begin(), spacing);
  if (states_.size() < capacity_) {
    states_.emplace_back();
  } else if (!spacing_.empty()) {
    spacing_.pop_back();
  }
  std::ranges::rotate(states_, states_.end() - 1);
  states_[0].assign(state.begin(), state.end());
}

std::vector<double> PointHistory::times(double newest, int count) const {
  std::vector<double> times{newest};
  for (int i = 1; i < count; ++i) times.push_back(times.back() - spacing_[i - 1]);
  return times;
}

void PointHistory::value(int count, double ahead, std::span<double> out) const {
  combine(value_weights(times(-ahead, count), 0.0), states_, out);
}

void PointHistory::rate(int count, std::span<double> out) const {
  combine(rate_weights(times(0.0, count)), states_, out);
}

void PointHistory::exchange(sdk::StateArchive& archive, const std::string& name, std::size_t size) {
  auto count = static_cast<std::int64_t>(states_.size());
  archive.integer(name + "_states", count);
  archive.numbers(name + "_spacing", spacing_);
  if (count < 0 || count > static_cast<std::int64_t>(capacity_) ||
      static_cast<std::int64_t>(spacing_.size()) != std::max<std::int64_t>(count - 1, 0)) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored history of " + name + " has another length");
  }
  states_.resize(static_cast<std::size_t>(count), std::vector<double>(size));
  for (std::size_t i = 0; i < states_.size(); ++i) archive.unknowns(name + "_" + std::to_string(i), states_[i]);
}

}  // namespace ansatz::time
