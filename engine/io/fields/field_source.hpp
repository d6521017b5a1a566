#pragma once
/// A field of another run or program, at points of this one.

#include "engine/base/communicator.hpp"
#include "engine/io/fields/field_parts.hpp"

namespace ansatz::io {

/// Points at which a field is wanted on this rank.
struct FieldPoints {
  int dim = 1;
  std::vector<double> positions;   ///< (n, dim) [m]
  std::vector<std::int64_t> keys;  ///< (n, 2) canonical keys of nodes
  std::vector<double> cell_sizes;  ///< (n) [m] of the smallest cell at the point
};

/// The point field of a file, interpolated by the Lagrange basis of its nodes.
///
/// Each rank keeps a share of the file's cells. Where all points are nodes of the file's mesh, by key and position,
/// they get the values of these; otherwise each point is sent to the ranks that may have a cell around it.
class FieldSource {
 public:
  /// \param reader of files that HDF5 does not keep and that are no XDMF files, called on rank 0; or null
  /// *Collective.* \throws Error of kind state as open_field() and PointDataReader::read_data().
  FieldSource(const base::Communicator& comm, const std::string& path, const std::string& field,
              std::optional<double> time, const sdk::PointDataReader* reader);

  int components() const { return file_.components; }
  /// Of the cells with their points and values, the same on any number of ranks. *Collective.*
  std::uint64_t checksum() const;

  /// Values at the points of all ranks, shape (n, components): the same on any number of ranks, and those of the file
  /// where a point is one of its nodes. A point may lie outside by round-off: 1e-8 of a cell, or the spacing of the
  /// coordinates as they are stored. *Collective.* \throws Error of kind state: cells of another dimension; a point
  /// outside of the file's mesh, the first in the order of x, y, z; a point where the field has two values.
  std::vector<double> at(const FieldPoints& points) const;

 private:
  void check_dimension(int dim) const;
  std::optional<std::vector<double>> at_nodes(const FieldPoints& points) const;

  base::Communicator comm_;
  FieldFile file_;    ///< without parts where a plugin read it
  FieldCells cells_;  ///< this rank's share
};

}  // namespace ansatz::io
