#pragma once
/// How far motions go that the matrix of a steady problem hardly sees, or not at all: by the integrals of the
/// equations.

#include <functional>

#include "engine/fem/motions/free_motions.hpp"

namespace ansatz::fem {

/// The amplitudes of motions with which all but the equations of the held unknowns were solved: by the integrals of the
/// equations times the motions, where these feel the motions at all; with mean 0 (FreeMotion::measure) where they do
/// not. As many scalar equations, by Broyden's method. The integrals keep all digits of a coefficient that is lost in
/// the entries of a matrix.
/// \param solve solves for all else with the motions held where they are, from the given u. *Collective.*
/// \returns the motions that no integral feels
/// \throws sdk::Error of kind solver where it does not converge
std::vector<FreeMotion> find_amplitudes(DiscreteProblem& problem, const std::vector<FreeMotion>& motions, double t,
                                        std::span<double> u, const std::function<void()>& solve);

}  // namespace ansatz::fem
