#pragma once
/// The dual graph of cells in blocks: two cells are neighbours when they share a facet.

#include "engine/base/communicator.hpp"
#include "engine/mesh/cells/cell.hpp"
#include "engine/mesh/topology/numbering.hpp"

namespace ansatz::mesh {

/// Neighbours of this rank's block of cells, by global number.
struct CellGraph {
  std::vector<std::int64_t> offsets;     ///< (block size + 1)
  std::vector<std::int64_t> neighbours;  ///< ascending and distinct for each cell
};

/// \param corners vertex ids of the cells of this rank's block, shape (block size, vertices per cell).
/// \param cells,vertices blocks of cell and vertex ids. *Collective.*
CellGraph dual_graph(const base::Communicator& comm, CellType type, const Blocks& cells, const Blocks& vertices,
                     std::span<const std::int64_t> corners);

}  // namespace ansatz::mesh
