#pragma once
/// Sums of vectors.

#include <cstddef>
#include <span>

namespace ansatz::time {

/// to += factor x. Shapes (size).
inline void add_scaled(double factor, std::span<const double> x, std::span<double> to) {
  if (factor == 0.0) return;
  for (std::size_t n = 0; n < to.size(); ++n) to[n] += factor * x[n];
}

}  // namespace ansatz::time
