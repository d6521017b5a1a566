#pragma once
/// Check that cells are neither inverted nor degenerate.

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Every owned cell has a positive Jacobian determinant at its Lagrange nodes of the geometry's degree. *Collective.*
/// \throws sdk::Error of kind mesh with the cell's id and centre.
void check_orientation(const Mesh& mesh);

}  // namespace ansatz::mesh
