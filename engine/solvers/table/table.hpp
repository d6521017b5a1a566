#pragma once
/// The table of ansaetze: the engine's own, and those of plugins.

#include <memory>
#include <string>

#include "engine/solvers/case_problem.hpp"
#include "engine/solvers/run_monitor.hpp"

namespace ansatz::solvers {

/// A new one for the case, with the options of [solver.NAME].
/// \throws sdk::Error of kind parameter for a name that nothing offers; what its constructor finds wrong, on all ranks.
/// *Collective.*
std::unique_ptr<sdk::Solver> make_ansatz(const CaseProblem& problem, const std::string& name);

/// Solves, and looks at what comes back: the problem is at the parameters, the solution says so and fits, its values
/// are finite and its certificate is a number. A steady solution that was not observed is observed; one of a plugin
/// gets the norm of the finite-element equations there, work["residual"]. \throws sdk::Error of kind plugin,
/// not_finite; what solve() throws. *Collective.*
/// \param name of the ansatz, which need not be the case's
sdk::Solution solve(const CaseProblem& problem, const std::string& name, sdk::Solver& ansatz, sdk::Query query,
                    RunMonitor& monitor);

}  // namespace ansatz::solvers
