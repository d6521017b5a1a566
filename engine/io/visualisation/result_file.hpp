#pragma once
/// One step of a result file of the layouts "series" and "single": where its rows are.

#include <memory>
#include <optional>

#include "engine/io/hdf5/hdf5.hpp"

namespace ansatz::io {

/// Index of the step at `time` (within 1e-9 of the time or the span), or of the last one.
/// \param path for errors
/// \throws Error of kind state where there is no such step.
std::size_t pick_step(const std::vector<double>& times, std::optional<double> time, const std::string& path);

/// Where the rows of one part of a mesh are.
struct PartPlace {
  std::int64_t first_point = 0, num_points = 0;  ///< in /VTKHDF/Points
  std::int64_t first_cell = 0, num_cells = 0;    ///< in /VTKHDF/Types
  std::int64_t first_id = 0, num_ids = 0;        ///< in /VTKHDF/Connectivity
};

/// A step found in a result file, read by this rank alone.
class ResultStep {
 public:
  /// Opens BASE.hdf.series, a step file (.hdf) or fields.vtkhdf.
  /// \param time default: the last step. Not collective.
  /// \throws Error of kind state
  ResultStep(const std::string& path, std::optional<double> time);

  const InputFile& file() const { return *file_; }
  std::shared_ptr<const InputFile> shared_file() const { return file_; }
  const std::string& layout() const { return layout_; }
  const std::vector<double>& times() const { return times_; }
  std::int64_t num_parts() const { return num_parts_; }
  std::int64_t num_points() const { return num_points_; }
  std::int64_t num_cells() const { return num_cells_; }
  /// The parts of the step's mesh, in the order of the file. \throws Error of kind state
  std::vector<PartPlace> parts() const;
  /// First row of this step's points in /VTKHDF/Points and /ansatz/point_keys.
  std::int64_t first_point() const { return first_point_; }
  /// First row of this step in the field's dataset.
  /// \param group "PointData" or "CellData"
  std::int64_t first_row(const std::string& group, const std::string& field) const;
  /// Number of components of a field whose dataset has `rows` rows from first_row() on. \throws Error naming the fields
  /// that exist.
  int components(const std::string& group, const std::string& field, std::int64_t rows) const;

 private:
  std::int64_t offset_entry(const std::string& dataset) const;
  std::int64_t sum(const std::string& dataset, std::int64_t first, std::int64_t count) const;

  std::shared_ptr<const InputFile> file_;
  std::string layout_;
  std::vector<double> times_;
  std::size_t step_ = 0;
  std::int64_t num_parts_ = 0, num_points_ = 0, num_cells_ = 0, first_point_ = 0, first_part_ = 0;
};

}  // namespace ansatz::io
