#pragma once
/// Random streams of a training, none of them shared with anything else.

#include <cstdint>
#include <random>

namespace ansatz::rl_stepping {

/// The same numbers everywhere: the standard fixes the generator, not its distributions.
class Random {
 public:
  /// \param stream streams of one seed have nothing to do with each other
  Random(std::uint64_t seed, std::uint32_t stream) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), stream};
    generator_.seed(words);
  }

  /// In [0, 1).
  double uniform() { return static_cast<double>(generator_() >> 11) * 0x1p-53; }
  /// Of 0, ..., n - 1.
  /// \param n at most 2^32
  std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>(uniform() * static_cast<double>(n)); }

 private:
  std::mt19937_64 generator_;
};

}  // namespace ansatz::rl_stepping
