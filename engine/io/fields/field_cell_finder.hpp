#pragma once
/// The cells of a field on one rank that contain a point. Private to engine/io/fields.

#include "engine/io/fields/field_parts.hpp"
#include "engine/mesh/topology/box_tree.hpp"
#include "engine/mesh/topology/locate.hpp"

namespace ansatz::io {

/// What a rank finds at a point.
struct FoundCell {
  std::int64_t cell = -1;  ///< number in the file of the first cell that contains the point; -1: none
  double differs = 0.0;    ///< of the values in other cells from those in it, relative to the size of values there
};

/// Looks up points in the cells of one rank.
class FieldCellFinder {
 public:
  /// Both must outlive this.
  /// \param dim of space and of the cells
  /// \throws sdk::Error of kind state where the cells do not lie flat in it.
  FieldCellFinder(const FieldFile& file, const FieldCells& cells, int dim);

  /// Box of all cells, shape (2, dim): lowest corner, then highest; empty (low > high) where there are none.
  const std::vector<double>& box() const { return box_; }
  /// \param values (components) out, of the first cell
  FoundCell at(std::span<const double> point, std::span<double> values) const;

 private:
  std::vector<double> nodes_of(std::int32_t cell) const;
  void interpolate(std::int32_t cell, const std::array<double, 3>& reference, std::span<double> values) const;

  const FieldFile& file_;
  const FieldCells& cells_;
  int dim_, nodes_;
  mesh::Slack slack_;
  std::vector<double> box_;
  mesh::BoxTree tree_;
};

}  // namespace ansatz::io
