#pragma once
/// What every mesh reader does last: checks, orientation, and removal of points that no cell uses.

#include <string>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::sdk {

/// "triangle" and so on.
const char* name(CellType cell);
/// Number of corner vertices.
int num_vertices(CellType cell);
/// Dimension of the cell, 1 to 3.
int dimension(CellType cell);
/// Points per cell of a geometry of this degree. \throws Error of kind mesh where the SDK has no such cell.
int num_points(CellType cell, int geometry_degree);

/// Makes a mesh as read fit for the engine: checks every index, requires y = z = 0 in 1-D and z = 0 in 2-D (a constant
/// height is moved to 0), turns mirrored cells around, and drops points that no cell uses; the others keep their order.
/// \param where file, for errors
/// \throws Error of kind mesh: no cell, index out of range, coordinate not finite, cells not in a plane or on a line,
/// set with a vertex that no cell has.
void finish_mesh(RawMesh& mesh, const std::string& where);

}  // namespace ansatz::sdk
