#pragma once
/// Lagrange nodes on the mesh's topology: ownership, global numbers, canonical keys.

#include <compare>

#include "engine/base/index_map.hpp"
#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Canonical name of a node, the same on any number of ranks: the ids of two vertices. Vertex v: (v, v). Edge: its
/// ends, lower id first. Quadrilateral face (of prisms too) or hexahedron: the lowest vertex id and the id of the
/// vertex opposite to it.
struct NodeKey {
  std::int64_t low;
  std::int64_t high;
  auto operator<=>(const NodeKey&) const = default;
};

/// Lagrange nodes of one degree. Owned nodes are numbered by the first visit of the owned cells. A node is owned by the
/// lowest rank among the owners of the cells that touch it.
struct NodeMap : base::IndexMap {
  int degree = 1;
  int nodes_per_cell = 0;
  std::vector<std::int32_t> cell_nodes;  ///< (num_cells, nodes_per_cell), VTK's order
  std::vector<NodeKey> keys;             ///< (num_owned + num_ghosts)
};

/// Lagrange nodes of degree 1 or 2 on all local cells. *Collective.* \throws Error of kind mesh: collapsed cells,
/// degree 2.
NodeMap lagrange_node_map(const Mesh& mesh, int degree);

/// Position of each owned node in the order of all keys: 0 … num_global - 1, independent of the number of ranks, by a
/// distributed sort. *Collective.* Shape (num_owned).
std::vector<std::int64_t> canonical_numbers(const base::Communicator& comm, std::span<const NodeKey> owned_keys);

}  // namespace ansatz::mesh
