#pragma once
/// Scalar fields that a problem determines up to a constant: a pressure in a closed vessel, a temperature with fluxes only.

#include <vector>

#include "engine/fem/discrete_problem.hpp"

namespace ansatz::fem {

/// Fields without prescribed values for which a constant changes no equation: |J e| <= 1e-9 max(|J| |e|), with e = 1 in
/// the field and 0 elsewhere. Their positions, ascending, the same on all ranks. *Collective.*
std::vector<int> constant_modes(DiscreteProblem& problem, double t, std::span<const double> u, Rate rate,
                                const Weights& weights);

/// Holds one unknown of each field at its present value, that of the lowest node in canonical order, so that the matrix is
/// regular. *Collective.*
void pin_constants(DiscreteProblem& problem, const std::vector<int>& fields);

/// Checks that the equations of the pinned unknowns, which were left out, hold all the same. A Jacobian of the last solve
/// must be at hand.
/// \param start,solution owned unknowns before and after the solve
/// \throws sdk::Error of kind case_file on all ranks, with the net source that has nowhere to go. *Collective.*
void check_balance(DiscreteProblem& problem, const std::vector<int>& fields, double t, std::span<const double> start,
                   std::span<const double> solution, Rate rate);

}  // namespace ansatz::fem
