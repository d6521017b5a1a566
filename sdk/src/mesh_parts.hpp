#pragma once
/// The steps of MeshBuilder::finish(), see there.

#include <string>
#include <utility>
#include <vector>

#include "ansatz/sdk/mesh_builder.hpp"

namespace ansatz::sdk {

/// Whether meshes may have second-order geometry of this type of cells: triangles and tetrahedra.
constexpr bool has_curved_geometry(CellType cell) { return cell_shape(cell).simplex && cell_shape(cell).dim > 1; }

/// Cells in VTK's order.
struct PlainCells {
  int geometry_degree = 1;
  std::vector<std::int64_t> nodes;  ///< (num_cells, num_points(cell, geometry_degree))
};

/// \param nodes (num_cells, nodes of `type`)
/// \param points (num_points, 3).
/// \throws Error of kind mesh
PlainCells plain_cells(const FileCell& type, std::span<const std::int64_t> nodes, std::span<const double> points,
                       double rounding, const std::string& where);

/// Fills cell_region, region_names and unusable.
/// \param groups distinct names with their cells
void add_regions(RawMesh& mesh, std::int64_t num_cells,
                 std::vector<std::pair<std::string, std::vector<std::int64_t>>> groups);

/// Fills sets, unusable and warnings of a mesh that has its cells.
/// \param sets by name and negative dimension
void add_sets(RawMesh& mesh, std::map<std::pair<std::string, int>, RawEntities> sets);

/// Whether each point is a corner of a cell. Shape (num_points).
/// \param mesh with checked indices
std::vector<char> corners_of_cells(const RawMesh& mesh);

}  // namespace ansatz::sdk
