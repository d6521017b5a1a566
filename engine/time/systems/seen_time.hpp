#pragma once
/// Times as what depends on them may see them before it jumps.

#include <algorithm>
#include <cmath>
#include <limits>

namespace ansatz::time {

/// The largest number below `stop` for all times from there on, `first` for all times before it, and others as they
/// are.
struct SeenTime {
  double stop = std::numeric_limits<double>::infinity();
  double first = -std::numeric_limits<double>::infinity();

  double operator()(double t) const {
    return t < stop ? std::max(t, first) : std::nextafter(stop, -std::numeric_limits<double>::infinity());
  }
};

}  // namespace ansatz::time
