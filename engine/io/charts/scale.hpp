#pragma once
/// Ticks of axes and colour bars.

#include <string>
#include <vector>

namespace ansatz::io {

/// From the first to the last tick, both in units of the distance between ticks.
struct Scale {
  double step = 1.0;
  double first = 0.0;
  double last = 1.0;

  double fraction(double value) const { return fraction_of_tick(value / step); }
  double fraction_of_tick(double k) const { return (k - first) / (last - first); }
};

/// Ticks at multiples of 1, 2 or 5 times a power of 10 around the values, about `intervals` of them; integers where all
/// values are.
Scale scale_for(const std::vector<double>& values, double intervals);

}  // namespace ansatz::io
