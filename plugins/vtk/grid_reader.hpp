#pragma once
/// Reads VTK's own unstructured grids.

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::vtk {

/// Formats .vtu and legacy .vtk. A cell array "region", "CellEntityIds" or "gmsh:physical", of strings or whole
/// numbers, names regions, and by the cells of lower dimension sets; the number 3 is called "region_3" or "set_3".
class GridReader : public sdk::MeshReader {
 public:
  std::vector<std::string> extensions() const override;
  sdk::RawMesh read(const std::string& path, const sdk::MeshReaderOptions& options) const override;
};

}  // namespace ansatz::vtk
