#pragma once
/// Whether the bound of a model is that of min-theta, and why not.

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "engine/reduced/separation/separated_problem.hpp"
#include "engine/reduced/stability/coercivity.hpp"
#include "engine/reduced/stability/product.hpp"
#include "engine/reduced/stability/stability.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::reduced {

/// Min-theta holds where the factors a_q are positive for all parameters of the box, by intervals, the symmetric parts
/// S_q of the terms are positive semidefinite, by fem::matrix_facts(), or else up to semidefinite_shift in units of X
/// by a count of negative eigenvalues, which enters the bound, and X is a sum of them with factors >= 0.
class MinThetaProof {
 public:
  static constexpr double semidefinite_shift = 1e-12;

  /// \param box of the parameters, shape (num_parameters)
  /// \param reference_thetas a_q(reference), shape (num_terms)
  /// *Collective.*
  MinThetaProof(const SeparatedProblem& problem, const SymmetricTerms& terms, const Product& product,
                std::span<const sampling::ParameterRange> box, std::span<const double> reference_thetas);

  /// Why min-theta does not hold; empty where it does.
  const std::string& objection() const { return objection_; }
  /// The number of terms that needed a count.
  int num_counted_terms() const { return static_cast<int>(std::ranges::count(shifts_, semidefinite_shift)); }
  /// The bound by min-theta; where there is an objection that of kind "none".
  const Stability& stability() const { return stability_; }

 private:
  std::vector<double> shifts_;  ///< v^T a_q(reference) S_q v >= -shifts_q v^T X v, of the terms that were looked at
  std::string objection_;
  Stability stability_;
};

}  // namespace ansatz::reduced
