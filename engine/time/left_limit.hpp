#pragma once
/// Times as what depends on them may see them before it jumps.

#include <cmath>
#include <limits>

namespace ansatz::time {

/// The largest number below `stop` for all times from there on, and times before as they are.
struct LeftLimit {
  double stop = std::numeric_limits<double>::infinity();

  double operator()(double t) const {
    return t < stop ? t : std::nextafter(stop, -std::numeric_limits<double>::infinity());
  }
};

}  // namespace ansatz::time
