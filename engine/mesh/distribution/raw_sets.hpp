#pragma once
/// Named sets of a mesh that was read, from rank 0 to the ranks that need them.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/mesh/topology/facets.hpp"
#include "engine/mesh/topology/vertex_homes.hpp"

namespace ansatz::mesh {

/// The sets of a mesh that was read.
struct RawSets {
  std::vector<std::pair<std::string, const sdk::RawEntities*>> usable;  ///< by name
  std::map<std::string, std::string> unusable;                          ///< and why
};

/// Checks names, dimensions and indices. Not collective. \throws Error of kind mesh where a reader breaks its contract.
RawSets sort_sets(const sdk::RawMesh& raw);

/// Adds the sets (given on rank 0 only) to `mesh`, each rank's part. Sets with an entity that belongs to no cell, or
/// with a point that no cell uses, join the unusable ones, on all ranks. *Collective.*
void distribute_sets(const RawSets& sets, const VertexHomes& homes, const FacetTable& facets, Mesh& mesh);

}  // namespace ansatz::mesh
