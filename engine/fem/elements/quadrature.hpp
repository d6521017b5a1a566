#pragma once
/// Quadrature on the reference cells.

#include <vector>

#include "engine/mesh/cells/cell.hpp"

namespace ansatz::fem {

/// Points and weights on a reference cell; the weights sum to its volume (1/2 for triangles, 1/6 for tetrahedra, 1/2
/// for prisms, else 1).
struct Quadrature {
  int dim = 0;
  std::vector<double> points;   ///< (size, dim)
  std::vector<double> weights;  ///< (size)
  int size() const { return static_cast<int>(weights.size()); }
  std::array<double, 3> point(int q) const;
};

/// A rule that is exact for polynomials of total degree `degree`; on products of simplices of this degree in each
/// factor (per direction on quadrilaterals and hexahedra; in x, y and in z on prisms): the tensor product of their
/// rules.
///
/// Intervals: Gauss's. Triangles and tetrahedra: symmetric rules up to degree 6 (Dunavant 1985; Walkington 2000; Keast
/// 1986), above that Gauss-Jacobi products on the collapsed square or cube (Stroud 1971). \throws Error of kind
/// parameter above degree 40.
Quadrature quadrature(mesh::CellType cell, int degree);

}  // namespace ansatz::fem
