#pragma once
/// What convection may do to a solution.

#include "engine/quantities/quantities.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// Warns where cells are too large for convection that nothing stabilises. *Collective.*
void warn_of_convection(problem::Problem& problem, const fem::DiscreteProblem& discrete,
                        const quantities::Solution& solution, results::RunLog& log);

}  // namespace ansatz::solvers
