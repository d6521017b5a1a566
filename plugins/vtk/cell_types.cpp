#include "cell_types.hpp"

#include <fmt/format.h>
#include <vtkCellType.h>
#include <vtkCellTypes.h>

#include <algorithm>
#include <array>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/raw_mesh.hpp"

namespace ansatz::vtk {
namespace {

using sdk::CellType;

constexpr std::array<CellEntry, 10> entries{{{VTK_VERTEX, 0, 1, 1, std::nullopt, 1},
                                             {VTK_LINE, 1, 2, 2, CellType::interval, 1},
                                             {VTK_QUADRATIC_EDGE, 1, 2, 3, std::nullopt, 2},
                                             {VTK_TRIANGLE, 2, 3, 3, CellType::triangle, 1},
                                             {VTK_QUADRATIC_TRIANGLE, 2, 3, 6, CellType::triangle, 2},
                                             {VTK_QUAD, 2, 4, 4, CellType::quadrilateral, 1},
                                             {VTK_QUADRATIC_QUAD, 2, 4, 8, std::nullopt, 2},
                                             {VTK_TETRA, 3, 4, 4, CellType::tetrahedron, 1},
                                             {VTK_QUADRATIC_TETRA, 3, 4, 10, CellType::tetrahedron, 2},
                                             {VTK_HEXAHEDRON, 3, 8, 8, CellType::hexahedron, 1}}};

std::string type_name(int vtk_type) {
  const char* name = vtkCellTypes::GetClassNameFromTypeId(vtk_type);
  return name ? name : fmt::format("VTK type {}", vtk_type);
}

[[noreturn]] void fail_unsupported(int vtk_type, const std::string& path) {
  throw sdk::Error(sdk::ErrorKind::mesh, fmt::format("cells of type {} are not supported", type_name(vtk_type)), path,
                   "lines, triangles, quads, tetrahedra, hexahedra, and quadratic triangles and tetrahedra are");
}

}  // namespace

const CellEntry& cell_entry(int vtk_type, const std::string& path) {
  const auto it = std::ranges::find(entries, vtk_type, &CellEntry::vtk_type);
  if (it == entries.end()) fail_unsupported(vtk_type, path);
  return *it;
}

int MeshBuilder::region_index(const std::string& name) {
  const auto [it, is_new] = regions_.emplace(name, static_cast<int>(regions_.size()));
  if (is_new) mesh_.region_names.push_back(name);
  return it->second;
}

void MeshBuilder::add_cell(int vtk_type, std::span<const std::int64_t> points, const std::string& region) {
  if (vtk_type != vtk_type_) {
    const auto& entry = cell_entry(vtk_type, path_);
    if (!entry.cell) fail_unsupported(vtk_type, path_);
    if (vtk_type_ >= 0) {
      throw sdk::Error(
          sdk::ErrorKind::mesh,
          fmt::format("the mesh mixes cells of types {} and {}", type_name(vtk_type_), type_name(vtk_type)), path_,
          "a mesh has cells of one type");
    }
    vtk_type_ = vtk_type;
    mesh_.cell = *entry.cell;
    mesh_.dimension = dimension_;
    mesh_.geometry_degree = entry.geometry_degree;
  }
  mesh_.cells.insert(mesh_.cells.end(), points.begin(), points.end());
  mesh_.cell_region.push_back(region_index(region));
}

void MeshBuilder::add_entity(int vtk_type, std::span<const std::int64_t> points, const std::string& set) {
  const auto& entry = cell_entry(vtk_type, path_);
  auto [it, is_new] = mesh_.sets.try_emplace(set);
  auto& entities = it->second;
  if (is_new) entities.dimension = entry.dimension;
  if (entities.dimension != entry.dimension) {
    throw sdk::Error(sdk::ErrorKind::mesh,
                     fmt::format("set \"{}\" has entities of dimension {} and of dimension {}", set, entities.dimension,
                                 entry.dimension),
                     path_, "give them different names");
  }
  const auto corners = points.first(std::min(points.size(), static_cast<std::size_t>(entry.num_corners)));
  entities.vertices.insert(entities.vertices.end(), corners.begin(), corners.end());
  entities.offsets.push_back(static_cast<std::int64_t>(entities.vertices.size()));
}

sdk::RawMesh MeshBuilder::finish() {
  sdk::finish_mesh(mesh_, path_);
  return std::move(mesh_);
}

}  // namespace ansatz::vtk
