#include "vtu_writer.hpp"

#include <fmt/format.h>
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkIdTypeArray.h>
#include <vtkMPI.h>
#include <vtkMPICommunicator.h>
#include <vtkMPIController.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkStringArray.h>
#include <vtkUnsignedCharArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLPUnstructuredGridWriter.h>

#include <algorithm>
#include <filesystem>

#include "ansatz/sdk/error.hpp"
#include "messages.hpp"

namespace ansatz::vtk {
namespace {

namespace fs = std::filesystem;

vtkSmartPointer<vtkMPIController> make_controller(MPI_Comm comm) {
  vtkMPICommunicatorOpaqueComm opaque(&comm);
  vtkNew<vtkMPICommunicator> communicator;
  communicator->InitializeExternal(&opaque);
  auto controller = vtkSmartPointer<vtkMPIController>::New();
  controller->SetCommunicator(communicator);
  return controller;
}

template <class Array, class T>
vtkSmartPointer<Array> copy_of(std::span<const T> values, int components = 1) {
  auto array = vtkSmartPointer<Array>::New();
  array->SetNumberOfComponents(components);
  array->SetNumberOfTuples(static_cast<vtkIdType>(values.size()) / components);
  std::ranges::copy(values, array->GetPointer(0));
  return array;
}

vtkSmartPointer<vtkUnstructuredGrid> make_grid(const sdk::VisualMesh& mesh) {
  vtkNew<vtkPoints> points;
  points->SetData(copy_of<vtkDoubleArray>(std::span(mesh.points), 3));
  vtkNew<vtkCellArray> cells;
  cells->SetData(copy_of<vtkIdTypeArray>(std::span(mesh.offsets)),
                 copy_of<vtkIdTypeArray>(std::span(mesh.connectivity)));
  auto grid = vtkSmartPointer<vtkUnstructuredGrid>::New();
  grid->SetPoints(points);
  if (!mesh.types.empty()) grid->SetCells(copy_of<vtkUnsignedCharArray>(std::span(mesh.types)), cells);
  return grid;
}

/// A view of the caller's values, not a copy.
vtkSmartPointer<vtkDoubleArray> view_of(const sdk::VisualField& field) {
  auto array = vtkSmartPointer<vtkDoubleArray>::New();
  array->SetName(field.name.c_str());
  array->SetNumberOfComponents(field.components);
  if (!field.values.empty()) {
    array->SetArray(const_cast<double*>(field.values.data()), static_cast<vtkIdType>(field.values.size()), 1);
  }
  static constexpr const char* vector[] = {"x", "y", "z"};
  static constexpr const char* tensor[] = {"xx", "yy", "zz", "xy", "yz", "xz"};
  for (int c = 0; c < field.components; ++c) {
    if (field.components == 3) array->SetComponentName(c, vector[c]);
    if (field.components == 6) array->SetComponentName(c, tensor[c]);
  }
  return array;
}

void add_text(vtkUnstructuredGrid& grid, const std::string& name, const std::string& value) {
  vtkNew<vtkStringArray> array;
  array->SetName(name.c_str());
  array->InsertNextValue(value);
  grid.GetFieldData()->AddArray(array);
}

/// What is wrong with the caller's fields on this rank; empty where nothing is.
std::string check_fields(vtkUnstructuredGrid* grid, std::span<const sdk::VisualField> fields) {
  if (grid == nullptr) return "a step is written before the first mesh";
  for (const auto& field : fields) {
    const auto count =
        field.location == sdk::VisualLocation::points ? grid->GetNumberOfPoints() : grid->GetNumberOfCells();
    if (static_cast<std::int64_t>(field.values.size()) != count * field.components) {
      return fmt::format("field \"{}\" has {} values instead of {} x {}", field.name, field.values.size(), count,
                         field.components);
    }
  }
  return {};
}

}  // namespace

VtuWriter::VtuWriter(MPI_Comm comm, sdk::VisualTarget target)
    : comm_(comm),
      target_(std::move(target)),
      controller_(make_controller(comm)),
      collection_(path(), pvd_format("Ansatz: open this file in ParaView")) {
  MPI_Comm_rank(comm_, &rank_);
  MPI_Comm_size(comm_, &size_);
  std::error_code failed;
  if (rank_ == 0) fs::create_directories(target_.folder, failed);
  agree(failed ? "the output folder cannot be made: " + failed.message() : "", target_.folder);
}

VtuWriter::~VtuWriter() = default;

std::string VtuWriter::path() const { return (fs::path(target_.folder) / (target_.base + ".pvd")).string(); }

void VtuWriter::set_mesh(const sdk::VisualMesh& mesh) { mesh_ = make_grid(mesh); }

/// The failure of the lowest failing rank becomes an error on all ranks.
void VtuWriter::agree(const std::string& failure, const std::string& where) const {
  const int mine = failure.empty() ? size_ : rank_;
  int first = size_;
  MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm_);
  if (first == size_) return;
  auto length = static_cast<int>(failure.size());
  MPI_Bcast(&length, 1, MPI_INT, first, comm_);
  std::string text = failure;
  text.resize(static_cast<std::size_t>(length));
  MPI_Bcast(text.data(), length, MPI_CHAR, first, comm_);
  throw sdk::Error(sdk::ErrorKind::output, text, where, "is the folder writable, and is there space on the disk?");
}

/// This rank's failure or nothing. *Collective.*
std::string VtuWriter::write_pieces(vtkUnstructuredGrid& grid, const std::string& file) {
  const Messages messages;
  vtkNew<vtkXMLPUnstructuredGridWriter> writer;
  writer->SetController(controller_);
  writer->SetNumberOfPieces(size_);
  writer->SetStartPiece(rank_);
  writer->SetEndPiece(rank_);
  writer->SetGhostLevel(0);
  writer->SetUseSubdirectory(true);
  writer->SetInputData(&grid);
  writer->SetFileName(file.c_str());
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->SetCompressorTypeToNone();
  writer->SetHeaderTypeToUInt64();
  const bool good = writer->Write() != 0;
  const auto errors = messages.errors();
  if (!errors.empty()) return "VTK cannot write the step: " + errors;
  return good && writer->GetErrorCode() == 0 ? "" : "VTK cannot write the step";
}

void VtuWriter::write_step(double time, std::span<const sdk::VisualField> fields) {
  const auto step = fmt::format("{}-{:06}", target_.base, next_step_);
  const auto file = (fs::path(target_.folder) / (step + ".pvtu")).string();
  std::string failure = check_fields(mesh_, fields);
  std::error_code failed;
  if (failure.empty() && rank_ == 0) fs::create_directories(fs::path(target_.folder) / step, failed);
  if (failed) failure = "the folder of the pieces cannot be made: " + failed.message();
  agree(failure, file);

  vtkNew<vtkUnstructuredGrid> grid;
  grid->ShallowCopy(mesh_);
  for (const auto& field : fields) {
    const auto array = view_of(field);
    if (field.location == sdk::VisualLocation::points) grid->GetPointData()->AddArray(array);
    if (field.location == sdk::VisualLocation::cells) grid->GetCellData()->AddArray(array);
    add_text(*grid, "unit:" + field.name, field.unit);
  }
  for (const auto& [key, value] : target_.metadata) add_text(*grid, key, value);
  vtkNew<vtkDoubleArray> time_value;
  time_value->SetName("TimeValue");
  time_value->InsertNextValue(time);
  grid->GetFieldData()->AddArray(time_value);

  agree(write_pieces(*grid, file), file);
  ++next_step_;
  try {
    if (rank_ == 0) collection_.append(pvd_text({time, step + ".pvtu"}));
  } catch (const sdk::Error& error) {
    failure = error.what();
  }
  agree(failure, path());
}

}  // namespace ansatz::vtk
