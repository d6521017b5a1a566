#pragma once
/// Proper orthogonal decomposition of vectors that come in sets: the steps of one solution after the other.

#include <functional>

#include "dense.hpp"

namespace pod_regression {

/// Adds up values over all ranks, in place. *Collective.*
using Sum = std::function<void(std::vector<double>&)>;

/// A basis that grows until it holds all vectors to a tolerance, and the POD of what it holds. Only the basis and
/// coefficients are kept, so that not all steps of all solutions need to fit in memory. Vectors are those of this rank,
/// columns of a matrix; the inner product is that of a matrix M, given by Mu beside u.
///
/// Of each set, what the basis does not hold is taken apart by the eigenvectors of its own Gram matrix (the method of
/// snapshots), the large ones first and the rest anew, so that squaring it loses nothing.
class Pod {
 public:
  /// \param tolerance of the basis: what is left of a vector, relative to the largest one so far
  Pod(Sum sum, double tolerance) : sum_(std::move(sum)), tolerance_(tolerance) {}

  /// \param U (size, m) \param MU (size, m). *Collective.*
  void add(const Matrix& U, const Matrix& MU);

  int size() const { return B_.columns; }
  /// (size of the basis, m) of each set.
  const std::vector<Matrix>& coefficients() const { return coefficients_; }

  struct Modes {
    Matrix rotation;                      ///< (size of the basis, r): modes = basis * rotation
    std::vector<double> singular_values;  ///< all of them, descending, of the weighted coefficients
    double tail = 0.0;                    ///< norm of what the modes leave of them, relative
  };
  /// POD of columns of coefficients: as few modes as leave at most `tolerance` of their norm.
  static Modes modes(const Matrix& coefficients, double tolerance, int max_modes);
  /// (size, r) modes.
  Matrix basis(const Matrix& rotation) const { return multiply(B_, rotation); }

 private:
  bool grow(Matrix& R, Matrix& MR, Matrix& C);

  Sum sum_;
  double tolerance_, largest_ = 0.0;
  Matrix B_, MB_;  ///< (size, r)
  std::vector<Matrix> coefficients_;
};

}  // namespace pod_regression
