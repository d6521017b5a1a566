#pragma once
/// Topology of the reference cells: VTK's vertex order, reference coordinates in [0, 1]^d.

#include <array>
#include <span>
#include <string>

#include "ansatz/sdk/mesh_reader.hpp"

namespace ansatz::mesh {

using sdk::CellType;

/// Reference topology of a cell. Local entities are given by local vertex numbers.
///
/// Vertex order and reference coordinates: interval 0, 1; triangle (0,0) (1,0) (0,1); quadrilateral (0,0) (1,0) (1,1)
/// (0,1); tetrahedron (0,0,0) (1,0,0) (0,1,0) (0,0,1); hexahedron bottom (0,0,0) (1,0,0) (1,1,0) (0,1,0), then top.
struct CellTopology {
  CellType type;
  const char* name;
  int dim;
  int num_vertices;
  int num_edges;       ///< 1-D entities (interval: 1, the cell itself)
  int num_faces;       ///< 2-D entities (quadrilateral, triangle: 1, the cell itself; interval 0)
  int num_facets;      ///< entities of dimension dim - 1
  int facet_vertices;  ///< vertices per facet
  std::array<std::array<double, 3>, 8> coordinates;
  std::array<std::array<int, 2>, 12> edges;  ///< order of the mid-edge nodes of VTK's quadratic cells
  std::array<std::array<int, 4>, 6> facets;  ///< outward oriented; interval: {0}, {1}; VTK's face order in 3-D
  bool simplex;
};

const CellTopology& topology(CellType type);
/// Cell type of a facet's reference shape (interval for 2-D cells). Not defined for intervals.
CellType facet_type(CellType type);
/// \throws Error of kind case_file for an unknown name, listing the names.
CellType cell_type_from_name(const std::string& name);

/// A Lagrange node of the reference cell, carried by a vertex, an edge, a quadrilateral face or the cell.
struct LocalNode {
  int dimension;                ///< of the entity that carries the node
  std::array<int, 8> vertices;  ///< local vertices of that entity
  int num_vertices;
  std::array<double, 3> reference;  ///< reference coordinates
};

/// The Lagrange nodes of degree 1 or 2 on this cell, in VTK's order: vertices, edges, then the face centres and the
/// centre (quadratic triangle 22, biquadratic quadrilateral 28, quadratic tetrahedron 24, triquadratic hexahedron 29).
/// \throws Error of kind case_file for another degree.
std::span<const LocalNode> lagrange_nodes(CellType type, int degree);

}  // namespace ansatz::mesh
