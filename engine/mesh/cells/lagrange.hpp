#pragma once
/// The Lagrange basis on the reference cells: values, gradients, second derivatives.

#include <array>
#include <vector>

#include "engine/mesh/cells/cell.hpp"

namespace ansatz::mesh {

/// Values of the Lagrange basis of degree 1 or 2 at reference point `x`, in VTK's node order. Shape (nodes).
std::vector<double> lagrange_values(CellType type, int degree, const std::array<double, 3>& x);

/// Reference gradients of the same basis. Shape (nodes, dim).
std::vector<double> lagrange_gradients(CellType type, int degree, const std::array<double, 3>& x);

/// Second derivatives of the same basis. Shape (nodes, dim (dim + 1) / 2): xx; xx yy xy; xx yy zz xy yz xz.
std::vector<double> lagrange_hessians(CellType type, int degree, const std::array<double, 3>& x);

}  // namespace ansatz::mesh
