#pragma once
/// Small dense matrices and their factorisations, by LAPACK. The same on every rank; nothing here communicates.

#include <cstddef>
#include <span>
#include <vector>

namespace ansatz::reduced {

/// Dense matrix, column after column.
struct Dense {
  int rows = 0, columns = 0;
  std::vector<double> values;  ///< (columns, rows)

  Dense() = default;
  Dense(int num_rows, int num_columns)
      : rows(num_rows), columns(num_columns), values(static_cast<std::size_t>(num_rows) * num_columns, 0.0) {}

  double& operator()(int i, int j) { return values[static_cast<std::size_t>(j) * rows + i]; }
  double operator()(int i, int j) const { return values[static_cast<std::size_t>(j) * rows + i]; }
  std::span<double> column(int j) {
    return {values.data() + static_cast<std::size_t>(j) * rows, static_cast<std::size_t>(rows)};
  }
  std::span<const double> column(int j) const {
    return {values.data() + static_cast<std::size_t>(j) * rows, static_cast<std::size_t>(rows)};
  }
};

/// Euclidean.
double norm(std::span<const double> v);
/// Adds a column; the matrix has no columns yet, or as many rows.
void append_column(Dense& A, std::span<const double> column);

/// A B, and A^T B. \throws sdk::Error of kind internal where the shapes do not fit.
Dense multiply(const Dense& A, const Dense& B);
Dense multiply_transposed(const Dense& A, const Dense& B);

/// A = U diag(s) V^T with k = min(rows, columns).
struct Svd {
  Dense U;                ///< (rows, k)
  std::vector<double> s;  ///< (k) descending
  Dense V;                ///< (columns, k)
};
/// Singular value decomposition (gesvd). \throws sdk::Error of kind not_finite, and of kind solver where it does not
/// converge.
Svd svd(Dense A);

/// Eigenvalues, ascending, and orthonormal eigenvectors (columns) of a symmetric matrix (syev), of which the upper
/// triangle is read.
struct SymmetricEigen {
  std::vector<double> values;  ///< (n)
  Dense vectors;               ///< (n, n)
};
/// \throws sdk::Error of kind not_finite.
SymmetricEigen symmetric_eigen(Dense A);

/// Upper triangular R with A = R^T R, or an empty matrix where A is not positive definite to working precision (potrf);
/// reads the upper triangle. \throws sdk::Error of kind not_finite.
Dense cholesky(Dense A);

/// LU factorisation with partial pivoting (getrf), to solve with several right-hand sides.
class Lu {
 public:
  /// \throws sdk::Error of kind solver for a singular matrix.
  explicit Lu(Dense A);
  /// b := A^-1 b, or A^-T b. Allocates nothing.
  void solve(std::span<double> b) const;
  void solve_transposed(std::span<double> b) const;

 private:
  Dense factors_;
  std::vector<int> pivots_;
};

/// A = Q R with k = min(rows, columns) and R_ii >= 0, so that it is unique where A has full rank (geqrf).
struct Qr {
  Dense Q;  ///< (rows, k), orthonormal columns
  Dense R;  ///< (k, columns), zero below the diagonal
};
/// \throws sdk::Error of kind not_finite.
Qr qr(Dense A);

/// Columns of A in the order of QR with column pivoting, and |R_kk| (geqp3); k = min(rows, columns).
struct PivotedQr {
  std::vector<int> order;        ///< (columns)
  std::vector<double> diagonal;  ///< (k)
};
PivotedQr pivoted_qr(Dense A);

/// Minimises ||A x - b||_2, the shortest of the minimisers where A is rank-deficient to `tolerance` (gelsd).
std::vector<double> least_squares(Dense A, std::span<const double> b, double tolerance = 1e-14);

}  // namespace ansatz::reduced
