#pragma once
/// What a solve costs, for tuners. Private to engine/linear/tuning.

#include <algorithm>
#include <cstdint>

namespace ansatz::linear {

constexpr double price_of_failure = 10.0;  ///< of the iterations of a solve that was to be tried again

/// At least 1.
inline double cost_of(std::int64_t iterations, bool converged) {
  return std::max(1.0, static_cast<double>(iterations)) * (converged ? 1.0 : price_of_failure);
}

}  // namespace ansatz::linear
