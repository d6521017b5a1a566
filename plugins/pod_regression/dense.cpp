#include "dense.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "ansatz/sdk/error.hpp"

extern "C" {
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*, const double*, const int*,
            const double*, const int*, const double*, double*, const int*);
void dsyevd_(const char*, const char*, const int*, double*, const int*, double*, double*, const int*, int*, const int*,
             int*);
void dgeqrf_(const int*, const int*, double*, const int*, double*, double*, const int*, int*);
void dorgqr_(const int*, const int*, const int*, double*, const int*, const double*, double*, const int*, int*);
void dposv_(const char*, const int*, const int*, double*, const int*, double*, const int*, int*);
void dtrsm_(const char*, const char*, const char*, const char*, const int*, const int*, const double*, const double*,
            const int*, double*, const int*);
}

namespace pod_regression {
namespace {

using ansatz::sdk::Error;
using ansatz::sdk::ErrorKind;

int leading(int rows) { return std::max(1, rows); }

void require(bool good, const char* where) {
  if (!good) throw Error(ErrorKind::internal, "the shapes of dense matrices do not fit", where);
}

void require_success(int info, const char* routine) {
  if (info == 0) return;
  throw Error(ErrorKind::solver, "a dense factorisation failed (info " + std::to_string(info) + ")", routine,
              "look for snapshots or parameters of very different size");
}

Matrix product(const char* transpose, const Matrix& A, const Matrix& B, int rows, int inner) {
  Matrix C(rows, B.columns);
  if (rows == 0 || inner == 0 || B.columns == 0) return C;
  const double one = 1.0, zero = 0.0;
  const int lda = leading(A.rows), ldb = leading(B.rows), ldc = leading(rows);
  dgemm_(transpose, "N", &rows, &B.columns, &inner, &one, A.values.data(), &lda, B.values.data(), &ldb, &zero,
         C.values.data(), &ldc);
  return C;
}

}  // namespace

Matrix multiply(const Matrix& A, const Matrix& B) {
  require(A.columns == B.rows, "multiply");
  return product("N", A, B, A.rows, A.columns);
}

Matrix multiply_transposed(const Matrix& A, const Matrix& B) {
  require(A.rows == B.rows, "multiply_transposed");
  return product("T", A, B, A.columns, A.rows);
}

Matrix transposed(const Matrix& A) {
  Matrix T(A.columns, A.rows);
  for (int i = 0; i < A.rows; ++i) {
    for (int j = 0; j < A.columns; ++j) T(j, i) = A(i, j);
  }
  return T;
}

Eigen eigen(Matrix A) {
  require(A.rows == A.columns, "eigen");
  Eigen out{std::vector<double>(A.rows), std::move(A)};
  const int n = out.vectors.rows;
  if (n == 0) return out;
  int size = -1, integers = -1, info = 0;
  std::vector<double> work(1);
  std::vector<int> more(1);
  for (int pass = 0; pass < 2; ++pass) {
    dsyevd_("V", "L", &n, out.vectors.values.data(), &n, out.values.data(), work.data(), &size, more.data(), &integers,
            &info);
    require_success(info, "dsyevd");
    size = static_cast<int>(work[0]);
    integers = more[0];
    work.resize(size);
    more.resize(integers);
  }
  for (int j = 0; j < n; ++j) {
    const auto v = out.vectors.column(j);
    double largest = 0.0, entry = 0.0;
    for (const double x : v) {
      if (std::abs(x) <= largest * (1.0 + 1e-8)) continue;  // of nearly equal ones the first
      largest = std::abs(x);
      entry = x;
    }
    if (entry < 0.0) std::transform(v.begin(), v.end(), v.begin(), [](double x) { return -x; });
  }
  return out;
}

Qr qr(Matrix A) {
  const int n = A.rows, q = A.columns;
  require(q <= n, "qr");
  Qr out{Matrix(n, n), Matrix(q, q)};
  if (q == 0) {
    for (int i = 0; i < n; ++i) out.Q(i, i) = 1.0;
    return out;
  }
  std::vector<double> tau(q), work(1);
  int size = -1, info = 0;
  for (int pass = 0; pass < 2; ++pass) {
    dgeqrf_(&n, &q, A.values.data(), &n, tau.data(), work.data(), &size, &info);
    require_success(info, "dgeqrf");
    size = static_cast<int>(work[0]);
    work.resize(size);
  }
  for (int j = 0; j < q; ++j) {
    for (int i = 0; i <= j; ++i) out.R(i, j) = A(i, j);
  }
  std::copy(A.values.begin(), A.values.end(), out.Q.values.begin());
  size = -1;
  for (int pass = 0; pass < 2; ++pass) {
    dorgqr_(&n, &n, &q, out.Q.values.data(), &n, tau.data(), work.data(), &size, &info);
    require_success(info, "dorgqr");
    size = static_cast<int>(work[0]);
    work.resize(size);
  }
  return out;
}

bool solve_positive(Matrix A, Matrix& B) {
  require(A.rows == A.columns && A.rows == B.rows, "solve_positive");
  if (A.rows == 0 || B.columns == 0) return true;
  int info = 0;
  dposv_("L", &A.rows, &B.columns, A.values.data(), &A.rows, B.values.data(), &B.rows, &info);
  return info == 0;
}

void solve_triangle(const Matrix& R, Matrix& B) {
  require(R.rows == R.columns && R.rows == B.rows, "solve_triangle");
  if (R.rows == 0 || B.columns == 0) return;
  const double one = 1.0;
  dtrsm_("L", "U", "N", "N", &B.rows, &B.columns, &one, R.values.data(), &R.rows, B.values.data(), &B.rows);
}

Matrix factor(const Matrix& A, double cut) {
  const auto parts = eigen(A);
  const int n = A.rows;
  const double least = n > 0 ? cut * cut * std::max(0.0, parts.values.back()) : 0.0;
  int first = 0;
  while (first < n && parts.values[first] <= least) ++first;
  Matrix L(n, n - first);
  for (int j = first; j < n; ++j) {
    const double root = std::sqrt(parts.values[j]);
    for (int i = 0; i < n; ++i) L(i, n - 1 - j) = root * parts.vectors(i, j);
  }
  return L;
}

}  // namespace pod_regression
