#pragma once
/// Finite-element solutions of a problem, steady or in time.

#include <span>

#include "engine/plugin/registry.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/results/checkpoints.hpp"
#include "engine/results/run_log.hpp"
#include "engine/solvers/observer.hpp"

namespace ansatz::solvers {

/// Solves a problem: a steady one by Newton's method or continuation in a parameter (SteadyState), one in time step by
/// step (FemInTime). What the equations leave undetermined, such as the level of a pressure or the motion of a free
/// body, is returned as 0 in the mean.
class FemSolve {
 public:
  /// All references must outlive this.
  /// \param checkpoints of runs in time; null: none
  FemSolve(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
           results::RunLog& log, results::Checkpoints* checkpoints = nullptr)
      : problem_(problem), discrete_(discrete), registry_(registry), log_(log), checkpoints_(checkpoints) {}

  /// \returns the last solution. *Collective.* \throws sdk::Error of kind solver, not_finite, case_file.
  /// \param guess (num_owned) of a steady solution to start from, see SteadyState::solve_from(); empty on all ranks:
  /// none
  quantities::Solution run(const Observer& observe, std::span<const double> guess = {});

  /// Norm of the equations at the end.
  double residual() const { return residual_; }

 private:
  quantities::Solution steady(const Observer& observe, std::span<const double> guess);
  quantities::Solution in_time(const Observer& observe);

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  const plugin::Registry& registry_;
  results::RunLog& log_;
  results::Checkpoints* checkpoints_;
  double residual_ = 0.0;
};

}  // namespace ansatz::solvers
