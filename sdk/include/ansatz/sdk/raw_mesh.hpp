#pragma once
/// What every mesh reader does last: checks, orientation, and removal of points that no cell uses.

#include <cstdint>
#include <string>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::sdk {

/// "triangle" and so on.
constexpr const char* name(CellType cell) { return cell_shape(cell).name; }
/// Number of corner vertices.
constexpr int num_vertices(CellType cell) { return cell_shape(cell).num_vertices; }
/// Dimension of the cell, 1 to 3.
constexpr int dimension(CellType cell) { return cell_shape(cell).dim; }
/// Points per cell of a geometry of this degree. \throws Error of kind mesh where the SDK has no such cell.
int num_points(CellType cell, int geometry_degree);

/// Number of cells with a second-order node that is not in the middle of its edge, to 1e-10 of the edge.
std::int64_t count_curved(const RawMesh& mesh);
/// Leaves the corners of second-order cells.
void straighten(RawMesh& mesh);

/// Makes a mesh as read fit for the engine: checks every index, requires y = z = 0 in 1-D and z = 0 in 2-D (a constant
/// height is moved to 0), turns mirrored cells around, and drops points that no cell uses; the others keep their order.
/// Entities of sets with a point that is no corner of a cell are left out with a warning, second-order nodes of point
/// sets without; a set of which nothing is left is unusable.
/// \param where file, for errors
/// \throws Error of kind mesh: no cell, index out of range, coordinate not finite, cells not in a plane or on a line.
void finish_mesh(RawMesh& mesh, const std::string& where);

}  // namespace ansatz::sdk
