#pragma once
/// Lagrange basis functions tabulated at points of the reference cell.

#include <span>
#include <vector>

#include "engine/mesh/cells/cell.hpp"

namespace ansatz::fem {

/// Basis of one element at some reference points.
struct Tabulation {
  int num_points = 0;
  int num_nodes = 0;
  int dim = 0;
  std::vector<double> values;     ///< (num_points, num_nodes)
  std::vector<double> gradients;  ///< (num_points, num_nodes, dim), reference coordinates
  std::vector<double> hessians;   ///< (num_points, num_nodes, dim (dim + 1) / 2)
};

/// \param points (num_points, dim) reference coordinates
Tabulation tabulate(mesh::CellType cell, int degree, std::span<const double> points);

/// Reference coordinates of the Lagrange nodes of this degree. Shape (num_nodes, dim).
std::vector<double> reference_nodes(mesh::CellType cell, int degree);
/// The basis of one degree at the nodes of another.
Tabulation tabulate_at_nodes(mesh::CellType cell, int degree, int degree_of_nodes);

/// Reference coordinates on the cell of points given on one of its facets, and their tangents.
struct FacetMap {
  std::vector<double> points;    ///< (num_points, dim)
  std::vector<double> tangents;  ///< (num_points, dim - 1, dim), so ordered that their cross product points outwards
};

/// \param facet_points (num_points, dim - 1) reference coordinates of the facet (no coordinates for intervals' ends)
FacetMap map_facet(mesh::CellType cell, int local_facet, int num_points, std::span<const double> facet_points);

}  // namespace ansatz::fem
