#include "engine/time/loop/dense_rate.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::time {

void Cubic::at(double theta, std::span<double> out) const {
  const double rest = 1.0 - theta;
  const double a = (1.0 + 2.0 * theta) * rest * rest, b = theta * rest * rest * length,
               c = theta * theta * (3.0 - 2.0 * theta), d = theta * theta * (theta - 1.0) * length;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a * begin[i] + b * begin_rate[i] + c * end[i] + d * end_rate[i];
}
namespace {

constexpr int points = 5;

/// Derivative at s of the Lagrange polynomial that is 1 at i, of the points 0, 1, ...
double slope(int i, double s) {
  double sum = 0.0;
  for (int j = 0; j < points; ++j) {
    if (j == i) continue;
    double product = 1.0 / (i - j);
    for (int k = 0; k < points; ++k) {
      if (k != i && k != j) product *= (s - k) / (i - k);
    }
    sum += product;
  }
  return sum;
}

}  // namespace

void interpolate_rate(Stepper& stepper, double t, std::span<double> out) {
  // Through five states close to each other: dense output is a polynomial of degree 3 to 5.
  const double end = stepper.time(), begin = end - stepper.last_step(), spacing = std::ldexp(stepper.last_step(), -8);
  const double first = std::clamp(t - 2.0 * spacing, begin, end - 4.0 * spacing);
  std::vector<double> y(out.size());
  std::ranges::fill(out, 0.0);
  for (int i = 0; i < points; ++i) {
    stepper.interpolate(std::min(first + i * spacing, end), y);
    const double weight = slope(i, (t - first) / spacing) / spacing;
    for (std::size_t n = 0; n < out.size(); ++n) out[n] += weight * y[n];
  }
  stepper.system().prescribe_rates(t, out);
}

}  // namespace ansatz::time
