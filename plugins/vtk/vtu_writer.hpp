#pragma once
/// Layout "vtu": one .pvtu a step with one .vtu a rank, and a .pvd with the true times.

#include <mpi.h>
#include <vtkNew.h>
#include <vtkSmartPointer.h>

#include <cstdint>

#include "ansatz/sdk/visual.hpp"
#include "pvd_file.hpp"

class vtkMPIController;
class vtkUnstructuredGrid;

namespace ansatz::vtk {

/// Writes folder/base.pvd, folder/base-000000.pvtu, ... and the ranks' pieces folder/base-000000/base-000000_0.vtu,
/// ..., appended raw binary without compression. Units are field data "unit:<field>", the metadata too, by their keys.
class VtuWriter : public sdk::VisualWriter {
 public:
  /// Makes the folder. *Collective.* \throws Error of kind output. `comm` must outlive the writer.
  VtuWriter(MPI_Comm comm, sdk::VisualTarget target);
  ~VtuWriter() override;

  void set_mesh(const sdk::VisualMesh& mesh) override;
  void write_step(double time, std::span<const sdk::VisualField> fields) override;
  std::string path() const override;

 private:
  std::string write_pieces(vtkUnstructuredGrid& grid, const std::string& file);
  void agree(const std::string& failure, const std::string& where) const;

  MPI_Comm comm_;
  int rank_ = 0;
  int size_ = 1;
  sdk::VisualTarget target_;
  vtkSmartPointer<vtkMPIController> controller_;
  vtkSmartPointer<vtkUnstructuredGrid> mesh_;
  sdk::GrowingText collection_;
  std::int64_t next_step_ = 0;
};

}  // namespace ansatz::vtk
