#pragma once
/// Integrals of nodal fields times basis functions.

#include "engine/fem/assembly/form_definition.hpp"

namespace ansatz::fem {

/// int v . (basis function) for all unknowns and components: the mass matrix times v, exact on affine cells.
/// \param v (num_local) with current ghosts. Owned values. Not collective.
std::vector<double> basis_integrals(const FormDefinition& definition, std::span<const double> v);

}  // namespace ansatz::fem
