#include "grid_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vtkCell.h>
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkGenericCell.h>
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
#include "ansatz/sdk/raw_mesh.hpp"
#include "ansatz/sdk/text.hpp"
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

/// The word after `key` near the beginning of a file; empty where there is none.
std::string word_after(const std::string& path, const std::string& key) {
  std::string head(2048, ' ');
  std::ifstream(path, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  const auto at = head.find(key);
  if (at == head.npos) return {};
  const auto first = head.find_first_not_of(" \t", at + key.size());
  return first == head.npos ? "" : head.substr(first, head.find_first_of(" \t\r\n\"", first) - first);
}

/// \param wanted kind of data of the files that can be read
/// \param format "a legacy VTK"
[[noreturn]] void fail_other_kind(const std::string& path, const std::string& wanted, const std::string& format) {
  const auto kind = word_after(path, wanted == "UNSTRUCTURED_GRID" ? "DATASET" : "type=\"");
  if (kind.empty() || kind == wanted)
    fail(fmt::format("this is not {} file of kind {}", format, wanted), path, "the file may be truncated");
  fail(fmt::format("the file holds {}, and a mesh is an {}", kind, wanted), path,
       "convert it, in ParaView with the filter Append Datasets, which gives unstructured grids");
}

vtkSmartPointer<vtkUnstructuredGrid> read_xml(const std::string& path, bool with_pieces) {
  const Messages messages;
  vtkNew<vtkXMLUnstructuredGridReader> reader;
  if (!reader->CanReadFile(path.c_str())) fail_other_kind(path, "UnstructuredGrid", "a VTK XML");
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
  if (!reader->IsFileUnstructuredGrid()) fail_other_kind(path, "UNSTRUCTURED_GRID", "a legacy VTK");
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
  if (!reader->CanReadFile(path.c_str()))
    fail("this is not a parallel VTK XML unstructured grid", path, "the file may be truncated");
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

/// Turns a grid into a mesh.
class Conversion {
 public:
  Conversion(vtkUnstructuredGrid& grid, std::string path)
      : grid_(grid),
        path_(std::move(path)),
        labels_(grid),
        mesh_(path_, grid.GetPoints() != nullptr && grid.GetPoints()->GetDataType() == VTK_FLOAT ? 0x1p-24 : 0x1p-53) {}

  sdk::RawMesh run() {
    find_dimension();
    mesh_.points().resize(3 * static_cast<std::size_t>(grid_.GetNumberOfPoints()));
    for (vtkIdType p = 0; p < grid_.GetNumberOfPoints(); ++p) grid_.GetPoint(p, &mesh_.points()[3 * p]);
    for (vtkIdType c = 0; c < grid_.GetNumberOfCells(); ++c) add(c);
    return mesh_.finish();
  }

 private:
  int dimension_of(int type) {
    const auto [at, is_new] = dimensions_.try_emplace(type, 0);
    if (is_new) at->second = type_dimension(type);
    return at->second;
  }

  void find_dimension() {
    for (vtkIdType c = 0; c < grid_.GetNumberOfCells(); ++c)
      dimension_ = std::max(dimension_, dimension_of(grid_.GetCellType(c)));
    if (dimension_ == 0) fail("the grid has no cells", path_);
    for (vtkIdType c = 0; c < grid_.GetNumberOfCells(); ++c) {
      const int type = grid_.GetCellType(c);
      if (dimension_of(type) < dimension_ || cell_type(type) || parts(c)) continue;
      fail(fmt::format("cells of type {} are not supported: cell {} is one", type_name(type), c), path_,
           sdk::cell_plurals() + " are, pixels and voxels too, of higher order where they are straight");
    }
  }

  void add(vtkIdType c) {
    const int type = grid_.GetCellType(c);
    grid_.GetCellPoints(c, ids_);
    points_.assign(ids_->begin(), ids_->end());
    if (std::ranges::any_of(points_, [&](std::int64_t p) { return p < 0 || p >= grid_.GetNumberOfPoints(); })) {
      fail(fmt::format("cell {} names a node that the file does not have", c), path_,
           "the file may be damaged: write it again");
    }
    if (dimension_of(type) == dimension_) {
      add_cells(c, type);
    } else if (labels_.present()) {
      add_entity(type, labels_(c, "set"));
    }
  }

  /// Plain cells of one type.
  struct Parts {
    int type;
    std::size_t width;   ///< points of a part
    std::size_t stride;  ///< from the beginning of one to the next
  };

  /// What polygons of three or four points, strips of triangles and polylines consist of; nothing for other cells.
  std::optional<Parts> parts(vtkIdType c) const {
    const auto num_points = grid_.GetCells()->GetCellSize(c);
    switch (grid_.GetCellType(c)) {
      case VTK_POLYGON:
        if (num_points == 3) return Parts{VTK_TRIANGLE, 3, 3};
        if (num_points == 4) return Parts{VTK_QUAD, 4, 4};
        return std::nullopt;
      case VTK_TRIANGLE_STRIP:
        return Parts{VTK_TRIANGLE, 3, 1};
      case VTK_POLY_LINE:
        return Parts{VTK_LINE, 2, 1};
      default:
        return std::nullopt;
    }
  }

  void add_cells(vtkIdType c, int type) {
    const auto found = parts(c);
    const auto [plain, width, stride] = found.value_or(Parts{type, points_.size(), points_.size() + 1});
    const int kind = kind_of(c, plain, width);
    for (std::size_t first = 0; first + width <= points_.size(); first += stride) {
      const auto cell = mesh_.add_cell(kind, std::span(points_).subspan(first, width));
      if (labels_.present()) mesh_.put_in(cell, labels_(c, "region"));
    }
  }

  /// Number of the type of a cell; cells of one type and several orders are of several.
  int kind_of(vtkIdType c, int type, std::size_t num_points) {
    const auto [at, is_new] = kinds_.try_emplace({type, num_points}, 0);
    if (!is_new) return at->second;
    if (!fits(type, num_points))
      fail(fmt::format("cell {} of type {} has {} points", c, type_name(type), num_points), path_);
    if (type == grid_.GetCellType(c)) return at->second = mesh_.add_type(file_cell(*grid_.GetCell(c)));
    const auto cell = vtkSmartPointer<vtkCell>::Take(vtkGenericCell::InstantiateCell(type));
    return at->second = mesh_.add_type(file_cell(*cell));
  }

  void add_entity(int type, const std::string& set) {
    const auto ids = std::span<const std::int64_t>(points_);
    const auto cell = cell_type(type);
    const auto corners = cell ? static_cast<std::size_t>(sdk::num_vertices(*cell)) : 0;
    if (cell && ids.size() >= corners) return mesh_.add_entity(set, dimension_of(type), ids.first(corners));
    if (type == VTK_VERTEX || type == VTK_POLY_VERTEX) {
      for (const auto p : ids) mesh_.add_entity(set, 0, std::array{p});
    } else if (type == VTK_POLY_LINE) {
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) mesh_.add_entity(set, 1, ids.subspan(i, 2));
    } else {
      mesh_.refuse_set(set, fmt::format("it has cells of type {} with {} points", type_name(type), ids.size()));
    }
  }

  vtkUnstructuredGrid& grid_;
  std::string path_;
  Labels labels_;
  sdk::MeshBuilder mesh_;
  std::map<int, int> dimensions_;  ///< by type
  int dimension_ = 0;
  std::map<std::pair<int, std::size_t>, int> kinds_;  ///< by type and number of points
  vtkNew<vtkIdList> ids_;
  std::vector<std::int64_t> points_;  ///< of a cell
};

/// The quadratic and linear cells that VTK's Lagrange cells of order 1 and 2 are, where the order of their nodes is the
/// same: not in hexahedra.
int plain_type(int type, int num_points) {
  for (const auto& cell : sdk::cell_shapes) {
    if (cell.vtk_lagrange != type || cell.type == sdk::CellType::hexahedron) continue;
    for (const int degree : {1, 2}) {
      if (cell.num_nodes(degree) == num_points) return cell.in_files[degree - 1].vtk;
    }
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
    if (type != out.cell_type || nodes != out.nodes_per_cell)
      fail("the file mixes cells of several types", path, "fields are read from cells of one type");
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
  const auto grid = sdk::has_ending(path, ".vtk") ? read_legacy(path) : read_xml(path, false);
  return Conversion(*grid, path).run();
}

std::vector<std::string> GridReader::data_extensions() const { return {".vtu", ".pvtu", ".pvd", ".vtk"}; }

sdk::PointData GridReader::read_data(const std::string& path, const std::string& field,
                                     std::optional<double> time) const {
  const auto refuse = [&](const std::string& what, const std::string& hint = {}) {
    return sdk::Error(sdk::ErrorKind::state, what, path, hint);
  };
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    throw refuse("there is no such file, or it cannot be read", "paths in a case are relative to the case file");
  }
  if (sdk::has_ending(path, ".pvd")) {
    const auto step = entry_at(read_pvd(path), time, path);
    return read_data((std::filesystem::path(path).parent_path() / step.file).string(), field, {});
  }
  if (time)
    throw refuse("the file has one step, so a time cannot be chosen", "give the .pvd file, or leave `time` out");
  try {
    const auto grid = sdk::has_ending(path, ".vtk")    ? read_legacy(path)
                      : sdk::has_ending(path, ".pvtu") ? read_parallel(path)
                                                       : read_xml(path, true);
    return point_data(*grid, field, path);
  } catch (const sdk::Error& error) {
    throw sdk::Error(sdk::ErrorKind::state, error.what(), error.where(), error.hint());
  }
}

}  // namespace ansatz::vtk
