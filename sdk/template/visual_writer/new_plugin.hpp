#pragma once
#include <ansatz/sdk/visual.hpp>

/// Writes the point fields of each step as a table of comma-separated values, FOLDER/BASE_STEP.csv; ParaView shows it
/// as points. A point on the border between ranks is written by each of them.
class NewPlugin final : public ansatz::sdk::VisualWriter {
 public:
  /// *Collective* on `comm`, as all members are. \throws Error of kind output: folder that cannot be written to.
  NewPlugin(MPI_Comm comm, const ansatz::sdk::VisualTarget& target);

  void set_mesh(const ansatz::sdk::VisualMesh& mesh) override { mesh_ = mesh; }
  void write_step(double time, std::span<const ansatz::sdk::VisualField> fields) override;
  std::string path() const override { return path_; }

 private:
  std::string table(double time, std::span<const ansatz::sdk::VisualField> fields) const;
  void agree(bool good, const std::string& file) const;

  MPI_Comm comm_;
  int rank_ = 0, size_ = 1;
  int step_ = 0;
  ansatz::sdk::VisualTarget target_;
  ansatz::sdk::VisualMesh mesh_;
  std::string path_;
};
