#pragma once
/// Complex unknowns as pairs of real fields.

#include <string>
#include <vector>

#include "engine/fem/assembly/form.hpp"
#include "engine/reduced/separation/separated_problem.hpp"

namespace ansatz::reduced {

/// Real and imaginary part of complex fields: multiplication by i is J (u_re, u_im) = (-u_im, u_re).
class RealPairs {
 public:
  RealPairs() = default;
  /// \param names of real and imaginary part of each pair; every field of the form is in one of them
  /// \throws sdk::Error of kind case_file where they are not, or differ in their spaces or constraints. *Collective.*
  RealPairs(const fem::Form& form, const std::vector<std::pair<std::string, std::string>>& names);

  /// There are none: the same on all ranks, also on those without unknowns.
  bool empty() const { return empty_; }
  /// J v. Shape (num_owned). Not collective.
  std::vector<double> times_i(std::span<const double> v) const;
  /// \throws sdk::Error of kind case_file where a term of the operator, or X, does not commute with J, entry by entry
  /// to 1e-12 of the largest one that its row has in the field: then the problem is not linear in the complex fields.
  /// *Collective.*
  void require_commuting(const SeparatedProblem& problem, const linear::SparseMatrix& X) const;

 private:
  double mismatch(const linear::SparseMatrix& A) const;
  void exchange(const fem::DofMap& dofs);

  bool empty_ = true;
  std::vector<std::int32_t> partners_;        ///< of each owned unknown
  std::vector<double> signs_;                 ///< (J v)_i = signs_i v_partner
  std::vector<std::int64_t> partner_global_;  ///< of each local unknown
  std::vector<double> local_signs_;           ///< of each local unknown
  std::vector<int> fields_;                   ///< of each local unknown
  std::vector<std::uint8_t> constrained_;     ///< (num_local)
};

}  // namespace ansatz::reduced
