#pragma once
/// Derivatives of what follows from the last state of a run in time, by the adjoint of its steps.

#include <map>
#include <span>
#include <vector>

#include "engine/solvers/gradients/step_equations.hpp"

namespace ansatz::solvers {

/// The steps of a run, with states from which those between are computed anew: all of them up to a number of bytes on
/// each rank; then every second one is dropped, as often as needed.
class StepsTaken {
 public:
  explicit StepsTaken(std::size_t most_bytes = std::size_t{1} << 30) : most_bytes_(most_bytes) {}

  /// The state at the start, then at the end of each step.
  void add(double time, std::span<const double> u);

  std::size_t num_steps() const { return times_.empty() ? 0 : times_.size() - 1; }
  double time(std::size_t i) const { return times_[i]; }
  /// States that are kept have numbers that are multiples of it, the same on all ranks.
  std::size_t stride() const { return stride_; }
  const std::vector<double>& state(std::size_t i) const { return states_.at(i); }

 private:
  std::size_t most_bytes_, stride_ = 1;
  std::vector<double> times_;
  std::map<std::size_t, std::vector<double>> states_;
};

/// The adjoint of these steps, with their lengths as they are. Steps and stages are computed anew, from the states that
/// are kept; what differs from the run by more than its solves may leave is an error.
class TimeAdjoint {
 public:
  /// References must outlive this. \throws as check_has_adjoint(). *Collective.*
  TimeAdjoint(problem::Problem& problem, const linear::KrylovOptions& options, const linear::NewtonOptions& newton,
              const StepsTaken& steps);

  /// dQ/d(parameters) of a Q of the last state. \param slope dQ/du there. *Collective.*
  std::vector<double> by_parameters(std::span<const double> slope);
  /// The last state by the same steps at the parameters that the problem has now. *Collective.*
  std::vector<double> replay();
  int num_solves() const { return equations_.num_solves(); }

 private:
  struct State {
    std::vector<double> u, rate;
  };
  void see(std::size_t step);
  bool restarts_after(std::size_t step) const;
  std::vector<State> states_from(std::size_t first, std::size_t last, std::vector<double> rate);
  State forward(std::size_t step, const State& from);
  void find_rates();

  problem::Problem& problem_;
  const StepsTaken& steps_;
  StepEquations equations_;
  std::unique_ptr<StepMap> map_;
  std::map<std::size_t, std::vector<double>> rates_;  ///< carried on to the states that are kept, made at first use
};

}  // namespace ansatz::solvers
