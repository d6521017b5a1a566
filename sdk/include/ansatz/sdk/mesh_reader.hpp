#pragma once
/// What a mesh reader gives to the engine.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ansatz/sdk/cell_types.hpp"

namespace ansatz::sdk {

/// Cells or lower-dimensional entities of one named set, by their vertices.
struct RawEntities {
  int dimension = 0;                     ///< 0 points, 1 lines, 2 faces
  std::vector<std::int64_t> offsets{0};  ///< (num_entities + 1) into `vertices`
  std::vector<std::int64_t> vertices;    ///< corner vertices only, indices into RawMesh::points
};

/// A whole mesh as read from a file, on one rank; the engine partitions it. Indices are 0-based.
///
/// Corner vertices and second-order nodes are in VTK's order, see cell_types.hpp.
struct RawMesh {
  CellType cell = CellType::triangle;
  int dimension = 2;                        ///< of the cells, and of space
  int geometry_degree = 1;                  ///< 1, or 2 for triangles and tetrahedra
  std::vector<double> points;               ///< (num_points, 3) [as in the file]; z = 0 in 2-D
  std::vector<std::int64_t> cells;          ///< (num_cells, nodes per cell): corners, then the second-order nodes
  std::vector<int> cell_region;             ///< (num_cells) index into region_names
  std::vector<std::string> region_names;    ///< at least one; "domain" where the file names none
  std::map<std::string, RawEntities> sets;  ///< named boundaries, lines and points, of lower dimension than the cells
  std::map<std::string, std::string> unusable;  ///< regions and sets of the file that a case cannot use, and why
  std::vector<std::string> warnings;            ///< what was left out or renamed, for people; one line each

  std::int64_t num_points() const { return static_cast<std::int64_t>(points.size() / 3); }
};

/// Options of `[mesh]` that a reader may use.
struct MeshReaderOptions {
  int geometry_degree = 0;   ///< 0: as in the file; 2: curved, where it meshes at run time; 1: the engine sees to it
  double size_factor = 1.0;  ///< multiplies the element size of geometries meshed at run time, > 0
};

/// Reads mesh files of some formats. Not collective: called on rank 0 alone, so it must not communicate.
class MeshReader {
 public:
  virtual ~MeshReader();
  /// File name endings with the dot, for example {".msh", ".geo"}.
  virtual std::vector<std::string> extensions() const = 0;
  /// \throws Error of kind mesh: file missing, truncated, of an unsupported cell type, or mixed cell types.
  virtual RawMesh read(const std::string& path, const MeshReaderOptions& options) const = 0;
};

}  // namespace ansatz::sdk
