#pragma once
/// The problems of dolfinx-scaling-test on the unit cube, P1 on tetrahedra, with data interpolated in the P1 space.

#include <memory>

#include "engine/fem/assembly/form.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"
#include "engine/mesh/generation/box.hpp"

namespace ansatz::bench {

/// The unit cube in `cells` boxes. *Collective.*
mesh::Mesh unit_cube(const base::Communicator& comm, const std::array<int, 3>& cells, mesh::CellType cell);

/// P1 space of the physics' fields. *Collective.*
std::shared_ptr<const fem::DofMap> linear_space(const mesh::Mesh& mesh, const sdk::Physics& physics);

/// A form with its prescribed values, which are zero.
class Problem {
 public:
  /// \param fixed sets on which every field is zero. *Collective.*
  Problem(fem::FormDefinition definition, const std::vector<std::string>& fixed);

  const fem::Form& form() const { return *form_; }
  /// The state u = 0, which fulfils the conditions.
  fem::FormState zero() const { return {0.0, zero_, {}}; }

 private:
  std::vector<double> zero_;
  std::unique_ptr<fem::Form> form_;
};

/// -div grad u = f, u = 0 at x = 0 and x = 1, grad u . n = g elsewhere, f = 10 exp(-((x - 1/2)^2 + (y - 1/2)^2) / 0.02)
/// and g = sin(5 x), for a physics with the coefficients `conductivity` and `source`; g only where it has a
/// `heat_flux`.
/// \param mesh,physics must outlive it. *Collective.*
Problem poisson(const mesh::Mesh& mesh, const sdk::Physics& physics, std::shared_ptr<const fem::DofMap> dofs);

/// -div sigma = f with E = 1e6, nu = 0.3, u = 0 at y = 0, no traction elsewhere, f = (-(z - 1/2) r y, 1, (x - 1/2) r y)
/// and r^2 = (x - 1/2)^2 + (z - 1/2)^2, for the physics `elasticity`.
/// \param mesh,physics must outlive it. *Collective.*
Problem elasticity(const mesh::Mesh& mesh, const sdk::Physics& physics, std::shared_ptr<const fem::DofMap> dofs);

}  // namespace ansatz::bench
