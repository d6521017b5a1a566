#include "pod.hpp"

#include <algorithm>
#include <cmath>

namespace pod_regression {
namespace {

constexpr double one_look = 1e-3;  // of the largest direction of a rest: those above it come out orthonormal to 1e-10

/// A -= B C
void subtract(Matrix& A, const Matrix& B, const Matrix& C) {
  const auto BC = multiply(B, C);
  for (std::size_t i = 0; i < A.values.size(); ++i) A.values[i] -= BC.values[i];
}

void append(Matrix& A, const Matrix& B) {
  A.rows = B.rows;
  A.columns += B.columns;
  A.values.insert(A.values.end(), B.values.begin(), B.values.end());
}

/// With rows of zeros at the end.
Matrix extended(const Matrix& A, int rows) {
  Matrix out(rows, A.columns);
  for (int j = 0; j < A.columns; ++j) std::copy(A.column(j).begin(), A.column(j).end(), out.column(j).begin());
  return out;
}

}  // namespace

void Pod::add(const Matrix& U, const Matrix& MU) {
  std::vector<double> squares(U.columns, 0.0);
  for (int j = 0; j < U.columns; ++j) {
    for (int i = 0; i < U.rows; ++i) squares[j] += U(i, j) * MU(i, j);
  }
  sum_(squares);
  for (const double x : squares) largest_ = std::max(largest_, std::sqrt(std::max(0.0, x)));

  // One look at the rest takes what is not small beside it, orthonormal to round-off, the next one what is left.
  Matrix R = U, MR = MU, C(B_.columns, U.columns);
  while (grow(R, MR, C)) {
  }
  for (auto& old : coefficients_) old = extended(old, B_.columns);
  coefficients_.push_back(std::move(C));
}

/// Takes the parts along the basis out of R, twice for orthogonality to round-off, and adds them to C; then takes the
/// leading directions of R into the basis. \returns whether there were any
bool Pod::grow(Matrix& R, Matrix& MR, Matrix& C) {
  C = extended(C, B_.columns);
  for (int pass = 0; pass < 2 && B_.columns > 0; ++pass) {
    auto part = multiply_transposed(MB_, R);
    sum_(part.values);
    subtract(R, B_, part);
    subtract(MR, MB_, part);
    for (std::size_t i = 0; i < C.values.size(); ++i) C.values[i] += part.values[i];
  }
  auto gram = multiply_transposed(R, MR);
  sum_(gram.values);
  const auto parts = eigen(gram);
  const int m = R.columns;
  const double most = m > 0 ? std::max(0.0, parts.values.back()) : 0.0;
  const double least = std::max(std::pow(tolerance_ * largest_, 2), one_look * one_look * most);
  int count = 0;
  while (count < m && parts.values[m - 1 - count] > least) ++count;
  Matrix V(m, count);
  for (int j = 0; j < count; ++j) {
    const double scale = 1.0 / std::sqrt(parts.values[m - 1 - j]);
    for (int i = 0; i < m; ++i) V(i, j) = parts.vectors(i, m - 1 - j) * scale;
  }
  append(B_, multiply(R, V));
  append(MB_, multiply(MR, V));
  return count > 0;
}

Pod::Modes Pod::modes(const Matrix& coefficients, double tolerance, int max_modes) {
  Modes out;
  const int n = coefficients.rows;
  const auto rows = transposed(coefficients);
  const auto parts = eigen(multiply_transposed(rows, rows));
  double total = 0.0;
  for (int j = n - 1; j >= 0; --j) {
    const double square = std::max(0.0, parts.values[j]);
    total += square;
    out.singular_values.push_back(std::sqrt(square));
  }
  double tail = 0.0;
  int count = n;
  while (count > 0) {
    const double square = std::pow(out.singular_values[count - 1], 2);
    if (count <= max_modes && tail + square > tolerance * tolerance * total) break;
    tail += square;
    --count;
  }
  out.tail = total > 0.0 ? std::sqrt(tail / total) : 0.0;
  out.rotation = Matrix(n, count);
  for (int j = 0; j < count; ++j) {
    const auto from = parts.vectors.column(n - 1 - j);
    std::copy(from.begin(), from.end(), out.rotation.column(j).begin());
  }
  return out;
}

}  // namespace pod_regression
