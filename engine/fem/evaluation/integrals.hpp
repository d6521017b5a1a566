#pragma once
/// Integrals of expressions of a solution, and of what its physics declares.

#include <vector>

#include "engine/fem/evaluation/point_evaluator.hpp"

namespace ansatz::fem {

/// See Evaluator::integrate(). *Collective.*
double integrate(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                 const Domain& domain);

/// See Evaluator::quantities(). Shape (number of quantities). *Collective.*
std::vector<double> integrate_quantities(PointEvaluator& at_points, const FormState& state);

}  // namespace ansatz::fem
