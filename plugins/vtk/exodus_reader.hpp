#pragma once
/// Reads Exodus files.

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::vtk {

/// Element blocks are regions, side sets and node sets are sets; without a name they are "block_<id>", "side_set_<id>"
/// and "node_set_<id>".
class ExodusReader : public sdk::MeshReader {
 public:
  std::vector<std::string> extensions() const override;
  sdk::RawMesh read(const std::string& path, const sdk::MeshReaderOptions& options) const override;
};

}  // namespace ansatz::vtk
