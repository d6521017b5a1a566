#pragma once
/// The part of an empirical interpolation that is used online: small, replicated, nothing communicates.

#include <span>

#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {

/// x := U^-1 x with the leading x.size() rows and columns of an upper triangular matrix. Allocates nothing.
void solve_upper(const Dense& U, std::span<double> x);

/// g ~ sum_k c_k q_k = sum_m lambda_m f_m with equality at the magic entries x_l, from the values g(x_l) alone.
///
/// Kept are B_lk = q_k(x_l), unit lower triangular, and U with f_m = sum_k q_k U_km, upper triangular. Then
/// F_lm = f_m(x_l) = (B U)_lm is its own LU factorisation with complete pivoting; an inverse is never formed. Any
/// leading part of the terms is an interpolation too: the number of values given says how many take part. Nothing here
/// allocates but extend().
class Interpolation {
 public:
  Interpolation() = default;
  /// From stored factors. \throws sdk::Error of kind state where they are not square, of one size, or without a
  /// diagonal
  Interpolation(Dense lower, Dense upper);

  int size() const { return lower_.columns; }
  const Dense& lower() const {
    return lower_;
  }  ///< B, with what round-off leaves above its diagonal; shape (size, size)
  const Dense& upper() const { return upper_; }  ///< U, shape (size, size)

  /// Coefficients c of the q_k.
  /// \param values g(x_l), the first of them; may be `coefficients` itself
  void interpolate(std::span<const double> values, std::span<double> coefficients) const;
  /// Coefficients lambda of the snapshots f_m.
  /// \param values as above; may be `weights` itself
  void weights(std::span<const double> values, std::span<double> weights) const;
  /// sum_{k >= terms} |c_k|: how far, in the largest entry, the interpolation with the first terms is from the one with
  /// all of `coefficients`. The error of the former, where the latter is taken for exact: an estimate.
  static double remainder(std::span<const double> coefficients, int terms);

  /// Appends a term.
  /// \param row q_k(x_new) of the terms so far,
  /// \param above q_new(x_l) at the points so far,
  /// \param snapshot U_km of the new snapshot, its pivot last
  void extend(std::span<const double> row, std::span<const double> above, std::span<const double> snapshot);

 private:
  Dense lower_, upper_;
};

}  // namespace ansatz::reduced
