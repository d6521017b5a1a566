#pragma once
/// Where the equations of a case hold, and points there.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "ansatz/sdk/physics_interface.hpp"

namespace ansatz::sdk {

/// Where one set of equations holds: a region, exterior facets of a region with equal conditions, or the facets between
/// two regions.
struct Site {
  enum class Kind : int { volume, boundary, interface };

  Kind kind = Kind::volume;
  std::string name;                     ///< for people: "steel", "left of steel", "steel|air"
  int region = 0;                       ///< of the cells there; of an interface that on the side its normals leave
  int other_region = -1;                ///< of an interface that on the side its normals enter; may be the same one
  CoefficientTable coefficients;        ///< of `region`
  CoefficientTable other_coefficients;  ///< of `other_region`
  std::vector<CoefficientTable> boundary_terms;       ///< of each entry of the case that adds terms on these facets
  std::vector<std::optional<Expression>> prescribed;  ///< (components), on facets: what is given of u; empty: nothing
  double measure = 0.0;  ///< over all ranks [m^dim], of facets [m^(dim - 1)], where the mesh was at first
};

/// Points of one site on this rank; points that were located (Problem::locate()) are of none, without normals and
/// weights.
struct PointSet {
  int site = 0;                   ///< -1: none
  std::vector<double> positions;  ///< (n, dim) [m]
  std::vector<double> normals;    ///< (n, dim) outward of `region`, on facets
  std::vector<double> weights;    ///< (n), their sum over all ranks is the site's measure
  std::vector<double> data;  ///< (n, num_data) fields read from files; behind them the normal where coefficients use it
  std::vector<double> data_gradients;  ///< (n, num_data, dim)
  std::vector<std::int32_t> cells;     ///< (n) of this rank
  std::vector<double> reference;       ///< (n, dim) in the cell

  std::size_t size(int dim) const { return positions.size() / static_cast<std::size_t>(dim); }
};

}  // namespace ansatz::sdk
