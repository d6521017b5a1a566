#include "grid_reader.hpp"

#include <fmt/format.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkStringArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkUnstructuredGridReader.h>
#include <vtkXMLUnstructuredGridReader.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "ansatz/sdk/error.hpp"
#include "cell_types.hpp"
#include "messages.hpp"

namespace ansatz::vtk {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& hint = {}) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, hint);
}

void require_complete(bool good, const Messages& messages, const std::string& path) {
  auto errors = messages.errors();
  if (errors.empty()) errors = messages.warnings();
  if (good && errors.empty()) return;
  fail(errors.empty() ? "VTK cannot read the file" : "VTK cannot read the file: " + errors, path,
       "the file may be truncated or of another format: write it again");
}

vtkSmartPointer<vtkUnstructuredGrid> read_xml(const std::string& path) {
  const Messages messages;
  vtkNew<vtkXMLUnstructuredGridReader> reader;
  if (!reader->CanReadFile(path.c_str()))
    fail("this is not a VTK XML unstructured grid", path, "the file may be truncated");
  reader->SetFileName(path.c_str());
  reader->UpdateInformation();
  if (reader->GetNumberOfPieces() > 1) {
    fail(fmt::format("the grid is cut into {} pieces", reader->GetNumberOfPieces()), path,
         "merge them first, in ParaView with the filter Clean to Grid");
  }
  reader->Update();
  require_complete(reader->GetErrorCode() == 0, messages, path);
  return reader->GetOutput();
}

vtkSmartPointer<vtkUnstructuredGrid> read_legacy(const std::string& path) {
  const Messages messages;
  vtkNew<vtkUnstructuredGridReader> reader;
  reader->SetFileName(path.c_str());
  if (!reader->IsFileUnstructuredGrid())
    fail("this is not a legacy VTK unstructured grid", path, "the file may be truncated");
  reader->ReadAllScalarsOn();
  reader->Update();
  require_complete(reader->GetErrorCode() == 0, messages, path);
  return reader->GetOutput();
}

/// Text of the region array for cells; empty where there is none.
class Labels {
 public:
  explicit Labels(vtkUnstructuredGrid& grid) {
    for (const char* name : {"region", "CellEntityIds", "gmsh:physical"}) {
      auto* array = grid.GetCellData()->GetAbstractArray(name);
      if (array == nullptr || array->GetNumberOfComponents() != 1) continue;
      texts_ = vtkStringArray::SafeDownCast(array);
      numbers_ = vtkDataArray::SafeDownCast(array);
      if (texts_ || numbers_) return;
    }
  }

  bool present() const { return texts_ || numbers_; }

  std::string operator()(vtkIdType cell, const char* prefix) const {
    if (texts_) return texts_->GetValue(cell);
    return fmt::format("{}_{}", prefix, static_cast<std::int64_t>(numbers_->GetComponent(cell, 0)));
  }

 private:
  vtkStringArray* texts_ = nullptr;
  vtkDataArray* numbers_ = nullptr;
};

int highest_dimension(vtkUnstructuredGrid& grid, const std::string& path) {
  int dimension = 0;
  for (vtkIdType c = 0; c < grid.GetNumberOfCells(); ++c) {
    dimension = std::max(dimension, cell_entry(grid.GetCellType(c), path).dimension);
  }
  if (dimension == 0) fail("the grid has no cells", path);
  return dimension;
}

sdk::RawMesh convert(vtkUnstructuredGrid& grid, const std::string& path) {
  const int dimension = highest_dimension(grid, path);
  const Labels labels(grid);
  MeshBuilder builder(path, dimension);
  builder.points().resize(3 * static_cast<std::size_t>(grid.GetNumberOfPoints()));
  for (vtkIdType p = 0; p < grid.GetNumberOfPoints(); ++p) grid.GetPoint(p, &builder.points()[3 * p]);
  vtkNew<vtkIdList> ids;
  std::vector<std::int64_t> points;
  for (vtkIdType c = 0; c < grid.GetNumberOfCells(); ++c) {
    const int type = grid.GetCellType(c);
    const auto& entry = cell_entry(type, path);
    grid.GetCellPoints(c, ids);
    if (ids->GetNumberOfIds() != entry.num_points) fail(fmt::format("cell {} has a wrong number of points", c), path);
    points.assign(ids->begin(), ids->end());
    if (entry.dimension == dimension) {
      builder.add_cell(type, points, labels.present() ? labels(c, "region") : "domain");
    } else if (labels.present()) {
      builder.add_entity(type, points, labels(c, "set"));
    }
  }
  return builder.finish();
}

}  // namespace

std::vector<std::string> GridReader::extensions() const { return {".vtu", ".vtk"}; }

sdk::RawMesh GridReader::read(const std::string& path, const sdk::MeshReaderOptions&) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    fail("there is no such mesh file, or it cannot be read", path, "paths in a case are relative to the case file");
  }
  const auto grid = path.ends_with(".vtk") ? read_legacy(path) : read_xml(path);
  return convert(*grid, path);
}

}  // namespace ansatz::vtk
