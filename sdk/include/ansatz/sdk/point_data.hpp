#pragma once
/// Fields at the points of grids in files, for `[data]` of a case.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ansatz::sdk {

/// A field at the points of a grid whose cells are all of one type, as read from a file on one rank. Points may occur
/// several times (once for each piece of a grid, say) and need not be used.
struct PointData {
  int cell_type = 0;  ///< VTK's number; the field is interpolated by the Lagrange basis of its nodes
  int nodes_per_cell = 0;
  std::vector<double> points;       ///< (num_points, 3) [as in the file]
  std::vector<std::int64_t> cells;  ///< (num_cells, nodes_per_cell) indices into the points, in VTK's order
  std::vector<double> values;       ///< (num_points, components)
  int components = 1;
  bool single_precision = false;  ///< the file keeps coordinates in 32 bits
};

/// Reads point data of some formats. A MeshReader that is also a PointDataReader is found by the endings. Not
/// collective: called on rank 0 alone, so it must not communicate.
class PointDataReader {
 public:
  virtual ~PointDataReader();
  /// File name endings with the dot, for example {".vtu"}.
  virtual std::vector<std::string> data_extensions() const = 0;
  /// \param field name of the field
  /// \param time [s] of a step, where the file has steps; default: the last one
  /// \throws Error of kind state: file missing or damaged, no such field (with those that exist) or time, cells of
  /// several types.
  virtual PointData read_data(const std::string& path, const std::string& field, std::optional<double> time) const = 0;
};

}  // namespace ansatz::sdk
