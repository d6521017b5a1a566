#pragma once
/// Starts of nonlinear steady problems at which the equations have no slope along some motions.

#include "engine/fem/motions/free_motions.hpp"

namespace ansatz::fem {

/// Moves the start of a nonlinear problem along its weak motions to where the integrals of the equations times the
/// motions balance: there the Jacobian may see what it does not see at the start, such as the level of a radiating body
/// at 0 K. For each motion by tangents, else in the first of [2^(8 k), 2^(8 k + 8)], upwards, whose ends have different
/// signs; no motion where there is none. \returns whether u was moved. *Collective.*
bool balance_start(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t, std::span<double> u);

}  // namespace ansatz::fem
