#pragma once
/// The reduced basis as an ansatz.

#include <memory>

#include "engine/solvers/case_problem.hpp"

namespace ansatz::solvers {

/// `solver.type = "reduced_basis"`, with `[reduced]`. Its certificate is a bound, or an estimate where something is
/// interpolated; it tabulates the quantities that its model knows.
std::unique_ptr<sdk::Solver> make_reduced_ansatz(const CaseProblem& problem);

}  // namespace ansatz::solvers
