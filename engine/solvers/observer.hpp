#pragma once
/// How a solver shows its solution as it goes on.

#include <cstdint>
#include <functional>

#include "ansatz/sdk/solution.hpp"

namespace ansatz::solvers {

using sdk::StepTaken;

/// Called with the solution of each step, from 0 (initial state) on, for which there is no StepTaken; steady problems
/// have the step 0 only.
using Observer = std::function<void(const sdk::Solution&, std::int64_t step, bool is_last, const StepTaken* taken)>;

}  // namespace ansatz::solvers
