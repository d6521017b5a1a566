#pragma once
/// Finite-element solutions of a problem, steady or in time.

#include <functional>

#include "engine/study/run_log.hpp"
#include "engine/study/solution.hpp"

namespace ansatz::study {

/// \throws sdk::Error of kind case_file where the end is not reached by whole steps.
std::int64_t number_of_steps(const TimeSpec& spec);

/// Solves a problem step by step: Newton's method, continuation in a parameter, time integration; fields that are
/// determined up to a constant are returned with mean 0.
class FemSolve {
 public:
  /// Called with the solution of each step: 0 (initial state) to `last`; steady problems have the step 0 only.
  using Observer = std::function<void(const Solution&, std::int64_t step, std::int64_t last)>;

  /// All references must outlive this. *Collective.*
  FemSolve(Problem& problem, fem::DiscreteProblem& discrete, RunLog& log);

  /// \returns the last solution. *Collective.* \throws sdk::Error of kind solver, not_finite, case_file.
  Solution run(const Observer& observe);

  /// Norm of the equations at the end.
  double residual() const { return residual_; }

 private:
  Solution steady();
  Solution transient(const Observer& observe);
  std::vector<double> initial_values();
  linear::NewtonOptions newton_options() const;
  void solve_steady(double t, std::vector<double>& values);
  void solve_at(double t, std::vector<double>& values);
  void continue_to_target(double t, std::vector<double>& values);
  void find_constants(const std::vector<double>& values, const fem::Rate& rate, const fem::Weights& weights);
  void remove_means(Solution& solution) const;
  void warn_of_convection(const Solution& solution);

  Problem& problem_;
  fem::DiscreteProblem& discrete_;
  RunLog& log_;
  const Case& case_;
  std::vector<int> constant_fields_;  ///< determined up to a constant
  double residual_ = 0.0;
};

}  // namespace ansatz::study
