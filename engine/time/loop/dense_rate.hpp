#pragma once
/// States and rates within a step.

#include "engine/time/loop/stepper.hpp"

namespace ansatz::time {

/// The cubic through states and rates at both ends of a step.
struct Cubic {
  std::span<const double> begin, begin_rate, end, end_rate;
  double length;  ///< of the step

  /// At theta in [0, 1] of the step. Shape as the states. Not collective.
  void at(double theta, std::span<double> out) const;
};

/// The derivative of Stepper::interpolate() in time, with the rates of what is given.
/// \param out shape (size) *Collective.*
/// \throws as Stepper::interpolate().
void interpolate_rate(Stepper& stepper, double t, std::span<double> out);

}  // namespace ansatz::time
