#pragma once
/// Small dense matrices by LAPACK: what regression and POD need of them.

#include <cstddef>
#include <span>
#include <vector>

namespace pod_regression {

/// Column by column.
struct Matrix {
  int rows = 0, columns = 0;
  std::vector<double> values = {};

  Matrix() = default;
  Matrix(int num_rows, int num_columns)
      : rows(num_rows), columns(num_columns), values(std::size_t(num_rows) * num_columns, 0.0) {}
  double& operator()(int i, int j) { return values[std::size_t(j) * rows + i]; }
  double operator()(int i, int j) const { return values[std::size_t(j) * rows + i]; }
  std::span<double> column(int j) { return {values.data() + std::size_t(j) * rows, std::size_t(rows)}; }
  std::span<const double> column(int j) const { return {values.data() + std::size_t(j) * rows, std::size_t(rows)}; }
};

/// A B.
Matrix multiply(const Matrix& A, const Matrix& B);
/// A^T B.
Matrix multiply_transposed(const Matrix& A, const Matrix& B);
Matrix transposed(const Matrix& A);

struct Eigen {
  std::vector<double> values;  ///< ascending
  Matrix vectors;              ///< orthonormal columns; the entry of the largest size is positive
};
/// Of a symmetric matrix, whose lower triangle is read. \throws Error of kind solver where LAPACK fails.
Eigen eigen(Matrix A);

struct Qr {
  Matrix Q;  ///< (n, n) orthogonal
  Matrix R;  ///< (q, q) upper triangle
};
/// A = Q [R; 0] of a matrix of full size n x q with q <= n.
Qr qr(Matrix A);

/// x = A^-1 B with a symmetric positive definite A. \returns nothing where it is not, to round-off.
bool solve_positive(Matrix A, Matrix& B);
/// B = R^-1 B with an upper triangle.
void solve_triangle(const Matrix& R, Matrix& B);

/// An L with L L^T = A of a symmetric positive semidefinite matrix; columns below `cut` of the largest size left out.
Matrix factor(const Matrix& A, double cut);

}  // namespace pod_regression
