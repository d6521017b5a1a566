#pragma once
/// Weights of values at some points in polynomials through them.

#include <span>
#include <vector>

namespace ansatz::time {

/// w with p(x) = sum_i w_i p(points_i) for polynomials of degree < size. The points differ.
inline std::vector<double> value_weights(std::span<const double> points, double x) {
  std::vector<double> w(points.size(), 1.0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (j != i) w[i] *= (x - points[j]) / (points[i] - points[j]);
    }
  }
  return w;
}

/// w with p'(points_0) = sum_i w_i p(points_i) for polynomials of degree < size. The points differ.
inline std::vector<double> rate_weights(std::span<const double> points) {
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

}  // namespace ansatz::time
