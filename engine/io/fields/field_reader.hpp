#pragma once
/// Reads fields of result files back, on any number of ranks, and describes such files.

#include <optional>

#include "ansatz/sdk/visual.hpp"
#include "engine/base/communicator.hpp"

namespace ansatz::io {

/// Values of a point field at the points that this rank asks for, from BASE.hdf.series, one step file (.hdf) or a
/// fields.vtkhdf, written on any number of ranks.
///
/// \param time [s] of a written step (within 1e-9 relative of the series' span); default: the last step
/// \param keys canonical point keys, shape (n, 2); any order, repetitions allowed, n may be 0
/// \param components of the field, out
/// \returns shape (n, components)
/// *Collective.* \throws Error of kind state: file, field or time missing, or a key that the file does not have (the
/// file then belongs to another mesh).
std::vector<double> read_point_field(const base::Communicator& comm, const std::string& path, const std::string& field,
                                     std::optional<double> time, std::span<const std::int64_t> keys, int& components);

/// A field as found in a result file, at its last step.
struct FieldDescription {
  std::string name;
  std::string unit;
  sdk::VisualLocation location = sdk::VisualLocation::points;
  int components = 1;
  double minimum = 0;  ///< over all components and rows
  double maximum = 0;
};

/// What a result file holds.
struct FileDescription {
  std::string path;
  std::string layout;  ///< "series", "step" (one file of a series), "single"
  std::int64_t num_parts = 0;
  std::int64_t num_points = 0;  ///< points on the borders of partitions count once for each partition
  std::int64_t num_cells = 0;
  std::vector<double> times;  ///< [s]
  std::vector<FieldDescription> fields;
  sdk::VisualMetadata metadata;
};

/// Describes a result file of the layouts "series" and "single". Values are read in slabs, never a whole field at once.
/// Not collective. \throws Error of kind state
FileDescription describe_file(const std::string& path);

}  // namespace ansatz::io
