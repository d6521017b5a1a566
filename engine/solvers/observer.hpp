#pragma once
/// How a solver shows its solution as it goes on.

#include <cstdint>
#include <functional>

#include "engine/quantities/quantities.hpp"

namespace ansatz::solvers {

/// A step that was taken, with the solution within it.
struct StepTaken {
  double begin = 0.0, end = 0.0;                         ///< [s]
  std::function<quantities::Solution(double)> solution;  ///< at a time of it, by its dense output. *Collective.*
};

/// Called with the solution of each step, from 0 (initial state) on, for which there is no StepTaken; steady problems
/// have the step 0 only.
using Observer =
    std::function<void(const quantities::Solution&, std::int64_t step, bool is_last, const StepTaken* taken)>;

}  // namespace ansatz::solvers
