#pragma once
/// Uniform refinement.

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Halves every edge: 2^dim children a cell (tetrahedra by Bey's rule, so shapes do not degenerate). Regions
/// and sets are inherited; children stay on the rank of their parent, with a new ghost layer; canonical ids are
/// independent of the number of ranks (cells: parent id * children + child); second-order geometry stays curved.
/// *Collective.*
Mesh refine(const Mesh& mesh);

/// Multiplies cell regions: a copy of `mesh` whose regions are the blocks of a lattice over its bounding box, named
/// "block_0" … (x fastest). Shape of `blocks`: (dim). *Collective.* \throws Error of kind mesh, with this hint, for
/// cells that a border between blocks cuts, by more than 1e-6 of the cell.
Mesh with_block_regions(const Mesh& mesh, std::span<const int> blocks, const std::string& hint = {});

/// Largest and smallest coordinates over all ranks: (low x.., high x..), shape (2 dim). *Collective.*
std::vector<double> bounding_box(const Mesh& mesh);

}  // namespace ansatz::mesh
