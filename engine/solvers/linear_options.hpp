#pragma once
/// The linear solver that a case asks for.

#include "engine/input/case.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::solvers {

/// \param relative_tolerance where the case says none
linear::KrylovOptions linear_options(const input::LinearSpec& spec, const plugin::Registry& registry,
                                     double relative_tolerance);

}  // namespace ansatz::solvers
