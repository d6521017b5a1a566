#pragma once
/// Finite-element solutions in time.

#include <vector>

#include "engine/plugin/registry.hpp"
#include "engine/results/checkpoints.hpp"
#include "engine/solvers/finite_elements/undetermined.hpp"
#include "engine/solvers/form_in_time.hpp"
#include "engine/solvers/observer.hpp"
#include "engine/solvers/watched_events.hpp"

namespace ansatz::solvers {

/// A run in time: its start, its steps with their rates and events, its checkpoints.
class FemInTime {
 public:
  /// All references must outlive this.
  /// \param checkpoints null: none
  FemInTime(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
            results::RunLog& log, results::Checkpoints* checkpoints);

  /// \returns the last solution. *Collective.* \throws sdk::Error of kind solver, not_finite, case_file.
  quantities::Solution run(const Observer& observe);

  /// Norm of the equations at the end of the last step.
  double residual() const { return residual_; }

 private:
  std::vector<double> initial_values();
  std::vector<double> make_consistent(double t, std::vector<double>& values);
  bool rates_of_equations(const time::Stepper& stepper) const;
  void set_rates(time::Stepper& stepper, quantities::Solution& solution, bool at_start);
  quantities::Solution current(time::Stepper& stepper, bool at_start);
  quantities::Solution within_step(time::Stepper& stepper, double t, std::vector<double> state);
  time::EventFinder::Functions event_functions(time::Stepper& stepper);

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  const plugin::Registry& registry_;
  results::RunLog& log_;
  results::Checkpoints* checkpoints_;
  const input::Case& case_;
  Undetermined undetermined_;
  FormInTime in_time_;
  bool needs_rates_ = false;  ///< for a reaction
  std::vector<double> start_rates_;
  bool knows_start_rates_ = false;  ///< where not, nothing needs them; a rank may have no unknowns
  double residual_ = 0.0;
};

/// What a time-stepping method cannot do with the constraints of a problem. \throws sdk::Error of kind case_file
void check_constraints(problem::Problem& problem);

}  // namespace ansatz::solvers
