#pragma once
/// Solves with transposed Jacobians.

#include <memory>
#include <optional>
#include <span>

#include "engine/fem/forms/discrete_problem.hpp"

namespace ansatz::adjoint {

/// x = J^-T b for the Jacobians of a discrete problem, as accurate as its own solves. Where the form is symmetric by
/// structure these serve; else the transpose is made, and solved with as the problem's options say. Those have no
/// operators for the preconditioner pcd of multipliers: with these the direct solver is taken.
class TransposedSolver {
 public:
  /// \param discrete must outlive this
  explicit TransposedSolver(fem::DiscreteProblem& discrete) : discrete_(discrete) {}

  /// \param J of the discrete problem; must live until the next solve. *Collective.* \throws sdk::Error of kind solver
  void solve(const linear::SparseMatrix& J, std::span<const double> b, std::span<double> x);

 private:
  fem::DiscreteProblem& discrete_;
  std::unique_ptr<linear::SparseMatrix> transpose_;
  std::optional<linear::KrylovSolver> solver_;
  const linear::SparseMatrix* of_ = nullptr;  ///< what the transpose is of,
  std::int64_t version_ = 0;                  ///< at this version
};

/// Options with which adjoint solves lose no digits: those of a case, to a tolerance of 1e-12.
linear::KrylovOptions exact_options(linear::KrylovOptions options);

}  // namespace ansatz::adjoint
