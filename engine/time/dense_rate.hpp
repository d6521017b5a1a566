#pragma once
/// Rates within the last step.

#include "engine/time/stepper.hpp"

namespace ansatz::time {

/// The derivative of Stepper::interpolate() in time, with the rates of what is given. \param out shape (size)
/// *Collective.* \throws as Stepper::interpolate().
void interpolate_rate(Stepper& stepper, double t, std::span<double> out);

}  // namespace ansatz::time
