#pragma once
/// VTK's cell types that the engine has, and the way from them to a RawMesh.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::vtk {

struct CellEntry {
  int vtk_type;
  int dimension;
  int num_corners;
  int num_points;
  std::optional<sdk::CellType> cell;  ///< nothing: only as part of a boundary
  int geometry_degree;
};

/// \throws Error of kind mesh where the engine has no such cell. \param path for the error
const CellEntry& cell_entry(int vtk_type, const std::string& path);

/// Collects cells and named entities of a mesh, in any order. Points are those of the file.
class MeshBuilder {
 public:
  /// \param dimension of the cells
  MeshBuilder(std::string path, int dimension) : path_(std::move(path)), dimension_(dimension) {}

  std::vector<double>& points() { return mesh_.points; }
  /// \throws Error of kind mesh: a cell of another type than the ones before, or of an unsupported type.
  void add_cell(int vtk_type, std::span<const std::int64_t> points, const std::string& region);
  /// \param vtk_type of a dimension below that of the cells. \throws Error of kind mesh: sets of mixed dimension.
  void add_entity(int vtk_type, std::span<const std::int64_t> points, const std::string& set);
  /// The finished mesh.
  sdk::RawMesh finish();

 private:
  int region_index(const std::string& name);

  std::string path_;
  int dimension_;
  int vtk_type_ = -1;
  sdk::RawMesh mesh_;
  std::map<std::string, int> regions_;
};

}  // namespace ansatz::vtk
