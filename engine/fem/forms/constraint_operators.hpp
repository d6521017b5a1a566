#pragma once
/// What a preconditioner for constrained systems needs beyond the matrix: mass and transport in the multiplier's space.

#include "engine/fem/assembly/form.hpp"
#include "engine/linear/solvers/saddle.hpp"

namespace ansatz::fem {

/// Owner of linear::Constraints for a form with one multiplier (a field of lower degree whose equation is a
/// constraint).
class ConstraintOperators {
 public:
  /// \param constrained flags of unknowns that are prescribed or held, shape (num_local)
  /// \throws sdk::Error of kind parameter where the form has no or several multipliers, or no mass. *Collective.*
  ConstraintOperators(const Form& form, const std::vector<std::uint8_t>& constrained);

  /// Transport at this state; the same weights as those of the matrix. *Collective.*
  void update(const FormState& state, sdk::JacobianWeights weights);

  const linear::Constraints& constraints() const { return constraints_; }

 private:
  const Form& form_;
  int multiplier_ = -1, primary_ = -1;  ///< fields
  DofMap dofs_;                         ///< of the multiplier alone
  Sparsity sparsity_;
  std::vector<std::uint8_t> constrained_;
  std::vector<std::uint8_t> open_;  ///< and those on open boundaries
  linear::SparseMatrix laplacian_, mass_, transport_;
  linear::Constraints constraints_;
};

/// The form has a field that is a multiplier of a constraint.
bool has_constraints(const Form& form);
/// There are operators: the form has one multiplier, and a mass.
bool has_constraint_operators(const Form& form);

}  // namespace ansatz::fem
