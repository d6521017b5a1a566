#include "engine/reduced/algebra/dense.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/algebra/lapack.hpp"

namespace ansatz::reduced {
namespace {

static_assert(sizeof(PetscBLASInt) == sizeof(int), "pivots are stored as int");

using lapack::blas_int, lapack::leading, lapack::require_success;
using sdk::Error;
using sdk::ErrorKind;

constexpr PetscBLASInt workspace_query = -1;

void require_shape(bool good, const char* where) {
  if (!good) throw Error(ErrorKind::internal, "the shapes of dense matrices do not fit", where);
}

void require_finite(const Dense& A, const char* where) {
  const bool finite = std::all_of(A.values.begin(), A.values.end(), [](double value) { return std::isfinite(value); });
  if (!finite) {
    throw Error(ErrorKind::not_finite, "a dense matrix has an entry that is not a finite number", where,
                "look for snapshots, parameters or coefficients that are not finite");
  }
}

Dense gemm(const char* transposed, const Dense& A, const Dense& B, int rows, int inner) {
  Dense C(rows, B.columns);
  if (rows == 0 || B.columns == 0 || inner == 0) return C;
  const PetscBLASInt m = rows, n = B.columns, k = inner, lda = leading(A.rows), ldb = leading(B.rows),
                     ldc = leading(rows);
  const double one = 1.0, zero = 0.0;
  BLASgemm_(transposed, "N", &m, &n, &k, &one, A.values.data(), &lda, B.values.data(), &ldb, &zero, C.values.data(),
            &ldc);
  return C;
}

}  // namespace

void lapack::require_success(PetscBLASInt info, const char* routine) {
  if (info < 0) throw Error(ErrorKind::internal, "argument " + std::to_string(-info) + " is illegal", routine);
  if (info > 0) {
    throw Error(ErrorKind::solver, "a dense factorisation did not converge (info " + std::to_string(info) + ")",
                routine, "the matrix is scaled very badly: look for snapshots of very different size");
  }
}

double norm(std::span<const double> v) {
  double sum = 0.0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

void append_column(Dense& A, std::span<const double> column) {
  A.rows = static_cast<int>(column.size());
  ++A.columns;
  A.values.insert(A.values.end(), column.begin(), column.end());
}

Dense multiply(const Dense& A, const Dense& B) {
  require_shape(A.columns == B.rows, "multiply");
  return gemm("N", A, B, A.rows, A.columns);
}

Dense multiply_transposed(const Dense& A, const Dense& B) {
  require_shape(A.rows == B.rows, "multiply_transposed");
  return gemm("T", A, B, A.columns, A.rows);
}

Svd svd(Dense A) {
  require_finite(A, "svd");
  const int k = std::min(A.rows, A.columns);
  Svd out{Dense(A.rows, k), std::vector<double>(k), Dense(A.columns, k)};
  if (k == 0) return out;
  Dense Vt(k, A.columns);
  const PetscBLASInt m = A.rows, n = A.columns, lda = leading(A.rows), ldvt = leading(k);
  PetscBLASInt info = 0, size = workspace_query;
  std::vector<double> work(1);
  for (int pass = 0; pass < 2; ++pass) {
    LAPACKgesvd_("S", "S", &m, &n, A.values.data(), &lda, out.s.data(), out.U.values.data(), &lda, Vt.values.data(),
                 &ldvt, work.data(), &size, &info);
    require_success(info, "gesvd");
    size = blas_int(static_cast<std::size_t>(work[0]));
    work.resize(size);
  }
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < A.columns; ++j) out.V(j, i) = Vt(i, j);
  }
  return out;
}

SymmetricEigen symmetric_eigen(Dense A) {
  require_shape(A.rows == A.columns, "symmetric_eigen");
  require_finite(A, "symmetric_eigen");
  SymmetricEigen out{std::vector<double>(A.rows), std::move(A)};
  const PetscBLASInt n = out.vectors.rows, lda = leading(n);
  if (n == 0) return out;
  PetscBLASInt info = 0, size = workspace_query;
  std::vector<double> work(1);
  for (int pass = 0; pass < 2; ++pass) {
    LAPACKsyev_("V", "U", &n, out.vectors.values.data(), &lda, out.values.data(), work.data(), &size, &info);
    require_success(info, "syev");
    size = blas_int(static_cast<std::size_t>(work[0]));
    work.resize(size);
  }
  return out;
}

Dense cholesky(Dense A) {
  require_shape(A.rows == A.columns, "cholesky");
  require_finite(A, "cholesky");
  const PetscBLASInt n = A.rows, lda = leading(n);
  PetscBLASInt info = 0;
  if (n > 0) LAPACKpotrf_("U", &n, A.values.data(), &lda, &info);
  if (info > 0) return {};
  require_success(info, "potrf");
  for (int j = 0; j < n; ++j) {
    for (int i = j + 1; i < n; ++i) A(i, j) = 0.0;
  }
  return A;
}

Lu::Lu(Dense A) : factors_(std::move(A)), pivots_(factors_.rows) {
  require_shape(factors_.rows == factors_.columns, "Lu");
  require_finite(factors_, "Lu");
  const PetscBLASInt n = factors_.rows, lda = leading(n);
  PetscBLASInt info = 0;
  if (n > 0) LAPACKgetrf_(&n, &n, factors_.values.data(), &lda, pivots_.data(), &info);
  if (info > 0) {
    throw Error(ErrorKind::solver, "a dense matrix is singular: pivot " + std::to_string(info - 1) + " is zero", "Lu",
                "the basis has dependent vectors, or the reduced problem has no unique solution");
  }
  require_success(info, "getrf");
}

namespace {

void lu_solve(const char* transposed, const Dense& factors, const std::vector<int>& pivots, std::span<double> b) {
  require_shape(static_cast<int>(b.size()) == factors.rows, "Lu::solve");
  const PetscBLASInt n = factors.rows, one = 1, lda = leading(n);
  PetscBLASInt info = 0;
  if (n > 0) LAPACKgetrs_(transposed, &n, &one, factors.values.data(), &lda, pivots.data(), b.data(), &lda, &info);
  require_success(info, "getrs");
}

}  // namespace

void Lu::solve(std::span<double> b) const { lu_solve("N", factors_, pivots_, b); }

void Lu::solve_transposed(std::span<double> b) const { lu_solve("T", factors_, pivots_, b); }

Qr qr(Dense A) {
  require_finite(A, "qr");
  const int k = std::min(A.rows, A.columns);
  Qr out{Dense(A.rows, k), Dense(k, A.columns)};
  if (k == 0) return out;
  const PetscBLASInt m = A.rows, n = A.columns, lda = leading(A.rows);
  PetscBLASInt info = 0, size = workspace_query;
  std::vector<double> work(1), tau(k);
  for (int pass = 0; pass < 2; ++pass) {
    LAPACKgeqrf_(&m, &n, A.values.data(), &lda, tau.data(), work.data(), &size, &info);
    require_success(info, "geqrf");
    size = std::max(blas_int(static_cast<std::size_t>(work[0])), n);
    work.resize(size);
  }
  for (int j = 0; j < A.columns; ++j) {
    for (int i = 0; i <= std::min(j, k - 1); ++i) out.R(i, j) = A(i, j);
  }
  std::copy_n(A.values.begin(), out.Q.values.size(), out.Q.values.begin());
  const PetscBLASInt columns = k;
  LAPACKorgqr_(&m, &columns, &columns, out.Q.values.data(), &lda, tau.data(), work.data(), &size, &info);
  require_success(info, "orgqr");
  for (int i = 0; i < k; ++i) {
    if (!(out.R(i, i) < 0.0)) continue;
    for (int j = i; j < A.columns; ++j) out.R(i, j) = -out.R(i, j);
    for (double& value : out.Q.column(i)) value = -value;
  }
  return out;
}

PivotedQr pivoted_qr(Dense A) {
  require_finite(A, "pivoted_qr");
  const int k = std::min(A.rows, A.columns);
  PivotedQr out{std::vector<int>(A.columns, 0), std::vector<double>(k)};
  if (k == 0) {
    std::iota(out.order.begin(), out.order.end(), 0);
    return out;
  }
  const PetscBLASInt m = A.rows, n = A.columns, lda = leading(A.rows);
  PetscBLASInt info = 0, size = workspace_query;
  std::vector<double> work(1), tau(k);
  for (int pass = 0; pass < 2; ++pass) {
    dgeqp3_(&m, &n, A.values.data(), &lda, out.order.data(), tau.data(), work.data(), &size, &info);
    require_success(info, "geqp3");
    size = blas_int(static_cast<std::size_t>(work[0]));
    work.resize(size);
  }
  for (int& column : out.order) --column;
  for (int i = 0; i < k; ++i) out.diagonal[i] = std::abs(A(i, i));
  return out;
}

std::vector<double> least_squares(Dense A, std::span<const double> b, double tolerance) {
  require_shape(static_cast<int>(b.size()) == A.rows, "least_squares");
  require_finite(A, "least_squares");
  std::vector<double> x(b.begin(), b.end());
  const bool finite = std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); });
  if (!finite) throw Error(ErrorKind::not_finite, "a right-hand side is not finite", "least_squares");
  x.resize(std::max(A.rows, A.columns), 0.0);
  const int k = std::min(A.rows, A.columns);
  if (k == 0) return std::vector<double>(A.columns, 0.0);
  const PetscBLASInt m = A.rows, n = A.columns, one = 1, lda = leading(A.rows),
                     ldb = leading(static_cast<int>(x.size()));
  PetscBLASInt info = 0, rank = 0, size = workspace_query;
  std::vector<double> work(1), s(k);
  std::vector<PetscBLASInt> integers(1);
  for (int pass = 0; pass < 2; ++pass) {
    dgelsd_(&m, &n, &one, A.values.data(), &lda, x.data(), &ldb, s.data(), &tolerance, &rank, work.data(), &size,
            integers.data(), &info);
    require_success(info, "gelsd");
    size = blas_int(static_cast<std::size_t>(work[0]));
    work.resize(size);
    integers.resize(std::max(1, integers[0]));
  }
  x.resize(A.columns);
  return x;
}

}  // namespace ansatz::reduced
