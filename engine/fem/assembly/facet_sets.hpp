#pragma once
/// Facets of named sets on ghost cells, and nodes on facets.

#include <span>
#include <vector>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::fem {

/// The facets of a set on all local cells, sorted. A mesh's sets lack those of ghost cells without a vertex of an owned
/// cell; nodes on the set never need them, but terms with grad v reach nodes off the set too.
/// \param facets of a set of the mesh. *Collective.*
std::vector<mesh::Facet> facets_of_local_cells(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets);

/// The same facets as all local cells see them: facets inside the domain from both sides, where both cells are local,
/// as they are on the owners of their nodes and cells. Sorted, each once. Not collective.
std::vector<mesh::Facet> facets_from_all_sides(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets);

/// Lagrange nodes of a cell that lie on one of its facets, as local numbers. Not collective.
std::vector<int> nodes_on_facet(mesh::CellType cell, int degree, int local_facet);

}  // namespace ansatz::fem
