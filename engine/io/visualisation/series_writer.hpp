#pragma once
/// Layout "series": the mesh once, one VTKHDF 1.0 file per step that links to it, and the series file with the times.

#include "engine/io/visualisation/visual_data.hpp"

namespace ansatz::io {

/// Writes folder/mesh-0000.h5 (geometry), folder/BASE-000000.hdf … (fields, external links to the geometry) and
/// folder/BASE.hdf.series, which opens in ParaView 5.11 and later. Every file appears complete or not at all; the
/// series names only finished steps. With another base name than "fields" the mesh file is BASE-mesh-0000.h5.
class SeriesWriter final : public sdk::VisualWriter {
 public:
  /// \param keep_until continues an older series of this name: its steps up to this time [s] stay; without it they are
  /// removed. *Collective.* \throws Error of kind output
  SeriesWriter(const base::Communicator& comm, const sdk::VisualTarget& target, std::optional<double> keep_until = {});

  void set_mesh(const sdk::VisualMesh& mesh) override;
  void write_step(double time, std::span<const sdk::VisualField> fields) override;
  std::string path() const override { return folder_ + target_.base + ".hdf.series"; }

 private:
  void keep_older_steps(std::optional<double> keep_until);
  std::string mesh_name(int number) const;
  std::optional<std::int64_t> step_number(const std::string& file) const;
  void add_header(OutputFile& file) const;

  base::Communicator comm_;
  sdk::VisualTarget target_;
  std::string folder_;                 ///< with its final slash
  std::string mesh_file_;              ///< relative to the folder; empty before set_mesh()
  std::vector<std::string> geometry_;  ///< datasets of the mesh file that each step links to
  VisualSizes sizes_;
  sdk::GrowingText series_;  ///< of finished steps, on rank 0
  std::int64_t next_step_ = 0;
  int next_mesh_ = 0;
};

}  // namespace ansatz::io
