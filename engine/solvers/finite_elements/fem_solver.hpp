#pragma once
/// Finite-element solutions of a problem, steady or in time.

#include <functional>

#include "engine/fem/motions/free_motions.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/results/checkpoints.hpp"
#include "engine/results/run_log.hpp"
#include "engine/solvers/form_in_time.hpp"
#include "engine/solvers/observer.hpp"
#include "engine/solvers/stepping.hpp"
#include "engine/solvers/watched_events.hpp"

namespace ansatz::solvers {

/// Solves a problem step by step: Newton's method, continuation in a parameter, time integration; what the equations
/// leave undetermined, such as the level of a pressure or the motion of a free body, is returned as 0 in the mean.
class FemSolve {
 public:
  /// All references must outlive this. *Collective.*
  /// \param checkpoints of runs in time; null: none
  FemSolve(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
           results::RunLog& log, results::Checkpoints* checkpoints = nullptr);

  /// \returns the last solution. *Collective.* \throws sdk::Error of kind solver, not_finite, case_file.
  quantities::Solution run(const Observer& observe);

  /// Norm of the equations at the end.
  double residual() const { return residual_; }

 private:
  quantities::Solution steady();
  quantities::Solution transient(const Observer& observe);
  quantities::Solution current(time::Stepper& stepper, FormInTime& in_time, bool at_start);
  bool rates_of_equations(const time::Stepper& stepper, const FormInTime& in_time) const;
  void set_rates(time::Stepper& stepper, FormInTime& in_time, quantities::Solution& solution, bool at_start);
  std::vector<double> initial_values();
  std::vector<double> make_consistent(FormInTime& in_time, double t, std::vector<double>& values);
  quantities::Solution within_step(time::Stepper& stepper, FormInTime& in_time, double t,
                                   std::vector<double> state) const;
  time::EventFinder::Functions event_functions(const input::TimeSpec& spec, time::Stepper& stepper,
                                               FormInTime& in_time);
  void log_step(const input::TimeSpec& spec, const time::Step& step, std::int64_t n, std::int64_t steps,
                double seconds_per_time);
  void log_work(const input::TimeSpec& spec, const time::WorkCount& work);
  std::string field_of(std::size_t unknown) const;
  std::string describe_unknown(std::optional<std::size_t> unknown) const;
  linear::NewtonOptions newton_options() const;
  void solve_steady(double t, std::vector<double>& values);
  void solve_at(double t, std::vector<double>& values, bool may_follow_path);
  std::vector<fem::FreeMotion> find_motions(double t, std::span<double> given, std::vector<double>& values);
  void continue_to_target(double t, std::vector<double>& values);
  void newton_at(double t, std::span<const double> given, std::vector<double>& values, bool may_follow_path);
  void hold(const std::vector<fem::FreeMotion>& more);
  void announce(const std::vector<fem::FreeMotion>& motions);
  void refuse_as_start(const std::vector<fem::FreeMotion>& motions) const;
  void remove_means(quantities::Solution& solution) const;
  void warn_of_convection(const quantities::Solution& solution);

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  const plugin::Registry& registry_;
  results::RunLog& log_;
  results::Checkpoints* checkpoints_;
  const input::Case& case_;
  bool needs_rates_ = false;           ///< for a reaction
  std::vector<fem::FreeMotion> free_;  ///< what the equations leave undetermined
  std::vector<std::int32_t> held_;     ///< unknowns that are held throughout, in time
  bool holds_more_ = false, announced_ = false;
  std::vector<double> start_rates_;
  bool knows_start_rates_ = false;  ///< where not, nothing needs them; a rank may have no unknowns
  double residual_ = 0.0;
};

/// What a time-stepping method cannot do with the constraints of a problem. \throws sdk::Error of kind case_file
void check_constraints(problem::Problem& problem);

}  // namespace ansatz::solvers
