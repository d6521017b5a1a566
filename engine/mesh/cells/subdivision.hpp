#pragma once
/// How uniform refinement cuts a reference cell.

#include <vector>

#include "engine/mesh/cells/cell.hpp"

namespace ansatz::mesh {

/// Children of a cell, all with positive volume. Their vertices are the parent's Lagrange nodes of degree 2. Intervals,
/// quadrilaterals and hexahedra: child c lies at vertex c. Triangles: three corners and the middle; prisms: those of
/// their triangle at the bottom, then at the top. Tetrahedra: J. Bey, Tetrahedral grid refinement, Computing 55 (1995),
/// with vertices 1 and 3 exchanged where Bey's child is inverted; that keeps the diagonal of the next refinement, so at
/// most three shapes arise.
struct Subdivision {
  struct ChildFacet {
    int child;
    int local_facet;
  };
  int num_children = 0;
  std::vector<int> vertices;                            ///< (children, vertices per cell)
  std::vector<std::vector<ChildFacet>> facet_children;  ///< by facet of the parent

  /// Reference coordinates in the parent of the child's Lagrange nodes. Shape (nodes).
  std::vector<std::array<double, 3>> child_nodes(CellType type, int child, int degree) const;
};

const Subdivision& subdivision(CellType type);

}  // namespace ansatz::mesh
