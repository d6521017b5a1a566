#pragma once
/// Matrices and vectors of one term of a separated problem, from its form alone.

#include <memory>
#include <optional>
#include <vector>

#include "engine/fem/assembly/form.hpp"
#include "engine/reduced/algebra/block.hpp"

namespace ansatz::reduced {

/// Assembles F(u, u') = F(0, 0) + A u + M u' of a linear form, without differences of what was assembled.
class TermAssembly {
 public:
  /// The form must outlive this.
  explicit TermAssembly(const fem::Form& form) : form_(form) {}

  /// A, or M with the weights of rates; null where it is zero on free unknowns. *Collective.*
  std::unique_ptr<linear::SparseMatrix> matrix(const fem::Weights& weights) const;
  /// -F(0, 0), zero at constrained unknowns; none where it is zero. *Collective.*
  std::optional<std::vector<double>> load() const;
  /// -A L_k, or -M L_k, from the element matrices with their columns of constrained unknowns, zero at constrained
  /// unknowns; none where no entry is more than round-off of its terms: 1e-14 of that of |A| |L_k|. *Collective.*
  std::vector<std::optional<std::vector<double>>> of_liftings(const Block& liftings, const fem::Weights& weights) const;

 private:
  /// The state that the matrices of a linear form may be evaluated at.
  fem::FormState zero_state() const;

  const fem::Form& form_;
  mutable std::vector<double> zero_;
};

}  // namespace ansatz::reduced
