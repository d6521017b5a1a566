#pragma once
/// The period of a signal.

#include <span>

#include "engine/time/loop/pieces.hpp"

namespace ansatz::quantities {

struct Period {
  double length = 0.0;  ///< mean of all whole ones
  double spread = 0.0;  ///< half of the difference between the longest and the shortest one
};

/// Of one function, from upward crossings of `middle`; between two of them it goes below and above it by a thousandth
/// of its range.
/// \param low,high its extremes
/// \throws sdk::Error of kind not_finite with the reason where there is no period; see Signals::statistic().
Period period_of(std::span<const time::Piece> pieces, std::size_t function, double middle, double low, double high);

}  // namespace ansatz::quantities
