#pragma once
/// A small seeded generator: the same numbers on all ranks and platforms. Not for cryptography.

#include <cmath>
#include <cstdint>
#include <numbers>

#include "engine/base/hash.hpp"

namespace ansatz::sampling {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): period 2^64, any seed is good.
class Random {
 public:
  /// \param stream numbers of different streams of a seed have nothing to do with each other
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : state_(seed) {
    if (stream > 0) state_ = base::mixed(seed ^ base::mixed(stream));
  }

  /// Uniform on all 64-bit integers.
  std::uint64_t next() { return base::mixed(state_ += base::golden); }
  /// Uniform on the multiples of 2^-53 in [0, 1).
  double uniform() { return base::fraction(next()); }
  /// Uniform on 0, ..., n - 1, without bias.
  /// \param n positive
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t rest = (0 - n) % n;  // 2^64 mod n
    std::uint64_t value = next();
    while (value < rest) value = next();
    return value % n;
  }
  /// Standard normal (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t state_;
};

}  // namespace ansatz::sampling
