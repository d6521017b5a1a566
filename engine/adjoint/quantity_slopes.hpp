#pragma once
/// Derivatives of the quantities of a case at a solution.

#include <string>
#include <vector>

#include "engine/adjoint/residual_slopes.hpp"
#include "engine/fem/evaluation/expression_slopes.hpp"
#include "engine/quantities/quantities.hpp"

namespace ansatz::adjoint {

/// A quantity and what it changes by.
struct QuantitySlopes {
  double value = 0.0;
  fem::Slopes slopes;        ///< by the unknowns, and by the parameters at fixed unknowns and mesh
  std::string problem = {};  ///< why there are none; empty where there are
};

/// Why a quantity has no derivative, as far as that is known without a solution; else empty. Not collective.
std::string objection(const problem::Problem& problem, std::size_t quantity);

/// One of Problem::quantities(). *Collective.* Exact, by dual numbers: see fem/evaluation/expression_slopes.hpp.
///   deviations and norms: of their squares; none where these are 0;
///   maximum, minimum: at the node where it is attained; none where others attain it within round-off;
///   reaction: J^T w with the rows w of the set, of steady solutions; formulas: by the chain rule.
QuantitySlopes quantity_slopes(problem::Problem& problem, fem::DiscreteProblem& discrete, ResidualSlopes& equations,
                               const sdk::Solution& solution, std::size_t quantity);

}  // namespace ansatz::adjoint
