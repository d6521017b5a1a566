#include "exodus_reader.hpp"

#include <fmt/format.h>
#include <vtkCellData.h>
#include <vtkCompositeDataSet.h>
#include <vtkDataArray.h>
#include <vtkExodusIIReader.h>
#include <vtkInformation.h>
#include <vtkMultiBlockDataSet.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkUnstructuredGrid.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "ansatz/sdk/error.hpp"
#include "cell_types.hpp"
#include "messages.hpp"
#include "netcdf_file.hpp"

namespace ansatz::vtk {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& hint = {}) {
  throw sdk::Error(sdk::ErrorKind::mesh, what, path, hint);
}

/// Position of each kind of object in the reader's output.
enum OutputBlock { element_blocks = 0, side_sets = 4, node_sets = 7 };

struct Part {
  std::string name;
  vtkUnstructuredGrid* grid = nullptr;
};

/// Non-empty grids of one kind with their names.
std::vector<Part> parts(vtkMultiBlockDataSet& output, OutputBlock kind, const char* prefix) {
  std::vector<Part> out;
  auto* group = vtkMultiBlockDataSet::SafeDownCast(output.GetBlock(kind));
  for (unsigned i = 0; group != nullptr && i < group->GetNumberOfBlocks(); ++i) {
    auto* grid = vtkUnstructuredGrid::SafeDownCast(group->GetBlock(i));
    if (grid == nullptr || grid->GetNumberOfCells() == 0) continue;
    std::string name;
    if (group->HasMetaData(i) && group->GetMetaData(i)->Has(vtkCompositeDataSet::NAME())) {
      name = group->GetMetaData(i)->Get(vtkCompositeDataSet::NAME());
    }
    if (name.empty() || name.starts_with("Unnamed")) {
      const auto* ids = grid->GetCellData()->GetArray(vtkExodusIIReader::GetObjectIdArrayName());
      name = fmt::format("{}_{}", prefix,
                         ids ? static_cast<std::int64_t>(const_cast<vtkDataArray*>(ids)->GetComponent(0, 0)) : i + 1);
    }
    out.push_back({name, grid});
  }
  return out;
}

/// Index in the file of each point of a part.
std::vector<std::int64_t> node_indices(vtkUnstructuredGrid& grid, std::int64_t num_nodes, const std::string& path) {
  auto* ids = grid.GetPointData()->GetArray(vtkExodusIIReader::GetImplicitNodeIdArrayName());
  if (ids == nullptr) fail("VTK gives no node numbers for a block of the file", path);
  std::vector<std::int64_t> out(static_cast<std::size_t>(grid.GetNumberOfPoints()));
  for (std::size_t p = 0; p < out.size(); ++p) {
    out[p] = static_cast<std::int64_t>(ids->GetComponent(static_cast<vtkIdType>(p), 0)) - 1;
    if (out[p] < 0 || out[p] >= num_nodes)
      fail("a block names a node that the file does not have", path, "the file may be truncated");
  }
  return out;
}

using UseCell = std::function<void(int type, std::span<const std::int64_t> points)>;

void for_each_cell(vtkUnstructuredGrid& grid, const std::vector<std::int64_t>& node, const UseCell& use) {
  vtkNew<vtkIdList> ids;
  std::vector<std::int64_t> points;
  for (vtkIdType c = 0; c < grid.GetNumberOfCells(); ++c) {
    grid.GetCellPoints(c, ids);
    points.clear();
    for (const auto p : *ids) points.push_back(node.at(static_cast<std::size_t>(p)));
    use(grid.GetCellType(c), points);
  }
}

void load(vtkExodusIIReader& reader, const std::string& path) {
  const Messages messages;
  if (!reader.CanReadFile(path.c_str())) fail("this is not an Exodus file", path, "the file may be truncated");
  reader.SetFileName(path.c_str());
  reader.UpdateInformation();
  reader.GenerateImplicitNodeIdArrayOn();
  reader.GenerateObjectIdCellArrayOn();
  for (const int kind : {vtkExodusIIReader::ELEM_BLOCK, vtkExodusIIReader::SIDE_SET, vtkExodusIIReader::NODE_SET}) {
    for (int i = 0; i < reader.GetNumberOfObjects(kind); ++i) reader.SetObjectStatus(kind, i, 1);
  }
  reader.Update();
  const auto errors = messages.errors();
  if (!errors.empty()) fail("VTK cannot read the file: " + errors, path, "the file may be truncated: write it again");
}

sdk::RawMesh convert(vtkMultiBlockDataSet& output, std::int64_t num_nodes, const std::string& path) {
  const auto blocks = parts(output, element_blocks, "block");
  int dimension = 0;
  for (const auto& block : blocks)
    dimension = std::max(dimension, cell_entry(block.grid->GetCellType(0), path).dimension);
  if (dimension == 0) fail("the file has no elements", path);
  MeshBuilder builder(path, dimension);
  builder.points().assign(3 * static_cast<std::size_t>(num_nodes), 0.0);
  const auto add = [&](const Part& part, bool is_block) {
    const auto node = node_indices(*part.grid, num_nodes, path);
    for (std::size_t p = 0; p < node.size(); ++p)
      part.grid->GetPoint(static_cast<vtkIdType>(p), &builder.points()[3 * node[p]]);
    for_each_cell(*part.grid, node, [&](int type, std::span<const std::int64_t> points) {
      if (is_block && cell_entry(type, path).dimension == dimension) return builder.add_cell(type, points, part.name);
      builder.add_entity(type, points, part.name);
    });
  };
  for (const auto& part : blocks) add(part, true);
  for (const auto& part : parts(output, side_sets, "side_set")) add(part, false);
  for (const auto& part : parts(output, node_sets, "node_set")) add(part, false);
  return builder.finish();
}

}  // namespace

std::vector<std::string> ExodusReader::extensions() const { return {".e", ".exo", ".ex2", ".exii"}; }

sdk::RawMesh ExodusReader::read(const std::string& path, const sdk::MeshReaderOptions&) const {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || !std::ifstream(path)) {
    fail("there is no such mesh file, or it cannot be read", path, "paths in a case are relative to the case file");
  }
  require_whole_netcdf(path);
  vtkNew<vtkExodusIIReader> reader;
  load(*reader, path);
  return convert(*reader->GetOutput(), reader->GetTotalNumberOfNodes(), path);
}

}  // namespace ansatz::vtk
