#pragma once
/// Jumps in time that the expressions of a problem show.

#include <limits>
#include <vector>

#include "engine/problem/problem.hpp"

namespace ansatz::problem {

/// Where a condition on t alone changes in a coefficient or a prescribed value.
struct KnownJumps {
  /// After the start up to the end, ascending, without those that are stops already. Error control need not find them,
  /// and does not see jumps that fall between the samples of a step.
  std::vector<double> times;
  /// The last change that is the start but for round-off (`t > 0`): no step can end there, the values after it hold at
  /// once.
  double seen_from = -std::numeric_limits<double>::infinity();
};
KnownJumps known_jumps(Problem& problem, const input::TimeSpec& spec);

}  // namespace ansatz::problem
