#include "engine/linear/matrices/field_scales.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

namespace ansatz::linear {
namespace {

constexpr int most_sweeps = 10000;
constexpr double settled = 1e-13;

using Exponents = std::vector<std::vector<std::optional<int>>>;  ///< of blocks; nothing where a block is zero

Exponents exponents_of_blocks(const SparseMatrix& A, const FieldsOfUnknowns& fields,
                              const std::vector<std::uint8_t>& is_lone) {
  Exponents exponents(fields.count, std::vector<std::optional<int>>(fields.count));
  std::vector<double> of_field(is_lone.size()), sums(is_lone.size());
  for (int g = 0; g < fields.count; ++g) {
    for (std::size_t i = 0; i < of_field.size(); ++i) of_field[i] = fields.of[i] == g ? 1.0 : 0.0;
    A.multiply_absolute(of_field, sums);
    for (int f = 0; f < fields.count; ++f) {
      double largest = 0.0;
      for (std::size_t i = 0; i < sums.size(); ++i) {
        if (fields.of[i] == f && is_lone[i] == 0) largest = std::max(largest, sums[i]);
      }
      largest = A.comm().max(largest);
      if (largest > 0.0) exponents[f][g] = std::ilogb(largest);
    }
  }
  return exponents;
}

/// The mean of log2 N + other over the blocks of a field, with its sign turned; 0 where there are none.
template <class Block>
double balanced(const std::vector<double>& other, const Block& block) {
  double sum = 0.0;
  int count = 0;
  for (std::size_t g = 0; g < other.size(); ++g) {
    const std::optional<int> exponent = block(g);
    if (!exponent) continue;
    sum += *exponent + other[g];
    ++count;
  }
  return count > 0 ? -sum / count : 0.0;
}

/// a and c of least squares, by turns.
std::pair<std::vector<double>, std::vector<double>> least_squares(const Exponents& exponents) {
  const std::size_t count = exponents.size();
  std::vector<double> a(count, 0.0), c(count, 0.0);
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double change = 0.0;
    for (std::size_t f = 0; f < count; ++f) a[f] = balanced(c, [&](std::size_t g) { return exponents[f][g]; });
    for (std::size_t g = 0; g < count; ++g) {
      const double next = balanced(a, [&](std::size_t f) { return exponents[f][g]; });
      change = std::max(change, std::abs(next - c[g]));
      c[g] = next;
    }
    if (change <= settled) break;
  }
  return {a, c};
}

/// Least squares of whole numbers are ratios of small ones, which an irrational threshold tells apart in any units.
int to_whole(double x) { return static_cast<int>(std::floor(x + 2.0 - std::numbers::sqrt2)); }

std::vector<int> parts_of(const Exponents& exponents) {
  const int count = static_cast<int>(exponents.size());
  std::vector<int> parts(count);
  std::iota(parts.begin(), parts.end(), 0);
  for (int f = 0; f < count; ++f) {
    for (int g = 0; g < count; ++g) {
      if (!exponents[f][g]) continue;
      const int kept = std::min(parts[f], parts[g]), other = std::max(parts[f], parts[g]);
      std::ranges::replace(parts, other, kept);
    }
  }
  return parts;
}

}  // namespace

void FieldScales::level(const base::Communicator& comm, const FieldsOfUnknowns& fields, std::span<const double> rhs) {
  if (std::ranges::count(parts, 0) == fields.count) return;
  std::vector<double> scaled(rhs.begin(), rhs.end());
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= rows[i];
  const auto norms = FieldNorms(comm, fields).of(scaled);
  std::vector<double> squares(fields.count, 0.0), factors(fields.count, 1.0);
  for (int f = 0; f < fields.count; ++f) squares[parts[f]] += norms[f] * norms[f];
  for (int f = 0; f < fields.count; ++f) {
    const double size = std::sqrt(squares[parts[f]]);
    if (size > 0.0) factors[f] = std::exp2(-std::ilogb(size));
    of_equations[f] *= factors[f];
  }
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    rows[i] *= factors[fields.of[i]];
    columns[i] /= factors[fields.of[i]];
  }
}

FieldScales field_scales(const SparseMatrix& A, const FieldsOfUnknowns& fields, std::span<const std::int32_t> lone_rows,
                         bool symmetric) {
  const std::size_t size = fields.of.size();
  std::vector<std::uint8_t> is_lone(size, 0);
  for (const auto row : lone_rows) is_lone[row] = 1;
  const auto exponents = exponents_of_blocks(A, fields, is_lone);
  const auto [a, c] = least_squares(exponents);
  std::vector<int> rows(fields.count), columns(fields.count);
  for (int f = 0; f < fields.count; ++f) {
    columns[f] = symmetric ? to_whole(0.5 * (a[f] + c[f] - a[0] - c[0])) : to_whole(c[f] - c[0]);
  }
  for (int f = 0; f < fields.count; ++f) {
    std::optional<int> largest;
    for (int g = 0; g < fields.count; ++g) {
      if (exponents[f][g])
        largest = std::max(largest.value_or(*exponents[f][g] + columns[g]), *exponents[f][g] + columns[g]);
    }
    rows[f] = symmetric ? columns[f] : -largest.value_or(-columns[f]);
  }
  FieldScales scales{std::vector<double>(fields.count), std::vector<double>(size), std::vector<double>(size),
                     parts_of(exponents)};
  for (int f = 0; f < fields.count; ++f) scales.of_equations[f] = std::ldexp(1.0, rows[f]);
  for (std::size_t i = 0; i < size; ++i) {
    scales.rows[i] = scales.of_equations[fields.of[i]];
    scales.columns[i] = std::ldexp(1.0, columns[fields.of[i]]);
  }
  for (const auto row : lone_rows) {
    const double diagonal = A.diagonal_values()[A.pattern().diagonal_position(row)];
    scales.rows[row] = 1.0 / (scales.columns[row] * std::exp2(std::ilogb(diagonal)));
  }
  return scales;
}

}  // namespace ansatz::linear
