#include "engine/base/fixed_point_sum.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::base {

double fixed_point_sum(const Communicator& comm, std::span<const double> values) {
  constexpr int half = 31;  // bits: two integers hold the digits
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, value);
  largest = comm.max(largest);
  if (!(largest > 0.0)) return 0.0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  std::int64_t high = 0, low = 0;
  for (const double value : values) {
    const double scaled = std::ldexp(value, half - exponent), whole = std::floor(scaled);
    high += static_cast<std::int64_t>(whole);
    low += std::llround(std::ldexp(scaled - whole, half));
  }
  high = comm.sum(high);
  low = comm.sum(low);
  high += low >> half;
  low &= (std::int64_t{1} << half) - 1;
  return std::ldexp(static_cast<double>(high), exponent - half) +
         std::ldexp(static_cast<double>(low), exponent - 2 * half);
}

}  // namespace ansatz::base
