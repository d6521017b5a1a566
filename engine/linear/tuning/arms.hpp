#pragma once
/// Values that tuners choose among.

#include <span>
#include <vector>

#include "ansatz/sdk/preconditioner.hpp"

namespace ansatz::linear {

/// Finitely many values of knobs: a grid, `per_knob` values of each from low to high, in equal steps or ratios.
class Arms {
 public:
  /// \throws sdk::Error of kind parameter where there are too many combinations
  Arms(std::span<const sdk::Knob> knobs, int per_knob);

  int count() const { return count_; }
  /// \param values out, shape (knobs)
  void values(int arm, std::span<double> values) const;

 private:
  std::vector<sdk::Knob> knobs_;
  int per_knob_;
  int count_ = 1;
};

}  // namespace ansatz::linear
