#pragma once
/// Checks of a mesh that was read from a file.

#include <vector>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::mesh {

/// Checks sizes, indices, coordinates and the shape of every cell; sets are checked when they are distributed. Not
/// collective. \returns the cells with negative volume, ascending: mirrored_nodes() repairs them. \throws Error of kind
/// mesh: empty mesh, wrong sizes, index out of range, coordinate that is not finite or off the line or plane of a mesh
/// of lower dimension, degenerate or folded cell (its id and centre).
std::vector<std::int64_t> check_raw_mesh(const sdk::RawMesh& raw);

}  // namespace ansatz::mesh
