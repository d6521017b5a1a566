#pragma once
/// Steady solutions: Newton's method, and a homotopy where it fails.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ansatz/sdk/error.hpp"
#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/results/run_log.hpp"

namespace ansatz::solvers {

/// Solves F(t, u) = 0 for one time.
class SteadySolve {
 public:
  /// All references must outlive this.
  SteadySolve(fem::DiscreteProblem& discrete, double t, const linear::NewtonOptions& options, results::RunLog& log)
      : discrete_(discrete), time_(t), options_(options), log_(log) {}

  /// Newton's method.
  /// \param u in: start with the prescribed values, out: solution
  /// \returns ||F|| at the end. *Collective.* \throws sdk::Error as linear::newton().
  double newton(std::vector<double>& u);

  /// Newton's method, and where it fails and F is nonlinear the path F(u) = (1 - s) F(u_0),  u = (1 - s) u_0 + s g
  /// where values g are prescribed, from u_0 at s = 0, which lies on it, to s = 1, along its tangents in steps that
  /// adapt. No knowledge of what is a load is needed. The first step goes to s = 1: it starts Newton's method with
  /// boundary values that the linearised problem has carried into the domain.
  /// \param given u_0, before the prescribed values were written
  /// \param u as for newton()
  /// \throws sdk::Error as newton(), with the s that was reached. *Collective.*
  double newton_or_homotopy(std::span<const double> given, std::vector<double>& u);

  /// Iterations of all that was tried.
  std::int64_t newton_iterations() const { return newton_iterations_; }
  std::int64_t linear_iterations() const { return linear_iterations_; }

 private:
  class System;
  class PathSystem;
  struct Path;

  linear::NewtonResult run(linear::NonlinearSystem& system, std::vector<double>& u,
                           const linear::NewtonOptions& options);
  std::optional<Path> path_from(std::span<const double> given);
  double follow(Path& path, std::vector<double>& u, const sdk::Error& failure);
  std::vector<double> tangent(const Path& path, std::span<const double> u);
  void solve_or_regularise(const linear::SparseMatrix& J, std::span<const double> right, std::span<double> du);
  [[noreturn]] void fail(const sdk::Error& failure, double s) const;

  fem::DiscreteProblem& discrete_;
  double time_;
  const linear::NewtonOptions& options_;
  results::RunLog& log_;
  std::int64_t newton_iterations_ = 0, linear_iterations_ = 0;
  std::unique_ptr<linear::SparseMatrix> regular_;  ///< outlives the solves with it
};

}  // namespace ansatz::solvers
