#include "engine/sampling/low_discrepancy.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/random.hpp"

namespace ansatz::sampling {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr int sobol_bits = 32;
constexpr int lattice_bits = 20;
constexpr int max_dimension = LowDiscrepancy::max_dimension;

/// Primitive polynomial x^degree + ... + 1, its inner coefficients as the bits of `inner`, and the first direction
/// numbers.
struct DirectionNumbers {
  int degree;
  std::uint32_t inner;
  std::array<std::uint32_t, 7> initial;
};

/// Of dimensions 2, 3, ...; dimension 1 is van der Corput's sequence.
constexpr std::array<DirectionNumbers, max_dimension - 1> joe_kuo = {{
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
}};

constexpr std::array<std::uint32_t, max_dimension> primes = {2,  3,  5,  7,   11,  13,  17,  19,  23,  29, 31,
                                                             37, 41, 43, 47,  53,  59,  61,  67,  71,  73, 79,
                                                             83, 89, 97, 101, 103, 107, 109, 113, 127, 131};

constexpr std::array<std::uint32_t, max_dimension> lattice_vector = {
    1,      182667, 469891, 498753, 110745, 446247, 250185, 118627, 245333, 283199, 408519,
    391023, 246327, 126539, 399185, 461527, 300343, 69681,  516695, 436179, 106383, 238523,
    413283, 70841,  47719,  300129, 113029, 123925, 410745, 211325, 17489,  511893};

/// Direction numbers of a dimension (from 0), each with its leading digit at bit 31.
std::vector<std::uint32_t> sobol_directions(int dimension) {
  std::vector<std::uint32_t> v(sobol_bits);
  if (dimension == 0) {
    for (int i = 0; i < sobol_bits; ++i) v[i] = 1u << (31 - i);
    return v;
  }
  const auto& [degree, inner, initial] = joe_kuo[dimension - 1];
  for (int i = 0; i < sobol_bits; ++i) {
    if (i < degree) {
      v[i] = initial[i] << (31 - i);
      continue;
    }
    v[i] = v[i - degree] ^ (v[i - degree] >> degree);
    for (int k = 1; k < degree; ++k) {
      if ((inner >> (degree - 1 - k)) & 1u) v[i] ^= v[i - k];
    }
  }
  return v;
}

/// As many digits as a double of [0, 1) resolves: the largest K with base^K <= 2^53.
int num_digits(std::uint32_t base) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 53;
  int count = 0;
  for (std::uint64_t power = 1; power <= limit / base; power *= base) ++count;
  return count;
}

/// sum digits_k base^-(k+1), rounded once.
double value_of(const std::vector<std::uint32_t>& digits, std::uint32_t base) {
  std::uint64_t numerator = 0, denominator = 1;
  for (const std::uint32_t digit : digits) {
    numerator = numerator * base + digit;
    denominator *= base;
  }
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

/// Image of `digit` under the random permutation of 0, ..., base - 1 that belongs to `node`.
std::uint32_t permuted(std::uint32_t digit, std::uint32_t base, std::uint64_t node) {
  sdk::Random random(node);
  std::vector<std::uint32_t> image(base);
  std::iota(image.begin(), image.end(), 0u);
  for (std::uint32_t i = base - 1; i > 0; --i) std::swap(image[i], image[random.below(i + 1)]);
  return image[digit];
}

}  // namespace

/// What one coordinate needs, made once.
struct LowDiscrepancy::Coordinate {
  std::uint32_t base = 2;
  std::vector<std::uint32_t> directions;  ///< of Sobol's sequence
  std::uint64_t multiplier = 0;           ///< of the lattice
  std::uint64_t root = 0;                 ///< seeds the permutations of owen
  std::vector<std::uint32_t> shift;       ///< (digits)
  std::vector<std::uint32_t> matrix;      ///< (digits, digits) lower triangular
  double lattice_shift = 0.0;

  std::vector<std::uint32_t> sobol_digits(std::uint64_t index) const {
    std::uint32_t bits = 0;
    const std::uint64_t gray = index ^ (index >> 1);
    for (int i = 0; i < sobol_bits; ++i) {
      if ((gray >> i) & 1u) bits ^= directions[i];
    }
    std::vector<std::uint32_t> digits(num_digits(2), 0u);
    for (int i = 0; i < sobol_bits; ++i) digits[i] = (bits >> (31 - i)) & 1u;
    return digits;
  }

  std::vector<std::uint32_t> halton_digits(std::uint64_t index) const {
    std::vector<std::uint32_t> digits(num_digits(base), 0u);
    for (std::size_t i = 0; i < digits.size() && index > 0; ++i, index /= base) {
      digits[i] = static_cast<std::uint32_t>(index % base);
    }
    return digits;
  }

  double lattice_value(std::uint64_t index) const {
    std::uint64_t reversed = 0;
    for (int i = 0; i < lattice_bits; ++i) reversed |= ((index >> i) & 1u) << (lattice_bits - 1 - i);
    const std::uint64_t modulo = (reversed * multiplier) & ((std::uint64_t{1} << lattice_bits) - 1);
    const double shifted = static_cast<double>(modulo) * 0x1p-20 + lattice_shift;
    return shifted < 1.0 ? shifted : shifted - 1.0;
  }

  void randomise(Scrambling scrambling, sdk::Random random) {
    root = random.next();
    lattice_shift = scrambling == Scrambling::shift ? random.uniform() : 0.0;
    if (scrambling == Scrambling::owen || scrambling == Scrambling::none) return;
    const int count = num_digits(base);
    for (int i = 0; i < count; ++i) shift.push_back(static_cast<std::uint32_t>(random.below(base)));
    if (scrambling == Scrambling::shift) return;
    matrix.assign(static_cast<std::size_t>(count) * count, 0u);
    for (int i = 0; i < count; ++i) {
      for (int j = 0; j < i; ++j) matrix[i * count + j] = static_cast<std::uint32_t>(random.below(base));
      matrix[i * count + i] = 1 + static_cast<std::uint32_t>(random.below(base - 1));
    }
  }

  void scramble(Scrambling scrambling, std::vector<std::uint32_t>& digits) const {
    const std::size_t count = digits.size();
    if (scrambling == Scrambling::owen) {
      std::uint64_t node = root;
      for (auto& digit : digits) {
        const std::uint32_t before = digit;
        digit = permuted(digit, base, node);
        node = sdk::mixed(node + sdk::golden * (before + 1));
      }
    } else if (scrambling == Scrambling::shift) {
      for (std::size_t i = 0; i < count; ++i) digits[i] = (digits[i] + shift[i]) % base;
    } else if (scrambling == Scrambling::linear) {
      for (std::size_t i = count; i-- > 0;) {
        std::uint64_t sum = shift[i];
        for (std::size_t j = 0; j <= i; ++j) sum += std::uint64_t{matrix[i * count + j]} * digits[j];
        digits[i] = static_cast<std::uint32_t>(sum % base);
      }
    }
  }
};

LowDiscrepancy::LowDiscrepancy(Sequence sequence, int dimension, Scrambling scrambling, std::uint64_t seed)
    : sequence_(sequence), scrambling_(scrambling) {
  if (dimension < 1 || dimension > max_dimension) {
    throw Error(ErrorKind::parameter,
                "low-discrepancy points have 1 to 32 parameters, not " + std::to_string(dimension), "LowDiscrepancy",
                "use a random or Latin hypercube training set");
  }
  if (sequence == Sequence::lattice && (scrambling == Scrambling::linear || scrambling == Scrambling::owen)) {
    throw Error(ErrorKind::parameter, "a lattice is shifted, not scrambled", "LowDiscrepancy",
                "use scrambling = \"shift\", or a Sobol or Halton sequence");
  }
  for (int d = 0; d < dimension; ++d) {
    auto& coordinate = coordinates_.emplace_back();
    if (sequence == Sequence::halton) coordinate.base = primes[d];
    if (sequence == Sequence::sobol) coordinate.directions = sobol_directions(d);
    if (sequence == Sequence::lattice) coordinate.multiplier = lattice_vector[d];
    coordinate.randomise(scrambling, sdk::Random(seed, static_cast<std::uint64_t>(d) + 1));
  }
}

LowDiscrepancy::~LowDiscrepancy() = default;
LowDiscrepancy::LowDiscrepancy(LowDiscrepancy&&) noexcept = default;
LowDiscrepancy& LowDiscrepancy::operator=(LowDiscrepancy&&) noexcept = default;

std::vector<double> LowDiscrepancy::point(std::uint64_t index) const {
  const int bits = sequence_ == Sequence::lattice ? lattice_bits : sobol_bits;
  if (index >> bits != 0) {
    throw Error(ErrorKind::parameter, "the sequence ends after 2^" + std::to_string(bits) + " points", "LowDiscrepancy",
                "ask for fewer points, or use a random training set");
  }
  std::vector<double> out;
  for (const auto& coordinate : coordinates_) {
    if (sequence_ == Sequence::lattice) {
      out.push_back(coordinate.lattice_value(index));
      continue;
    }
    auto digits = sequence_ == Sequence::sobol ? coordinate.sobol_digits(index) : coordinate.halton_digits(index);
    coordinate.scramble(scrambling_, digits);
    out.push_back(value_of(digits, coordinate.base));
  }
  return out;
}

}  // namespace ansatz::sampling
