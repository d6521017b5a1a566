#pragma once
/// Connected pieces of a mesh: cells that hang together.

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// What two cells must share to hang together. Vertices are identified across periodic boundaries.
enum class Link {
  vertex,  ///< any vertex: then continuous fields are continuous from one to the other
  facet,   ///< a facet: then neither can turn against the other
};

/// Pieces are numbered by their lowest cell id, the same on any number of ranks.
struct Pieces {
  std::int32_t count = 0;
  std::vector<std::int32_t> of_cell;  ///< (num_cells) piece of each local cell
};

/// *Collective.*
Pieces connected_pieces(const Mesh& mesh, Link link);

}  // namespace ansatz::mesh
