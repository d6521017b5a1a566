#pragma once
/// The norm that errors are measured in, and how much of it each cell has.

#include <span>
#include <string>
#include <vector>

#include "engine/fem/assembly/form.hpp"

namespace ansatz::estimation {

/// The norm of the symmetric part of the Jacobian where that is known to be one: v^T J v = sum of integrals of
/// (v, grad v) . D (v, grad v) whose matrices D are positive semidefinite at every quadrature point, boundary terms
/// included. Multipliers of constraints have no part in it. Else the H1 norm, int |grad v|^2 + |v|^2 / L^2 with the
/// domain's size L.
class EnergyNorm {
 public:
  /// \param weights of the Jacobian \param state to linearise at. *Collective.*
  EnergyNorm(const fem::Form& form, const fem::FormState& state, const fem::Weights& weights);

  /// "energy norm", "energy norm without pressure", "H1 norm of velocity".
  const std::string& name() const { return name_; }
  /// It is that of the Jacobian, whose whole symmetric part is semidefinite.
  bool of_jacobian() const { return of_jacobian_; }
  /// Squares by owned cell, shape (num_owned_cells), not below 0 but for round-off.
  /// \param v owned unknowns. *Collective.*
  std::vector<double> squares(const fem::FormState& state, std::span<const double> v) const;

 private:
  bool is_semidefinite(const fem::FormState& state) const;

  const fem::Form& form_;
  fem::Weights weights_;
  std::vector<std::uint8_t> counts_;  ///< by field
  bool of_form_ = false, of_jacobian_ = false;
  double size_ = 1.0;
  std::string name_;
};

}  // namespace ansatz::estimation
