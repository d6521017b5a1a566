#pragma once
/// What a learned controller sees of an integration: dimensionless numbers, the same for every problem and method.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "engine/time/control/step_controller.hpp"

namespace ansatz::time {

/// Logarithms of the last three errors and of the last two ratios of steps, rejections of the last two steps, stiffness
/// number, iterations and contraction of the nonlinear solver, order, tolerance, and what is left of the interval.
const std::vector<std::string>& step_features();
/// Logarithms of a step over the classical proposal: eleven from -0.7 to 0.7.
const std::vector<double>& step_actions();

/// The history behind the features.
class StepHistory {
 public:
  explicit StepHistory(double relative_tolerance) : relative_tolerance_(relative_tolerance) {}

  /// A step was accepted after `rejections` attempts. *Collective.*
  void accepted(const StepFacts& facts, int rejections);
  /// After the last accepted step.
  /// \param out shape (step_features().size())
  void features(std::span<double> out) const;
  /// All that influences later features.
  void exchange(sdk::StateArchive& archive, const std::string& name);

 private:
  double relative_tolerance_;
  std::array<double, 3> log_errors_{};  ///< the newest first
  std::array<double, 2> log_ratios_{};  ///< of steps
  std::array<double, 2> rejections_{};  ///< of the last steps
  double step_ = 0.0, origin_ = 0.0;    ///< length of the last step; where the first one began
  double stiffness_ = 0.0, iterations_ = 0.0, contraction_ = 0.0, order_ = 0.0, left_ = 1.0;
  bool began_ = false;
};

}  // namespace ansatz::time
