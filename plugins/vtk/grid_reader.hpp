#pragma once
/// Reads VTK's own unstructured grids.

#include "ansatz/sdk/mesh_reader.hpp"
#include "ansatz/sdk/point_data.hpp"

namespace ansatz::vtk {

/// Formats .vtu and legacy .vtk. A cell array "region", "CellEntityIds" or "gmsh:physical", of strings or whole
/// numbers, names regions, and by the cells of lower dimension sets; the number 3 is called "region_3" or "set_3".
/// Point data are read from these (of several pieces too), .pvtu and .pvd: from cells of the highest dimension, of one
/// type.
class GridReader : public sdk::MeshReader, public sdk::PointDataReader {
 public:
  std::vector<std::string> extensions() const override;
  sdk::RawMesh read(const std::string& path, const sdk::MeshReaderOptions& options) const override;
  std::vector<std::string> data_extensions() const override;
  sdk::PointData read_data(const std::string& path, const std::string& field,
                           std::optional<double> time) const override;
};

}  // namespace ansatz::vtk
