#pragma once
/// Fields in XDMF files.

#include "engine/io/fields/field_parts.hpp"

namespace ansatz::io {

/// The point field of an XDMF file (version 2 or 3) at one step. Read are uniform grids, collections of them in time
/// and space, topologies of one cell type, geometries "XYZ" and "XY", data items in formats XML and HDF (a whole
/// dataset, or rows of one as the layout "single" names them), and a grid that includes topology and geometry of
/// another one by its name, as FEniCS and meshio write it. Not collective. \throws Error of kind state for anything
/// else.
FieldFile open_xdmf(const std::string& path, const std::string& field, std::optional<double> time);

}  // namespace ansatz::io
