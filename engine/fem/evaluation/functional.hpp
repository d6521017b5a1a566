#pragma once
/// Linear functionals of solutions: integrals and point values as vectors.

#include <optional>
#include <span>
#include <vector>

#include "engine/fem/evaluation/cells_at_point.hpp"
#include "engine/fem/evaluation/point_evaluator.hpp"

namespace ansatz::fem {

/// s(u) = vector . u + constant.
struct Functional {
  std::vector<double> vector;  ///< (num_owned) of all unknowns, constrained ones too
  double constant = 0.0;
};

/// See Evaluator::linear_integral(). *Collective.*
Functional linear_integral(PointEvaluator& at_points, const sdk::Expression& expression, const Domain& domain);

/// See Evaluator::linear_at_point(). *Collective.*
Functional linear_at_point(PointEvaluator& at_points, CellsAtPoint& cells, const sdk::Expression& expression,
                           std::span<const double> point, std::optional<int> region);

}  // namespace ansatz::fem
