#pragma once
#include <ansatz/sdk/mesh_reader.hpp>

/// Reads meshes of triangles from text files with the ending .new_plugin:
///
///   points 4               x and y of each point follow
///   triangles 2            then three point numbers for each, from 0
///   line left 1            then two point numbers for each edge of this boundary; any number of such blocks
///   end
class NewPlugin final : public ansatz::sdk::MeshReader {
 public:
  std::vector<std::string> extensions() const override { return {".new_plugin"}; }
  ansatz::sdk::RawMesh read(const std::string& path, const ansatz::sdk::MeshReaderOptions& options) const override;
};
