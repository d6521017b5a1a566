#include "engine/time/methods/small_exponential.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/base/small_lu.hpp"

namespace ansatz::time {
namespace {

using Matrix = std::vector<double>;

constexpr double largest_norm = 5.371920351148152;  // of the approximant: round-off in its backward error

Matrix product(const Matrix& A, const Matrix& B, std::size_t n) {
  Matrix C(n * n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < n; ++k) {
      const double b = B[j * n + k];
      if (b == 0.0) continue;
      for (std::size_t i = 0; i < n; ++i) C[j * n + i] += A[k * n + i] * b;
    }
  }
  return C;
}

/// Of the largest column sum.
double norm(const Matrix& A, std::size_t n) {
  double largest = 0.0;
  for (std::size_t j = 0; j < n; ++j) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += std::abs(A[j * n + i]);
    if (!(sum <= largest)) largest = sum;  // also what is not a number
  }
  return largest;
}

/// Coefficients of the numerator: c_0 = 1, c_(k+1) = c_k (13 - k) / ((26 - k) (k + 1)).
std::array<double, 14> pade_coefficients() {
  std::array<double, 14> c{1.0};
  for (int k = 0; k < 13; ++k) c[k + 1] = c[k] * (13.0 - k) / ((26.0 - k) * (k + 1.0));
  return c;
}

/// sum_k c_(offset + 2k) A^(2k), k = 0 ... 6.
Matrix even_polynomial(const std::array<double, 14>& c, int offset, const std::array<Matrix, 3>& powers,
                       std::size_t n) {
  const auto sum = [&](int first, bool with_identity) {
    Matrix out(n * n, 0.0);
    for (int k = 0; k < 3; ++k) {
      for (std::size_t i = 0; i < n * n; ++i) out[i] += c[offset + 2 * (first + k + 1)] * powers[k][i];
    }
    for (std::size_t i = 0; with_identity && i < n; ++i) out[i * n + i] += c[offset];
    return out;
  };
  const auto high = product(powers[2], sum(3, false), n);
  auto out = sum(0, true);
  for (std::size_t i = 0; i < n * n; ++i) out[i] += high[i];
  return out;
}

}  // namespace

Matrix exponential(Matrix A, std::size_t n) {
  const double size = norm(A, n);
  if (!std::isfinite(size)) throw sdk::Error(sdk::ErrorKind::not_finite, "a matrix is not finite", "exponential");
  const int squarings = size > largest_norm ? static_cast<int>(std::ceil(std::log2(size / largest_norm))) : 0;
  for (auto& a : A) a = std::ldexp(a, -squarings);
  const auto A2 = product(A, A, n), A4 = product(A2, A2, n);
  const std::array<Matrix, 3> powers{A2, A4, product(A2, A4, n)};
  const auto c = pade_coefficients();
  const auto odd = product(A, even_polynomial(c, 1, powers, n), n), even = even_polynomial(c, 0, powers, n);
  Matrix denominator(n * n), result(n * n);
  for (std::size_t i = 0; i < n * n; ++i) {
    denominator[i] = even[i] - odd[i];
    result[i] = even[i] + odd[i];
  }
  std::vector<int> pivots(n);
  if (!base::factorise(denominator, pivots)) {
    throw sdk::Error(sdk::ErrorKind::not_finite, "a matrix has no exponential in double precision", "exponential");
  }
  for (std::size_t j = 0; j < n; ++j) base::solve_factorised(denominator, pivots, std::span(result).subspan(j * n, n));
  for (int k = 0; k < squarings; ++k) result = product(result, result, n);
  if (!std::isfinite(norm(result, n))) {
    throw sdk::Error(sdk::ErrorKind::not_finite, "the exponential of a matrix overflows", "exponential");
  }
  return result;
}

}  // namespace ansatz::time
