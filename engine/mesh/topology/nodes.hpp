#pragma once
/// Lagrange nodes on the mesh's topology: ownership, global numbers, ghost exchange, canonical keys.

#include <compare>
#include <memory>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Copies owned values to the ranks that hold them as ghosts.
class GhostExchange {
 public:
  /// \param ghost_owner rank that owns each ghost; \param ghost_remote its local (owned) number there. *Collective.*
  GhostExchange(const base::Communicator& comm, std::span<const std::int32_t> ghost_owner,
                std::span<const std::int32_t> ghost_remote);

  /// Overwrites the ghost part. `owned` shape (num_owned, block), `ghosts` shape (num_ghosts, block). *Collective.*
  void forward(std::span<const double> owned, std::span<double> ghosts, int block) const;
  void forward(std::span<const std::int64_t> owned, std::span<std::int64_t> ghosts, int block) const;

 private:
  template <class T>
  void forward_any(std::span<const T> owned, std::span<T> ghosts, int block) const;

  base::Communicator comm_;
  std::vector<int> send_ranks_, receive_ranks_;
  std::vector<std::int32_t> send_offsets_, send_nodes_;        ///< owned nodes to pack, by rank
  std::vector<std::int32_t> receive_offsets_, receive_nodes_;  ///< ghosts to fill, by rank
};

/// Canonical name of a node, the same on any number of ranks: the ids of two vertices. Vertex v: (v, v). Edge: its
/// ends, lower id first. Quadrilateral face (of prisms too) or hexahedron: the lowest vertex id and the id of the
/// vertex opposite to it.
struct NodeKey {
  std::int64_t low;
  std::int64_t high;
  auto operator<=>(const NodeKey&) const = default;
};

/// Lagrange nodes of one degree. Local order: owned nodes (by first visit of the owned cells), then ghosts sorted by
/// global number. A node is owned by the lowest rank among the owners of the cells that touch it. Global numbers are
/// contiguous by rank: first_global + local.
struct NodeMap {
  int degree = 1;
  int nodes_per_cell = 0;
  std::vector<std::int32_t> cell_nodes;   ///< (num_cells, nodes_per_cell), VTK's order
  std::int32_t num_owned = 0;
  std::int64_t first_global = 0;
  std::int64_t num_global = 0;
  std::vector<std::int64_t> ghost_global;  ///< (num_ghosts) ascending
  std::vector<std::int32_t> ghost_owner;   ///< (num_ghosts)
  std::vector<std::int32_t> ghost_remote;  ///< (num_ghosts) local number at the owner
  std::vector<NodeKey> keys;               ///< (num_owned + num_ghosts)
  std::shared_ptr<const GhostExchange> exchange;

  std::int32_t num_ghosts() const { return static_cast<std::int32_t>(ghost_global.size()); }
  std::int32_t num_local() const { return num_owned + num_ghosts(); }
};

/// Lagrange nodes of degree 1 or 2 on all local cells. *Collective.* \throws Error of kind mesh: collapsed cells,
/// degree 2.
NodeMap lagrange_node_map(const Mesh& mesh, int degree);

/// Position of each owned node in the order of all keys: 0 … num_global - 1, independent of the number of ranks, by a
/// distributed sort. *Collective.* Shape (num_owned).
std::vector<std::int64_t> canonical_numbers(const base::Communicator& comm, std::span<const NodeKey> owned_keys);

}  // namespace ansatz::mesh
