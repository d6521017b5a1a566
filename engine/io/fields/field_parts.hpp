#pragma once
/// Fields in files, in parts: where their cells, points and values are, and reading some cells of them.

#include <limits>
#include <memory>
#include <optional>

#include "ansatz/sdk/point_data.hpp"
#include "engine/io/hdf5/hdf5.hpp"
#include "engine/mesh/cells/cell.hpp"

namespace ansatz::io {

/// A table of numbers, in memory or in an HDF5 file, whose rows are read as they are needed, by this rank alone.
class Rows {
 public:
  Rows() = default;
  /// In memory: shape (n, columns).
  Rows(std::vector<double> values, int columns);
  /// \param dataset of shape (n, columns), then `first` is the row that is row 0 here, or (n columns), then its first
  /// entry
  Rows(std::shared_ptr<const InputFile> file, std::string dataset, int columns, std::int64_t first = 0);

  int columns() const { return columns_; }
  /// Rows first … first + count - 1, shape (count, columns). \throws Error of kind state
  template <class T>
  std::vector<T> read(std::int64_t first, std::int64_t count) const;
  /// The rows with these numbers, ascending. Shape (numbers, columns). Reads the file in slabs.
  std::vector<double> read(std::span<const std::int64_t> numbers) const;

 private:
  std::vector<double> values_;
  std::shared_ptr<const InputFile> file_;
  std::string dataset_;
  int columns_ = 1;
  std::int64_t first_ = 0;
  bool flat_ = false;
};

/// Cells of one type with the points that they use.
struct FieldPart {
  int cell_type = 0;  ///< VTK's number
  std::int64_t num_cells = 0, num_points = 0;
  Rows cells;                ///< (num_cells, nodes) points of this part
  Rows points;               ///< (num_points, 3) or (num_points, 2)
  Rows values;               ///< (num_points, components)
  std::optional<Rows> keys;  ///< (num_points, 2) canonical keys
};

/// A field of a file at one step. Lagrange nodes are in VTK's order.
struct FieldFile {
  std::string path;
  std::vector<FieldPart> parts;
  mesh::CellType cell = mesh::CellType::triangle;
  int degree = 1;
  int components = 1;
  double spacing = std::numeric_limits<double>::epsilon();  ///< relative, of neighbouring coordinates as stored

  std::int64_t num_cells() const;
  int nodes_per_cell() const;
};

/// Some cells of a field with their points and values.
struct FieldCells {
  std::int64_t first = 0;           ///< number of the first cell in the file
  std::vector<std::int32_t> cells;  ///< (num_cells, nodes) points below
  std::vector<double> points;       ///< (num_points, 3)
  std::vector<double> values;       ///< (num_points, components)
};

/// Opens the field of a file that HDF5 keeps: BASE.hdf.series, a step (.hdf), .vtkhdf; or of an XDMF file (.xdmf,
/// .xmf).
/// \param time [s] of a step; default: the last one. Not collective.
/// \throws Error of kind state: file, field or time missing, or cells that the engine does not have.
FieldFile open_field(const std::string& path, const std::string& field, std::optional<double> time);

/// The field of a file as a plugin read it.
FieldFile field_in_memory(const std::string& path, sdk::PointData data);

/// Cells first … first + count - 1. Not collective. \throws Error of kind state where indices do not fit.
FieldCells read_cells(const FieldFile& file, std::int64_t first, std::int64_t count);

/// FieldFile::spacing of coordinates in a dataset.
double spacing_of(const InputFile& file, const std::string& dataset);

/// Sets cell and degree from the types of the parts, which must be equal. \throws Error of kind state
void set_cell_type(FieldFile& file);

}  // namespace ansatz::io
