#pragma once
/// From a mesh read on rank 0 to a distributed mesh.

#include <optional>

#include "engine/mesh/mesh.hpp"

namespace ansatz::mesh {

/// Partitions a mesh held by rank 0 with PTScotch and distributes it with one ghost layer. The same mesh on the same
/// rank count gives the same partition. Owned cells are reordered for cache locality (space-filling curve or
/// Cuthill-McKee); canonical ids are the indices in `raw`. The set "all" is added. Works with more ranks than cells.
/// *Collective.* \param raw on rank 0 only. \throws Error of kind mesh: inverted or degenerate cell (its id and
/// centre), a point that no cell uses is dropped with its sets' reference being an error, an entity of a set that no
/// cell has.
Mesh distribute(const base::Communicator& comm, const std::optional<sdk::RawMesh>& raw);

}  // namespace ansatz::mesh
