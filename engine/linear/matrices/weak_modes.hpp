#pragma once
/// Solves with matrices that keep of some vectors less than their entries resolve: constants in a long step of
/// diffusion.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/linear/matrices/field_norms.hpp"
#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::linear {

/// Solves A x = b where A has WeakModes v_m: x = y + sum_m a_m (v_m - Y_m), with y and Y_m from the rows without those
/// of the held unknowns, which are 0 in them, and the amplitudes a from the sums v_m . (A x - b) = 0 in place of the
/// rows left out:
///   A_ff y = b_f,  A_ff Y_m = (A v_m)_f,  sum_n (v_m . A v_n - (A^T v_m) . Y_n) a_n = v_m . b - (A^T v_m) . y.
/// Exact for any A and v, and accurate where A v is far below the round-off of A.
class WeakModesSolver {
 public:
  explicit WeakModesSolver(const base::Communicator& comm) : comm_(comm) {}

  /// Solves with the matrix of held().
  using Solve = std::function<void(std::span<const double> b, std::span<double> x)>;

  /// Takes this matrix and its modes. \returns they are weak: || A v || <= 1e-7 || |A| |v| || for one of them in the
  /// equations of every field; else nothing else may be called. *Collective.*
  bool set(const SparseMatrix& matrix, const FieldsOfUnknowns& fields);
  /// The matrix without the rows and columns of held unknowns, whose diagonal is 1.
  const SparseMatrix& held() const { return *held_; }

  /// Y_m and the small matrix, once for each matrix. \throws sdk::Error of kind solver where the amplitudes are not
  /// determined. *Collective.*
  void eliminate(const Solve& solve);
  /// *Collective.*
  void solve(std::span<const double> b, std::span<double> x, const Solve& solve);
  /// The solution for the sums v_m . b alone: sum_m a_m (v_m - Y_m). *Collective.*
  void solve_sums(std::span<const double> b, std::span<double> x) const;

 private:
  void hold(const SparseMatrix& matrix);
  std::vector<double> sums(const std::vector<std::vector<double>>& vectors, std::span<const double> x) const;
  void add_modes(std::vector<double> sums, std::span<double> x) const;
  std::vector<double> without_held(std::span<const double> b) const;

  base::Communicator comm_;
  std::shared_ptr<const WeakModes> modes_;
  std::optional<SparseMatrix> held_;
  std::vector<std::vector<double>> responses_;  ///< Y_m
  std::vector<double> factors_;                 ///< of the small matrix, empty: not eliminated yet
  std::vector<int> pivots_;
};

}  // namespace ansatz::linear
