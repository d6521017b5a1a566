#pragma once
/// What the layouts of visual output share: checks, geometry arrays, field places, the series file.

#include <optional>

#include "ansatz/sdk/growing_text.hpp"
#include "ansatz/sdk/visual.hpp"
#include "engine/io/hdf5/output_file.hpp"

namespace ansatz::io {

/// Sizes of one rank's part of the mesh; fields must fit them.
struct VisualSizes {
  std::int64_t points = 0;
  std::int64_t cells = 0;
};

/// \throws Error of kind internal when arrays do not fit each other or indices are out of range. Not collective.
void check_mesh(const sdk::VisualMesh& mesh);
/// \throws Error when a field has a wrong size, number of components or name, or a name occurs twice. Not collective.
void check_fields(std::span<const sdk::VisualField> fields, const VisualSizes& sizes);

/// This rank's rows of the geometry in VTKHDF's terms. A rank without points and cells is no partition and has no rows;
/// if all are empty, rank 0 is one empty partition. The mesh must outlive it.
struct GeometryArrays {
  std::vector<std::int64_t> num_points, num_cells, num_connectivity;  ///< (1), or (0) for no partition
  std::vector<std::int64_t> offsets;                                  ///< (num_cells + 1), or (0)
  const sdk::VisualMesh* mesh = nullptr;

  /// *Collective.*
  GeometryArrays(const base::Communicator& comm, const sdk::VisualMesh& mesh);
  std::int64_t num_parts() const { return static_cast<std::int64_t>(num_points.size()); }
  /// The arrays with their names in the group /VTKHDF, then /ansatz/point_keys and /ansatz/cell_ids.
  std::vector<LocalRows> rows() const;
};

/// "/VTKHDF/PointData/NAME" or "/VTKHDF/CellData/NAME".
std::string field_path(const sdk::VisualField& field);
/// Columns of the field's dataset: 0 for a scalar.
int field_columns(const sdk::VisualField& field);

/// Group /VTKHDF with version and type, empty groups for fields, and the metadata as /ansatz/metadata/NAME.
void write_header(hid_t file, std::int64_t major_version, const sdk::VisualMetadata& metadata,
                  const Hdf5Context& context);
/// Bytes that write_header() needs beside HDF5's own.
std::size_t header_bytes(const sdk::VisualMetadata& metadata);

/// One step of a series file.
struct SeriesEntry {
  std::string file;  ///< relative to the series file
  double time = 0;   ///< [s]
};
/// ParaView's file-series format 1.0.
sdk::GrowingTextFormat series_format();
/// An entry of it.
std::string series_text(const SeriesEntry& entry);
/// \throws Error of kind state when the text is not such a series.
/// \param path for the message
std::vector<SeriesEntry> parse_series(const std::string& text, const std::string& path);

}  // namespace ansatz::io
