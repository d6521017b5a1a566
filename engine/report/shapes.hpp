#pragma once
/// Cells in VTK's terms as triangles and tetrahedra on which fields are linear.

#include <array>
#include <cstdint>
#include <vector>

namespace ansatz::report {

struct Triangle {
  std::array<int, 3> nodes;
  unsigned edges;  ///< bit i: the side from node i to node i + 1 lies on an edge of the cell
};

/// A face of a cell.
struct Face {
  std::vector<int> corners;
  std::vector<Triangle> triangles;
};

/// Pieces of a type of cells; numbers are those of its nodes.
struct Shapes {
  int dim = 0;
  std::vector<int> line;                   ///< nodes along an interval
  std::vector<Face> faces;                 ///< in two dimensions the cell itself
  std::vector<std::array<int, 4>> solids;  ///< tetrahedra that fill the cell, in three dimensions
};

/// Of a VTK cell type of degree 1 or 2: line, triangle, quadrilateral, tetrahedron, wedge or hexahedron.
/// \throws sdk::Error of kind internal for another type
const Shapes& shapes_of(std::uint8_t vtk_type);

}  // namespace ansatz::report
