#pragma once
/// Which ranks own cells at a vertex: answered by the vertex's home rank, which follows from its id.

#include "engine/base/communicator.hpp"
#include "engine/mesh/topology/numbering.hpp"

namespace ansatz::mesh {

/// A vertex of this rank's owned cells that another rank's owned cells have too.
struct SharedVertex {
  std::int64_t id;
  std::int32_t rank;
  auto operator<=>(const SharedVertex&) const = default;
};

class VertexHomes {
 public:
  /// \param used ids of the vertices of this rank's owned cells, distinct. *Collective.*
  VertexHomes(const base::Communicator& comm, const Blocks& vertices, std::span<const std::int64_t> used);

  /// Home ranks only: the ranks whose owned cells have this vertex, ascending.
  std::span<const std::int32_t> ranks(std::int64_t id) const;
  /// Number of vertices that any cell has. *Collective.*
  std::int64_t num_used() const;
  /// All shared vertices of this rank, sorted. *Collective.*
  std::vector<SharedVertex> shared() const;
  const Blocks& blocks() const { return vertices_; }

 private:
  base::Communicator comm_;
  Blocks vertices_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int32_t> ranks_;
};

}  // namespace ansatz::mesh
