#pragma once
/// Unknowns for people.

#include <cstddef>
#include <optional>
#include <string>

#include "engine/fem/forms/discrete_problem.hpp"

namespace ansatz::solvers {

/// The field of an owned unknown. Not collective.
std::string field_of_unknown(const fem::DiscreteProblem& discrete, std::size_t unknown);

/// Field and position of an unknown that one rank owns, which alone gives its number; the same text on all.
/// *Collective.*
std::string describe_unknown(const fem::DiscreteProblem& discrete, std::optional<std::size_t> unknown);

}  // namespace ansatz::solvers
