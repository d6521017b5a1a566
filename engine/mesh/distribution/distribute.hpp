#pragma once
/// From a mesh read on rank 0 to a distributed mesh.

#include <optional>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Partitions a mesh held by rank 0 with PTScotch and distributes it with one ghost layer. The same mesh on the same
/// rank count gives the same partition. Owned cells follow a Hilbert curve, ghosts their ids; vertices and points are
/// numbered by first visit. Canonical ids are the indices in `raw`: vertices are the corner points. Cells with negative
/// volume are turned round, points that no cell uses are dropped, the set "all" is added. Works with more ranks than
/// cells. Only rank 0 holds arrays of global size, and only until it has sent them. *Collective.*
/// \param raw on rank 0 only. A set with an entity of no cell or a point that no cell uses is unusable: Mesh::unusable
/// says why.
/// \throws Error of kind mesh: empty or damaged mesh, degenerate or folded cell (its id and centre), facet of three
/// cells.
Mesh distribute(const base::Communicator& comm, const std::optional<sdk::RawMesh>& raw);

}  // namespace ansatz::mesh
