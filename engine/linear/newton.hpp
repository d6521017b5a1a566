#pragma once
/// Newton's method with a line search.

#include <functional>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/linear/krylov.hpp"
#include "engine/linear/matrix.hpp"

namespace ansatz::linear {

/// F(u) = 0 with its Jacobian. All vectors are owned parts (num_owned).
class NonlinearSystem {
 public:
  virtual ~NonlinearSystem() = default;
  /// F = F(u). Values that are not finite are allowed and mean "u is outside the domain". *Collective.*
  virtual void residual(std::span<const double> u, std::span<double> F) = 0;
  /// dF/du at u; the reference stays valid until the next call. *Collective.*
  virtual const SparseMatrix& jacobian(std::span<const double> u) = 0;
  /// A Jacobian of the same system at an earlier u that is still at hand, or null. The same on all ranks.
  virtual const SparseMatrix* previous_jacobian() { return nullptr; }
  /// Called before Newton gives up because F or its Jacobian is not finite at u: may throw an Error that says where and
  /// why. *Collective.*
  virtual void explain_not_finite(std::span<const double> /*u*/) {}
};

/// Newton stops at the first u for which one of these holds (norms are Euclidean over all unknowns):
///   ||F(u)|| <= relative_tolerance ||F(u_0)||;
///   ||F(u)|| <= 16 eps || |J| |u| ||                          (F is round-off: no correction can be computed);
///   the full step to u, with the Jacobian of the iterate before, had length <= absolute_tolerance ||u||  (free of units;
///   u is then far more accurate than that).
struct NewtonOptions {
  double relative_tolerance = 1e-9;
  double absolute_tolerance = 1e-12;
  int max_iterations = 30;
  int max_backtracks = 10;
  /// Solve the linear systems only as well as Newton's method can use it: ||F + J d|| <= eta ||F|| with
  /// eta_k = 0.9 (||F_k|| / ||F_k-1||)^2 in [tolerance of the solver, 1e-2], 1e-2 at first, and never below half of what
  /// ends the iteration (Eisenstat and Walker, SIAM Journal on Scientific Computing 17, 1996, choice 2). Not for a linear F.
  bool inexact = false;
  bool lagged_jacobian = false;  ///< keep a Jacobian while each iteration divides the norm by 4 or more
};

/// One line of a log.
struct NewtonStep {
  int iteration = 0;
  double norm = 0.0;         ///< ||F(u)|| after this iteration
  double step_length = 0.0;  ///< factor of the Newton correction, in (0, 1]; 0 for iteration 0
  double correction = 0.0;   ///< ||correction|| before the factor
  int krylov_iterations = 0;
};

struct NewtonResult {
  int iterations = 0;
  int krylov_iterations = 0;
  std::vector<double> norms;         ///< (iterations + 1) ||F(u_k)||
  std::vector<double> step_lengths;  ///< (iterations)
  double residual_seconds = 0.0;
  double jacobian_seconds = 0.0;
  double setup_seconds = 0.0;  ///< of the linear solver
  double solve_seconds = 0.0;  ///< of the linear solver
};

/// Solves F(u) = 0 from the given u: J(u_k) d = -F(u_k), u_{k+1} = u_k + s d.
///
/// s is 1 where that reduces the norm enough, ||F(u + s d)||^2 <= (1 - 2e-4 s) ||F(u)||^2, and is otherwise found by
/// quadratic, then cubic backtracking (Dennis and Schnabel, algorithm A6.3.1), by halving where F is not finite.
/// A linear F is solved by one iteration. Equal calls give equal bits (see KrylovSolver for direct solves).
/// \param u       in: start, out: solution; after an error the best iterate. Shape (num_owned)
/// \param on_step called on every rank after each iteration and for iteration 0; may be empty
/// \throws sdk::Error of kind solver when it does not converge, not_finite when F(u_0) is not finite or the line search
/// meets nothing else. *Collective.*
NewtonResult newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
                    const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step = {});

}  // namespace ansatz::linear
