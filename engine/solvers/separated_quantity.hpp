#pragma once
/// Quantities of a case as functions of parameters times linear functionals.

#include <optional>
#include <string>

#include "engine/problem/problem.hpp"
#include "engine/reduced/separation/separated_functional.hpp"

namespace ansatz::solvers {

/// A quantity of the case as a sum of products of functions of parameters and of linear functionals.
/// \param refusal why there is none, where none is returned: begins with "not linear" or "not separable"
/// *Collective.*
std::optional<reduced::SeparatedFunctional> separated_quantity(problem::Problem& problem,
                                                               const problem::BoundQuantity& quantity,
                                                               std::string& refusal);

}  // namespace ansatz::solvers
