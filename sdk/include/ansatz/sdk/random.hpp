#pragma once
/// Seeded numbers that look random: the same on all ranks and platforms. Not for cryptography.

#include <cmath>
#include <cstdint>
#include <numbers>

namespace ansatz::sdk {

inline constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;  ///< 2^64 over the golden ratio: SplitMix64's increment

/// Bijection of the 64-bit integers that spreads every bit over all: SplitMix64's (Steele, Lea, Flood, OOPSLA 2014).
constexpr std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// The multiple of 2^-53 in [0, 1) that the upper bits say.
constexpr double fraction(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

/// Fixed pseudo-random number in [0, 1) of an index.
constexpr double hashed(std::uint64_t index) { return fraction(mixed(index + golden)); }

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): period 2^64, any seed is good.
class Random {
 public:
  /// \param stream numbers of different streams of a seed have nothing to do with each other: one of each cell, say, so
  /// that results do not depend on the number of ranks
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : state_(seed) {
    if (stream > 0) state_ = mixed(seed ^ mixed(stream));
  }
  /// All that influences later numbers, for StateArchive::words().
  std::uint64_t state() const { return state_; }
  void set_state(std::uint64_t state) { state_ = state; }

  /// Uniform on all 64-bit integers.
  std::uint64_t next() { return mixed(state_ += golden); }
  /// Uniform on the multiples of 2^-53 in [0, 1).
  double uniform() { return fraction(next()); }
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

}  // namespace ansatz::sdk
