#pragma once
/// States near the initial one, and differences of functions of a system.

#include <functional>
#include <vector>

#include "ansatz/sdk/ode.hpp"

namespace ansatz::conformance {

using Vector = std::vector<double>;

/// A state at which a system is looked at. Shapes (size).
struct SystemSample {
  double time;
  Vector y;
  Vector scale;  ///< of changes: the largest initial value with the unit of the component, 1 where all are 0
};

/// Random states, moved away from 0 by up to a tenth of the scale, less where f is not finite there.
/// \throws Failure where it is nowhere.
std::vector<SystemSample> sample_states(const sdk::OdeSystem& system);

/// f, or a part of it. Shape (size).
Vector rate(const sdk::OdeSystem& system, double t, const Vector& y, sdk::Part part);

/// How a derivative differs from fourth-order differences, at the step at which they are nearest.
struct Difference {
  double excess;      ///< largest |derivative - difference| / (1e-6 |difference| + floor): 1 is allowed
  std::size_t entry;  ///< where
  double value, expected;
};

/// \param value at the distance h along a line,
/// \param derivative at 0
/// \param unit of h, which is taken as 1e-2 ... 1e-7 of it
/// \param floor of what is allowed, one for each entry
Difference compare(const Vector& derivative, const std::function<Vector(double)>& value, double unit,
                   const Vector& floor);

}  // namespace ansatz::conformance
