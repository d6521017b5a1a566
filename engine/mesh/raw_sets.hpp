#pragma once
/// Named sets of a mesh that was read, from rank 0 to the ranks that need them.

#include <optional>

#include "engine/mesh/facets.hpp"
#include "engine/mesh/vertex_homes.hpp"

namespace ansatz::mesh {

/// Checks names, dimensions and indices. Not collective. \throws Error of kind mesh with the set's name.
void check_raw_sets(const sdk::RawMesh& raw);

/// Adds the sets of `raw` (on rank 0 only) to `mesh`, each rank's part. *Collective.*
/// \throws Error of kind mesh with the set's name: an entity that belongs to no cell, a point that no cell uses.
void distribute_sets(const std::optional<sdk::RawMesh>& raw, const VertexHomes& homes, const FacetTable& facets,
                     Mesh& mesh);

}  // namespace ansatz::mesh
