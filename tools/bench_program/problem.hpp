#pragma once
/// The problem of dolfinx-scaling-test: - div grad u = f on the unit cube, u = 0 at x = 0 and x = 1, grad u . n = g
/// elsewhere, f = 10 exp(-((x - 1/2)^2 + (y - 1/2)^2) / 0.02) and g = sin(5 x), both interpolated in the P1 space.

#include <memory>

#include "engine/fem/dirichlet.hpp"
#include "engine/fem/form.hpp"
#include "engine/mesh/box.hpp"

namespace ansatz::bench {

/// The unit cube in `cells` boxes. *Collective.*
mesh::Mesh unit_cube(const base::Communicator& comm, const std::array<int, 3>& cells, mesh::CellType cell);

/// P1 space of one field. *Collective.*
std::shared_ptr<const fem::DofMap> linear_space(const mesh::Mesh& mesh);

/// The problem for a physics with the coefficients `conductivity` and `source`; g only where it has a `heat_flux`.
/// \param mesh,physics must outlive it
class Poisson {
 public:
  /// *Collective.*
  Poisson(const mesh::Mesh& mesh, const sdk::Physics& physics, std::shared_ptr<const fem::DofMap> dofs);

  const fem::Form& form() const { return *form_; }
  /// The state u = 0, which fulfils the conditions at x = 0 and x = 1.
  fem::FormState zero() const { return {0.0, zero_, {}}; }

 private:
  std::vector<double> zero_;
  std::unique_ptr<fem::Form> form_;
};

}  // namespace ansatz::bench
