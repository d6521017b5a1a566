#pragma once
/// Derivatives of integrals and values of expressions of a solution, which need not be linear.

#include <optional>
#include <span>
#include <vector>

#include "engine/fem/evaluation/cells_at_point.hpp"
#include "engine/fem/evaluation/point_evaluator.hpp"

namespace ansatz::fem {

/// What a number changes by with the unknowns, and with the parameters at fixed unknowns, rates and mesh. Exact, by
/// dual numbers through expressions, derived fields and coefficients; at a kink or jump that of one side.
struct Slopes {
  std::vector<double> unknowns;    ///< (num_owned) of all unknowns, constrained ones too
  std::vector<double> parameters;  ///< (parameters), the same on all ranks

  /// this += factor other.
  void add(double factor, const Slopes& other);
  static Slopes zero(const FormDefinition& definition);
};

// All are *collective*. \throws sdk::Error of kind plugin where derived fields are of a plugin built before API 4.2.

/// Of Evaluator::integrate().
Slopes integral_slopes(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                       const Domain& domain);
/// Of Evaluator::at_point().
Slopes point_slopes(PointEvaluator& at_points, CellsAtPoint& cells, const sdk::Expression& expression,
                    const FormState& state, std::span<const double> point, std::optional<int> region);
/// Of Evaluator::at_nodes() at the node with this key, given on all ranks.
Slopes node_slopes(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                   const mesh::NodeMap& nodes, const mesh::NodeKey& key, std::optional<int> region);
/// Of Evaluator::quantities(): one that the physics declares.
Slopes declared_slopes(PointEvaluator& at_points, const FormState& state, int quantity);

}  // namespace ansatz::fem
