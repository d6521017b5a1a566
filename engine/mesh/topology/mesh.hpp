#pragma once
/// The distributed mesh: cells of one type, one ghost layer, named regions and sets.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/mesh/cells/cell.hpp"

namespace ansatz::mesh {

/// A facet of a local cell.
struct Facet {
  std::int32_t cell;
  std::int32_t local_facet;
  auto operator<=>(const Facet&) const = default;
};

/// A named set of facets, or in 3-D also of edges, or of vertices.
struct EntitySet {
  int dimension = 0;                   ///< dim - 1: facets; lower: edges, vertices
  std::vector<Facet> facets;           ///< where dimension = dim - 1: facets of local cells, sorted
  std::vector<std::int32_t> vertices;  ///< lower dimensions: (num_entities, dimension + 1) local vertices
};

/// A mesh distributed over the ranks of a communicator.
///
/// Every rank holds its owned cells, then one layer of ghosts: every cell that shares a vertex with an owned cell. All
/// indices are local unless they are called ids; ids are canonical: they do not depend on the number of ranks.
/// Vertices are the topology (identified across periodic boundaries); points are the geometry.
struct Mesh {
  base::Communicator comm;
  CellType cell = CellType::triangle;
  int dim = 2;
  int geometry_degree = 1;

  std::int32_t num_owned_cells = 0;
  std::vector<std::int64_t> cell_ids{};       ///< (num_cells) owned first, then ghosts; ascending within each part
                                              /// < or any other order fixed by the construction
  std::vector<std::int32_t> ghost_owners{};   ///< (num_cells - num_owned_cells) rank of each ghost
  std::vector<std::int32_t> cell_vertices{};  ///< (num_cells, vertices per cell), VTK's order;
                                              /// < a ghost's vertices are in the order of its owner
  std::vector<std::int64_t> vertex_ids{};     ///< (num_vertices)
  std::vector<std::int32_t> cell_points{};    ///< (num_cells, points per cell), VTK's order of degree geometry_degree
  std::vector<std::int64_t> point_ids{};      ///< (num_points) canonical id of geometry points
  std::vector<double> points{};               ///< (num_points, dim) [m]
  std::vector<std::int32_t> cell_region{};    ///< (num_cells) index into region_names
  std::vector<std::string> region_names{};

  /// Named sets. Facet sets hold the facets of local cells that contain a vertex of an owned cell; the set "all" holds
  /// every exterior facet. A facet inside the domain appears once, on the cell with the lowest id.
  std::map<std::string, EntitySet> sets{};
  std::map<std::string, std::string> unusable{};  ///< regions and sets of the file that a case cannot use, and why
  std::vector<std::string> warnings{};            ///< what is doubtful in the file, for people; the same on all ranks

  std::int64_t num_global_cells = 0;
  std::int64_t num_global_vertices = 0;

  std::int32_t num_cells() const { return static_cast<std::int32_t>(cell_ids.size()); }
  std::int32_t num_vertices() const { return static_cast<std::int32_t>(vertex_ids.size()); }
  std::int32_t num_points() const { return static_cast<std::int32_t>(point_ids.size()); }
  int vertices_per_cell() const { return topology(cell).num_vertices; }
  int points_per_cell() const { return static_cast<int>(lagrange_nodes(cell, geometry_degree).size()); }
  bool affine() const { return topology(cell).simplex && geometry_degree == 1; }
  /// Coordinates of a local point. Shape (dim).
  std::span<const double> point(std::int32_t p) const {
    return {points.data() + std::size_t(p) * dim, std::size_t(dim)};
  }
};

}  // namespace ansatz::mesh
