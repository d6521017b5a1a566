#include "grid_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkCell.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkStringArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkUnstructuredGridReader.h>
#include <vtkXMLPUnstructuredGridReader.h>
#include <vtkXMLUnstructuredGridReader.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "ansatz/sdk/error.hpp"
#include "cell_types.hpp"
#include "messages.hpp"
#include "pvd_file.hpp"

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

vtkSmartPointer<vtkUnstructuredGrid> read_xml(const std::string& path, bool with_pieces) {
  const Messages messages;
  vtkNew<vtkXMLUnstructuredGridReader> reader;
  if (!reader->CanReadFile(path.c_str()))
    fail("this is not a VTK XML unstructured grid", path, "the file may be truncated");
  reader->SetFileName(path.c_str());
  reader->UpdateInformation();
  if (reader->GetNumberOfPieces() > 1 && !with_pieces) {
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
  reader->ReadAllVectorsOn();
  reader->ReadAllTensorsOn();
  reader->ReadAllFieldsOn();
  reader->Update();
  require_complete(reader->GetErrorCode() == 0, messages, path);
  return reader->GetOutput();
}

vtkSmartPointer<vtkUnstructuredGrid> read_parallel(const std::string& path) {
  const Messages messages;
  vtkNew<vtkXMLPUnstructuredGridReader> reader;
  if (!reader->CanReadFile(path.c_str())) fail("this is not a parallel VTK XML unstructured grid", path, "the file may be truncated");
  reader->SetFileName(path.c_str());
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

/// The quadratic and linear cells that VTK's Lagrange cells of order 1 and 2 are: the order of their nodes is the same.
int plain_type(int type, int num_points) {
  constexpr std::array<std::array<int, 3>, 8> known{{{VTK_LAGRANGE_CURVE, 2, VTK_LINE},
                                                     {VTK_LAGRANGE_CURVE, 3, VTK_QUADRATIC_EDGE},
                                                     {VTK_LAGRANGE_TRIANGLE, 3, VTK_TRIANGLE},
                                                     {VTK_LAGRANGE_TRIANGLE, 6, VTK_QUADRATIC_TRIANGLE},
                                                     {VTK_LAGRANGE_QUADRILATERAL, 4, VTK_QUAD},
                                                     {VTK_LAGRANGE_QUADRILATERAL, 9, VTK_BIQUADRATIC_QUAD},
                                                     {VTK_LAGRANGE_TETRAHEDRON, 4, VTK_TETRA},
                                                     {VTK_LAGRANGE_TETRAHEDRON, 10, VTK_QUADRATIC_TETRA}}};
  for (const auto& [lagrange, points, plain] : known) {
    if (type == lagrange && num_points == points) return plain;
  }
  return type;
}

/// The entry of a collection at a time, or the last one.
PvdEntry entry_at(const std::vector<PvdEntry>& entries, std::optional<double> time, const std::string& path) {
  if (entries.empty()) throw sdk::Error(sdk::ErrorKind::state, "the collection has no steps", path);
  if (!time) return entries.back();
  const auto distance = [&](const PvdEntry& entry) { return std::abs(entry.time - *time); };
  const auto nearest = std::ranges::min_element(entries, {}, distance);
  const double scale = std::max(std::abs(*time), std::abs(entries.back().time - entries.front().time));
  if (distance(*nearest) <= 1e-9 * scale) return *nearest;
  throw sdk::Error(sdk::ErrorKind::state, fmt::format("there is no step at time {}", *time), path,
                   fmt::format("the {} steps go from {} to {}; the nearest is {}", entries.size(), entries.front().time,
                               entries.back().time, nearest->time));
}

/// A point array with the cells of the highest dimension.
sdk::PointData point_data(vtkUnstructuredGrid& grid, const std::string& field, const std::string& path) {
  auto* array = grid.GetPointData()->GetArray(field.c_str());
  if (array == nullptr) {
    std::vector<std::string> names;
    for (int i = 0; i < grid.GetPointData()->GetNumberOfArrays(); ++i) {
      if (const char* name = grid.GetPointData()->GetArrayName(i)) names.emplace_back(name);
    }
    fail(fmt::format("there is no point field \"{}\"", field), path,
         names.empty() ? "the file has no such fields" : fmt::format("it has: {}", fmt::join(names, ", ")));
  }
  sdk::PointData out;
  out.components = array->GetNumberOfComponents();
  out.single_precision = grid.GetPoints()->GetDataType() == VTK_FLOAT;
  out.points.resize(3 * static_cast<std::size_t>(grid.GetNumberOfPoints()));
  out.values.resize(static_cast<std::size_t>(grid.GetNumberOfPoints()) * out.components);
  for (vtkIdType p = 0; p < grid.GetNumberOfPoints(); ++p) {
    grid.GetPoint(p, &out.points[3 * p]);
    array->GetTuple(p, &out.values[p * out.components]);
  }
  std::map<int, int> dimensions;  // by type
  int highest = 0;
  for (vtkIdType c = 0; c < grid.GetNumberOfCells(); ++c) {
    const auto [entry, is_new] = dimensions.try_emplace(grid.GetCellType(c), 0);
    if (is_new) entry->second = grid.GetCell(c)->GetCellDimension();
    highest = std::max(highest, entry->second);
  }
  vtkNew<vtkIdList> ids;
  for (vtkIdType c = 0; c < grid.GetNumberOfCells(); ++c) {
    if (highest == 0 || dimensions[grid.GetCellType(c)] < highest) continue;
    grid.GetCellPoints(c, ids);
    const int nodes = static_cast<int>(ids->GetNumberOfIds()), type = plain_type(grid.GetCellType(c), nodes);
    if (out.cells.empty()) {
      out.cell_type = type;
      out.nodes_per_cell = nodes;
    }
    if (type != out.cell_type || nodes != out.nodes_per_cell) fail("the file mixes cells of several types", path, "fields are read from cells of one type");
    out.cells.insert(out.cells.end(), ids->begin(), ids->end());
  }
  if (out.cells.empty()) fail("the grid has no cells", path, "a field needs cells to be interpolated in");
  return out;
}

}  // namespace

std::vector<std::string> GridReader::extensions() const { return {".vtu", ".vtk"}; }

sdk::RawMesh GridReader::read(const std::string& path, const sdk::MeshReaderOptions&) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    fail("there is no such mesh file, or it cannot be read", path, "paths in a case are relative to the case file");
  }
  const auto grid = path.ends_with(".vtk") ? read_legacy(path) : read_xml(path, false);
  return convert(*grid, path);
}

std::vector<std::string> GridReader::data_extensions() const { return {".vtu", ".pvtu", ".pvd", ".vtk"}; }

sdk::PointData GridReader::read_data(const std::string& path, const std::string& field, std::optional<double> time) const {
  const auto refuse = [&](const std::string& what, const std::string& hint = {}) {
    return sdk::Error(sdk::ErrorKind::state, what, path, hint);
  };
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    throw refuse("there is no such file, or it cannot be read", "paths in a case are relative to the case file");
  }
  if (path.ends_with(".pvd")) {
    const auto step = entry_at(read_pvd(path), time, path);
    return read_data((std::filesystem::path(path).parent_path() / step.file).string(), field, {});
  }
  if (time) throw refuse("the file has one step, so a time cannot be chosen", "give the .pvd file, or leave `time` out");
  try {
    const auto grid = path.ends_with(".vtk") ? read_legacy(path) : path.ends_with(".pvtu") ? read_parallel(path) : read_xml(path, true);
    return point_data(*grid, field, path);
  } catch (const sdk::Error& error) {
    throw sdk::Error(sdk::ErrorKind::state, error.what(), error.where(), error.hint());
  }
}

}  // namespace ansatz::vtk
