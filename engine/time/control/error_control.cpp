#include "engine/time/control/error_control.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

ErrorControl::ErrorControl(sdk::TimeSystem& system, Tolerances tolerances)
    : system_(system), tolerances_(std::move(tolerances)), scale_(system.size()) {
  const std::size_t n = system.size();
  auto& [relative, absolute, weights] = tolerances_;
  if (absolute.size() == 1) absolute.resize(n, absolute[0]);
  if (weights.empty()) weights.resize(n, 1.0);
  const auto good = [](double x) { return std::isfinite(x) && x >= 0.0; };
  const bool all_good = absolute.size() == n && weights.size() == n && good(relative) &&
                        std::ranges::all_of(weights, good) &&
                        std::ranges::all_of(absolute, [&](double a) { return good(a) && a > 0.0; });
  if (system.max(all_good ? 0.0 : 1.0) > 0.0) {
    throw sdk::Error(
        sdk::ErrorKind::parameter,
        "absolute tolerances of errors must be positive, the relative one and weights not negative, all finite and "
        "one for all unknowns or one each",
        {}, "for example relative = 1e-6, absolute = 1e-9");
  }
  double sum = 0.0;
  for (const double w : weights) sum += w * w;
  total_weight_ = system.sum(sum);
  if (!(total_weight_ > 0.0)) {
    throw sdk::Error(sdk::ErrorKind::parameter, "all weights of errors are 0", {}, "give a field a positive weight");
  }
}

double ErrorControl::component(std::size_t i, double error, double y, double y_new) const {
  const double scale = tolerances_.absolute[i] + tolerances_.relative * std::max(std::abs(y), std::abs(y_new));
  return error == 0.0 ? 0.0 : tolerances_.weights[i] * error / scale;
}

double ErrorControl::operator()(std::span<const double> error, std::span<const double> y,
                                std::span<const double> y_new) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < error.size(); ++i) {
    const double e = component(i, error[i], y[i], y_new[i]);
    sum += e * e;
  }
  return std::sqrt(system_.sum(sum) / total_weight_);
}

std::span<const double> ErrorControl::scale(std::span<const double> y) const {
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double w = tolerances_.weights[i];
    scale_[i] = w > 0.0 ? (tolerances_.absolute[i] + tolerances_.relative * std::abs(y[i])) / w
                        : std::numeric_limits<double>::infinity();
  }
  return scale_;
}

}  // namespace ansatz::time
