#pragma once
/// Newton's method as a case asks for it.

#include "engine/linear/solvers/newton.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::solvers {

/// Not collective.
linear::NewtonOptions newton_options(problem::Problem& problem);

}  // namespace ansatz::solvers
