#pragma once
/// The first step of implicit methods that need history.

#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

/// One step of backward Euler beside two of half the length, which are taken; their difference is the error estimate,
/// of order 1. Nothing depends on rates at the start, or on initial values of unknowns without a rate.
class EulerStart {
 public:
  explicit EulerStart(sdk::TimeSystem& system) : system_(system), known_(system.size()), whole_(system.size()) {}

  /// \param half out: y at t + h / 2
  /// \param error out, or empty
  /// \param work added to.
  /// \throws as TimeSystem::solve_stage(). *Collective.*
  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> half,
               std::span<double> y_new, std::span<double> error, sdk::TimeMethod::Work& work);

 private:
  void step(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
            sdk::TimeMethod::Work& work);

  sdk::TimeSystem& system_;
  std::vector<double> known_, whole_;
};

inline void add(sdk::TimeMethod::Work& work, const sdk::TimeSystem::StageResult& result) {
  work.iterations += result.iterations;
  work.linear_iterations += result.linear_iterations;
  work.residual = result.residual;
  work.contraction = result.contraction;
}

}  // namespace ansatz::time
