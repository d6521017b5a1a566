#pragma once
/// Jumps in time that the expressions of a problem show.

#include <vector>

#include "engine/study/problem.hpp"

namespace ansatz::study {

/// Times within the integration at which a condition on t alone changes in a coefficient or a prescribed value, ascending,
/// without those that are stops already. Error control need not find them, and does not see jumps that fall between the
/// samples of a step. Of fixed steps those that a step ends at: it is not cut.
std::vector<double> known_jumps(Problem& problem, const TimeSpec& spec);

}  // namespace ansatz::study
