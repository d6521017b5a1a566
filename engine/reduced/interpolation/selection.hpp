#pragma once
/// Choice of the largest entry over all ranks, the same whatever their number.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::reduced {

/// Entry at which an interpolation looks: where it lives, and its number in the canonical order.
struct MagicPoint {
  int rank = 0;           ///< that holds it
  std::size_t index = 0;  ///< among that rank's rows
  std::int64_t key = 0;   ///< canonical number, the same on any number of ranks
};

/// The largest of several columns of entries.
struct LargestEntry {
  double value = 0.0;  ///< largest magnitude
  int column = -1;     ///< -1 where there is no entry at all
  MagicPoint point;
};

/// Values closer than this, relative to the largest, count as equal.
inline constexpr double tie_tolerance = 1e-8;

/// Largest |entry| of the first columns of `values`, shape (num_columns, keys.size()). Of those that tie, the one with
/// the lowest key, then the lowest column. *Collective.*
LargestEntry largest_entry(const base::Communicator& comm, std::span<const std::int64_t> keys,
                           std::span<const double> values, int num_columns);

}  // namespace ansatz::reduced
