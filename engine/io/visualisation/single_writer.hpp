#pragma once
/// Layout "single": one growing VTKHDF 2.0 file with all steps, and an XDMF file that describes it.

#include "engine/io/hdf5/growing_file.hpp"
#include "engine/io/visualisation/visual_data.hpp"
#include "engine/io/visualisation/xdmf.hpp"

namespace ansatz::io {

/// Writes folder/BASE.vtkhdf (ParaView 5.12 and later) and folder/BASE.xdmf (ParaView 5.11, reader Xdmf3ReaderS). The
/// file is closed between the steps, and the number of steps is written last: a killed run loses at most one step.
/// The fields are those of the first step; one that is left out later keeps its last values. All cells have one type.
class SingleWriter final : public sdk::VisualWriter {
 public:
  /// *Collective.* \throws Error of kind output
  SingleWriter(const base::Communicator& comm, const sdk::VisualTarget& target);

  void set_mesh(const sdk::VisualMesh& mesh) override;
  void write_step(double time, std::span<const sdk::VisualField> fields) override;
  /// The XDMF file: ParaView 5.11 does not read the other one.
  std::string path() const override { return folder_ + target_.base + ".xdmf"; }

 private:
  struct FieldPlace {
    std::int64_t first_row = 0;  ///< of the latest values
    int components = 1;
    std::string unit;
  };

  void write_entries(hid_t file, double time, const Hdf5Context& context) const;
  void check_known(std::span<const sdk::VisualField> fields) const;
  XdmfStep describe(double time) const;

  base::Communicator comm_;
  sdk::VisualTarget target_;
  std::string folder_;
  GrowingFile file_;
  VisualSizes sizes_;
  bool has_mesh_ = false;
  bool fields_stale_ = false;  ///< the mesh has changed since the last step
  std::int64_t num_steps_ = 0;
  std::map<std::string, std::int64_t> geometry_rows_;  ///< first row of the present mesh in each geometry dataset
  std::vector<XdmfPart> parts_;                        ///< of the present mesh, on rank 0
  std::map<std::string, FieldPlace> fields_;           ///< by dataset
  sdk::GrowingText xdmf_;                              ///< on rank 0
};

}  // namespace ansatz::io
