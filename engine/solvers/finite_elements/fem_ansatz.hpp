#pragma once
/// Finite elements as an ansatz.

#include <memory>

#include "engine/solvers/case_problem.hpp"

namespace ansatz::solvers {

/// `solver.type = "fem"`. Each solve has a discrete problem of its own, so that none depends on those before.
std::unique_ptr<sdk::Solver> make_fem_ansatz(const CaseProblem& problem);

}  // namespace ansatz::solvers
