#pragma once
/// Riesz representatives in the inner product of a reduced basis.

#include <span>
#include <vector>

#include "engine/fem/assembly/form.hpp"
#include "engine/linear/solvers/krylov.hpp"

namespace ansatz::reduced {

/// For many systems with one matrix on the unknowns of the form: factorises it where that fits. *Collective.*
/// \param options what they leave open is chosen
linear::KrylovSolver repeated_solver(const fem::Form& form, const linear::KrylovOptions& options, bool symmetric);

/// g with (g, v)_X = functional . v for all v.
class RieszMap {
 public:
  /// \param form only its unknowns are used *Collective.*
  RieszMap(const fem::Form& form, const linear::KrylovOptions& options);

  /// Takes this X from now on. Not collective.
  /// \param X positive definite, with 1 on the diagonal of constrained unknowns; must outlive the last solve with it
  void set_product(const linear::SparseMatrix& X) { solver_.set_operator(X); }

  /// The representative, shape (num_owned). *Collective.*
  /// \param functional shape (num_owned), zero at constrained unknowns
  /// \throws sdk::Error of kind solver
  std::vector<double> operator()(std::span<const double> functional);

  /// Largest relative residual of a solve, since the last forget_level().
  double level() const { return level_; }
  void forget_level() { level_ = 0.0; }

 private:
  base::Communicator comm_;
  linear::KrylovSolver solver_;
  double level_ = 0.0;
};

}  // namespace ansatz::reduced
