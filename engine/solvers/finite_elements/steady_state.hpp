#pragma once
/// Steady states of a problem: with motions that its equations leave undetermined, and by continuation in a parameter.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/linear/solvers/newton.hpp"
#include "engine/solvers/finite_elements/undetermined.hpp"

namespace ansatz::solvers {

/// Solves F(t, u) = 0 at one time: that of a steady problem, or that of a start.
class SteadyState {
 public:
  /// All references must outlive this.
  SteadyState(problem::Problem& problem, fem::DiscreteProblem& discrete, Undetermined& undetermined,
              results::RunLog& log);

  /// \param values owned unknowns; in: the start, out: the solution. What is undetermined is 0 in the mean
  /// \throws sdk::Error of kind solver, not_finite, case_file; the problem has its own parameters then, too.
  /// *Collective.*
  void solve(double t, std::vector<double>& values);

  /// From a guess, if its residual is the smaller one: the criteria of Newton's method stay those of the start, and
  /// where it fails, from the start.
  /// \param values in: the start, as for solve()
  /// \returns whether the solution was found from the guess. *Collective.*
  bool solve_from(double t, std::span<const double> guess, std::vector<double>& values);

  /// Norm of the equations at the end.
  double residual() const { return residual_; }
  /// Of Newton's method and of the linear solver, over all that was tried.
  const std::map<std::string, double>& work() const { return work_; }

 private:
  void solve_at(double t, std::vector<double>& values, bool may_follow_path);
  std::vector<fem::FreeMotion> find_motions(double t, std::span<double> given, std::vector<double>& values);
  void continue_to_target(double t, std::vector<double>& values);
  void newton_at(double t, std::span<const double> given, std::vector<double>& values, bool may_follow_path);

  problem::Problem& problem_;
  fem::DiscreteProblem& discrete_;
  Undetermined& undetermined_;
  results::RunLog& log_;
  const input::Case& case_;
  linear::NewtonOptions newton_;
  double residual_ = 0.0;
  std::map<std::string, double> work_;
};

}  // namespace ansatz::solvers
