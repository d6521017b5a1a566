#pragma once
/// The place of a point in a cell.

#include <array>
#include <optional>
#include <span>

#include "engine/mesh/cells/cell.hpp"

namespace ansatz::mesh {

/// How far a point may lie outside of a cell that is said to contain it.
struct Slack {
  double reference = 0.0;  ///< in reference coordinates
  double round_off = 0.0;  ///< of coordinates [m], in each direction
};

/// Box around a cell, shape (2, dim): lowest corner, then highest; with room for the slack, and for the bulge of curved
/// cells.
/// \param nodes (nodes of the cell, dim) coordinates of the Lagrange nodes
std::array<double, 6> cell_box(int degree, std::span<const double> nodes, int dim, const Slack& slack);

/// Reference coordinates of a point if the cell contains it, by Newton's method from the cell's centre.
/// \param degree of the map from the reference cell
/// \param nodes as in cell_box()
/// \param point (dim) [m]
std::optional<std::array<double, 3>> locate(CellType cell, int degree, std::span<const double> nodes,
                                            std::span<const double> point, const Slack& slack);

}  // namespace ansatz::mesh
