#pragma once
/// Reads Gmsh meshes and meshes Gmsh geometries at run time.

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::gmsh {

/// Physical groups become names: those of the cells' dimension are regions, lower ones sets; a group without a name is
/// "group_<tag>". Where the file has no group at all, the one region is "domain".
class Reader : public sdk::MeshReader {
 public:
  std::vector<std::string> extensions() const override;
  sdk::RawMesh read(const std::string& path, const sdk::MeshReaderOptions& options) const override;
};

}  // namespace ansatz::gmsh
