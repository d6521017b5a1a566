#pragma once
/// Small dense systems in given memory.

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace ansatz::base {

/// A := its factors by elimination with partial pivoting. Allocates nothing.
/// \param A shape (n, n), column after column
/// \param pivots (n)
/// \returns false if singular
inline bool factorise(std::span<double> A, std::span<int> pivots) {
  const std::size_t n = pivots.size();
  for (std::size_t k = 0; k < n; ++k) {
    double* const column = A.data() + k * n;
    const auto pivot = static_cast<std::size_t>(
        std::max_element(column + k, column + n, [](double x, double y) { return std::abs(x) < std::abs(y); }) -
        column);
    if (!(std::abs(column[pivot]) > 0.0)) return false;
    pivots[k] = static_cast<int>(pivot);
    if (pivot != k) {
      for (std::size_t j = k; j < n; ++j) std::swap(A[j * n + k], A[j * n + pivot]);
    }
    for (std::size_t i = k + 1; i < n; ++i) column[i] /= column[k];
    for (std::size_t j = k + 1; j < n; ++j) {
      const double factor = A[j * n + k];
      for (std::size_t i = k + 1; i < n; ++i) A[j * n + i] -= factor * column[i];
    }
  }
  return true;
}

/// b := A^-1 b with what factorise() left. Allocates nothing.
/// \param b (n)
inline void solve_factorised(std::span<const double> A, std::span<const int> pivots, std::span<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::swap(b[k], b[static_cast<std::size_t>(pivots[k])]);
    const double* const column = A.data() + k * n;
    for (std::size_t i = k + 1; i < n; ++i) b[i] -= b[k] * column[i];
  }
  for (std::size_t k = n; k-- > 0;) {
    b[k] /= A[k * n + k];
    for (std::size_t i = 0; i < k; ++i) b[i] -= b[k] * A[k * n + i];
  }
}

}  // namespace ansatz::base
