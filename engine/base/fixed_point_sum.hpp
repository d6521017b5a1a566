#pragma once
/// Sums that do not depend on how their terms lie on the ranks.

#include <span>

#include "engine/base/communicator.hpp"

namespace ansatz::base {

/// Sum over all ranks of numbers >= 0, fewer than 2^31: the same bits on any number of ranks and in any order. In fixed
/// point: each number is rounded to 2^-62 of a power of two above the largest. *Collective.*
double fixed_point_sum(const Communicator& comm, std::span<const double> values);

}  // namespace ansatz::base
