#pragma once
/// Points that fill the unit cube evenly: Sobol, Halton and rank-1 lattice sequences, and their randomisations.

#include <cstdint>
#include <vector>

namespace ansatz::sampling {

enum class Sequence { sobol, halton, lattice };

/// shift: digits shifted, or the point modulo 1 for a lattice; linear: lower-triangular random matrix on the digits,
/// then a shift (Matousek, J. Complexity 14, 1998); owen: nested permutations (Owen, 1995). All keep the points of a
/// digital net in as many elementary intervals as before.
enum class Scrambling { none, shift, linear, owen };

/// A low-discrepancy sequence in [0, 1)^d, the same on all ranks and platforms.
///
/// sobol: Gray-code order, direction numbers new-joe-kuo-6.21201 (Joe, Kuo, SIAM J. Sci. Comput. 30, 2008), d <= 32.
/// halton: radical inverses in the first primes, d <= 32.
/// lattice: embedded rank-1 lattice sequence in base 2, generating vector of Cools, Kuo, Nuyens (SIAM J. Sci. Comput.
/// 28, 2006, order-2 weights, exod2_base2_m20_CKN of the Magic Point Shop), at most 2^20 points, d <= 32.
class LowDiscrepancy {
 public:
  static constexpr int max_dimension = 32;

  /// \throws sdk::Error of kind parameter for a dimension out of range, or a scrambled lattice
  LowDiscrepancy(Sequence sequence, int dimension, Scrambling scrambling = Scrambling::none, std::uint64_t seed = 1);
  ~LowDiscrepancy();
  LowDiscrepancy(LowDiscrepancy&&) noexcept;
  LowDiscrepancy& operator=(LowDiscrepancy&&) noexcept;

  /// Point number `index`, shape (dimension); without scrambling, number 0 is the origin.
  /// \throws sdk::Error of kind parameter past the end of the sequence
  std::vector<double> point(std::uint64_t index) const;

 private:
  struct Coordinate;

  Sequence sequence_;
  Scrambling scrambling_;
  std::vector<Coordinate> coordinates_;
};

}  // namespace ansatz::sampling
