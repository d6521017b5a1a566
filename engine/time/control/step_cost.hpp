#pragma once
/// What an accepted step is worth at equal errors at the end.

#include <cmath>

namespace ansatz::time {

/// A step with the error e, of order q - 1, covers e^(1/q) of the natural time h / e^(1/q), in which the error would be
/// just acceptable; it costs its attempts, and adds e to the error at the end. Over a given natural time the sum of
/// attempts + lambda e is least for equal errors e* = s^q, where lambda = 1 / (e* (q - 1)). In units of those best
/// steps:
///   spent = attempts + (e / s^q) / (q - 1),  covered = q / (q - 1) e^(1/q) / s  <=  spent.
struct StepCost {
  static constexpr double safety = 0.75;  ///< s
  double spent, covered;

  StepCost(int attempts, double error, int q) {
    const double length = std::pow(error, 1.0 / q) / safety;
    spent = attempts + std::pow(length, q) / (q - 1);
    covered = q * length / (q - 1);
  }
};

}  // namespace ansatz::time
