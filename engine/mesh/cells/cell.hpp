#pragma once
/// Reference cells, as the engine uses the SDK's table of cell types: VTK's vertex order, coordinates in [0, 1]^d.

#include <array>
#include <span>
#include <string>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::mesh {

using sdk::cell_shapes;
using sdk::CellShape;
using sdk::CellType;
using sdk::lagrange_nodes;
using sdk::LocalNode;
using sdk::mirrored_nodes;

/// Topology of a type of cells: its row of the table.
constexpr const CellShape& topology(CellType type) { return sdk::cell_shape(type); }
/// Cell type of a facet's reference shape (interval for 2-D cells). \throws Error of kind internal for intervals.
CellType facet_type(CellType type, int local_facet);
/// \throws Error of kind case_file for an unknown name, listing the names.
CellType cell_type_from_name(const std::string& name);

}  // namespace ansatz::mesh
