#pragma once
/// Parts of uniform refinement: the children that a rank keeps, their points and sets.

#include "engine/mesh/cells/subdivision.hpp"
#include "engine/mesh/topology/nodes.hpp"

namespace ansatz::mesh {

/// Lagrange nodes of degree 2 of the parents, which become vertices, with canonical ids of all local nodes.
struct NumberedNodes {
  NodeMap map;
  std::vector<std::int64_t> ids;  ///< (num_local)
};

/// *Collective.*
NumberedNodes numbered_nodes(const Mesh& mesh);

struct Child {
  std::int32_t parent;
  std::int32_t child;
};

/// Children that stay on this rank, in the order of the refined mesh's cells.
struct Children {
  std::vector<Child> kept;          ///< those of owned cells, then the new ghosts
  std::vector<std::int32_t> index;  ///< (num parents, children) position in `kept`, or -1
  std::vector<char> on_owned;       ///< by node of degree 2: whether it belongs to an owned cell
};

/// The children's vertices, from the parents' nodes. Shape (children kept, vertices per cell).
std::vector<std::int32_t> child_rows(const Children& children, const Subdivision& sub, const NodeMap& nodes);

/// Sets cell_points, point_ids and points of the refined mesh, whose topology is complete. *Collective.*
void refine_points(const Mesh& mesh, const Subdivision& sub, const NumberedNodes& nodes, const Children& children,
                   Mesh& fine);

/// Sets the named sets of the refined mesh.
/// \param node_of_vertex the parents' node at each vertex of `fine`.
void refine_sets(const Mesh& mesh, const Subdivision& sub, const NodeMap& nodes, const Children& children,
                 std::span<const std::int32_t> node_of_vertex, Mesh& fine);

}  // namespace ansatz::mesh
