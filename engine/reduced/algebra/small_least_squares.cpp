#include "engine/reduced/algebra/small_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ansatz::reduced {
namespace {

/// Applies I - tau v v^T to x.
void reflect(const double* v, double tau, double* x, std::size_t size) {
  double sum = 0.0;
  for (std::size_t i = 0; i < size; ++i) sum += v[i] * x[i];
  sum *= tau;
  for (std::size_t i = 0; i < size; ++i) x[i] -= sum * v[i];
}

double norm(const double* x, std::size_t size) {
  double sum = 0.0;
  for (std::size_t i = 0; i < size; ++i) sum += x[i] * x[i];
  return std::sqrt(sum);
}

}  // namespace

bool least_squares_in_place(std::span<double> A, std::span<double> b, std::span<double> c) {
  const std::size_t m = b.size(), n = c.size();
  if (m < n) return false;
  double largest = 0.0;
  for (std::size_t k = 0; k < n; ++k) largest = std::max(largest, norm(A.data() + k * m, m));
  for (std::size_t k = 0; k < n; ++k) {
    double* const column = A.data() + k * m + k;
    const std::size_t size = m - k;
    const double length = norm(column, size);
    if (!(length > 4.0 * std::numeric_limits<double>::epsilon() * largest)) return false;
    const double diagonal = column[0] > 0.0 ? -length : length;
    column[0] -= diagonal;
    const double tau = 2.0 / (norm(column, size) * norm(column, size));
    for (std::size_t j = k + 1; j < n; ++j) reflect(column, tau, A.data() + j * m + k, size);
    reflect(column, tau, b.data() + k, size);
    c[k] = diagonal;
  }
  // The diagonal of R is in c, the rest above the diagonal of A.
  for (std::size_t k = n; k-- > 0;) {
    c[k] = b[k] / c[k];
    for (std::size_t i = 0; i < k; ++i) b[i] -= c[k] * A[k * m + i];
  }
  return true;
}

}  // namespace ansatz::reduced
