#pragma once
/// VTK's cell types that the engine can take.

#include <cstddef>
#include <optional>
#include <string>

#include "ansatz/sdk/mesh_builder.hpp"

class vtkCell;

namespace ansatz::vtk {

/// "vtkTriangle" and so on.
std::string type_name(int vtk_type);

/// Dimension of a type of cells, 0 to 3; 0 for unknown ones.
int type_dimension(int vtk_type);

/// The engine's cell of a type whose nodes interpolate, of any order; nothing for others.
std::optional<sdk::CellType> cell_type(int vtk_type);

/// Whether a cell of this type may have so many points; a Lagrange cell those of one order in all directions.
bool fits(int vtk_type, std::size_t num_points);

/// The places of the nodes of a cell.
/// \param cell of a type that cell_type() knows, with a fitting number of points
sdk::FileCell file_cell(vtkCell& cell);

}  // namespace ansatz::vtk
