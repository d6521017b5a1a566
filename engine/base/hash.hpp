#pragma once
/// Mixing of integers: the same numbers on all ranks and platforms. Not for cryptography.

#include <cstdint>

namespace ansatz::base {

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

}  // namespace ansatz::base
