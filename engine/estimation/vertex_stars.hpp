#pragma once
/// Additive Schwarz over the stars of vertices: what is left to correct in a space that is richer by one degree.

#include <span>
#include <vector>

#include "engine/fem/assembly/form.hpp"

namespace ansatz::estimation {

/// z = sum_v R_v^T (R_v J R_v^T)^-1 R_v r, where R_v takes the free unknowns whose basis functions vanish outside of
/// the cells around vertex v. With one level of the space below solved exactly, the condition number does not depend on
/// the mesh (J. Schöberl, J. Melenk, C. Pechstein, S. Zaglmayr, IMA J. Numer. Anal. 28 (2008)).
///
/// Every rank holds the stars that reach its owned unknowns, so that a product needs the ghosts of r and no more.
class VertexStars {
 public:
  /// \param left_out unknowns that are not free, shape (num_local) with current ghosts
  /// \param symmetric the Jacobian is symmetric: the inverses are made so. *Collective.*
  /// \throws sdk::Error of kind solver on all ranks where the matrix of a star is singular
  VertexStars(const fem::Form& form, const fem::FormState& state, const fem::Weights& weights,
              const std::vector<std::uint8_t>& left_out, bool symmetric);

  /// \param r,z owned unknowns
  /// \param transposed with the transposed Jacobian. *Collective.*
  void apply(std::span<const double> r, std::span<double> z, bool transposed = false) const;

  /// Of this rank: numbers held, for people.
  std::size_t num_entries() const { return inverses_.size(); }

 private:
  void find_stars(const std::vector<std::uint8_t>& left_out);
  void add_elements(const fem::Form& form, const fem::FormState& state, const fem::Weights& weights);
  void invert(bool symmetric);

  const fem::DofMap& dofs_;
  std::vector<std::int32_t> star_of_vertex_;       ///< (num_vertices) or -1
  std::vector<std::vector<std::uint8_t>> inside_;  ///< by field: (nodes per cell, vertices per cell) in the open star
  std::vector<std::size_t> first_unknown_, first_entry_;  ///< (num_stars + 1)
  std::vector<std::int32_t> unknowns_;                    ///< by star, ascending
  std::vector<double> inverses_;                          ///< by star, (n, n)
  mutable std::vector<double> r_, z_, part_, product_;
};

}  // namespace ansatz::estimation
