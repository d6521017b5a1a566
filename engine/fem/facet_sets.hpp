#pragma once
/// Facets of named sets on ghost cells, and nodes on facets.

#include <span>
#include <vector>

#include "engine/mesh/mesh.hpp"

namespace ansatz::fem {

/// The facets of a set on all local cells, sorted. A mesh's sets lack those of ghost cells without a vertex of an owned
/// cell; nodes on the set never need them, but terms with grad v reach nodes off the set too.
/// \param facets of a set of the mesh. *Collective.*
std::vector<mesh::Facet> facets_of_local_cells(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets);

/// Lagrange nodes of a cell that lie on one of its facets, as local numbers. Not collective.
std::vector<int> nodes_on_facet(mesh::CellType cell, int degree, int local_facet);

}  // namespace ansatz::fem
