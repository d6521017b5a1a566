#pragma once
/// Newton's method with a line search.

#include <functional>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/linear/matrices/field_norms.hpp"
#include "engine/linear/matrices/matrix.hpp"
#include "engine/linear/solvers/krylov.hpp"

namespace ansatz::linear {

/// F(u) = 0 with its Jacobian. All vectors are owned parts (num_owned).
class NonlinearSystem {
 public:
  virtual ~NonlinearSystem() = default;
  /// F = F(u). Values that are not finite, and Errors of kind not_finite on all ranks, are allowed and mean "u is
  /// outside the domain". *Collective.*
  virtual void residual(std::span<const double> u, std::span<double> F) = 0;
  /// dF/du at u; the reference stays valid until the next call. *Collective.*
  virtual const SparseMatrix& jacobian(std::span<const double> u) = 0;
  /// A Jacobian of the same system at an earlier u that is still at hand, or null. The same on all ranks.
  virtual const SparseMatrix* previous_jacobian() { return nullptr; }
  /// Fields have units of their own, so that norms are taken field by field. Not collective.
  virtual FieldsOfUnknowns fields() const { return {}; }
  /// Called before Newton gives up because F or its Jacobian is not finite at u: may throw an Error that says where and
  /// why. *Collective.*
  virtual void explain_not_finite(std::span<const double> /*u*/) {}
};

enum class LineSearch {
  nonmonotone,  ///< a residual may grow where the correction shows that the step is good, see newton()
  monotone,     ///< every step reduces the residual
  none,         ///< full steps, halved only where F is not finite
};

/// Newton stops at the first u for which one of these holds. ||.||_f is the Euclidean norm over the equations of field
/// f, and |F| = sqrt(sum_f (||F||_f / t_f)^2) with the sizes t_f = || |J| (|u| + |d|) ||_f of the terms at the last
/// iterate and its correction d, so that it has no unit; with one field |F| = ||F||.
///   |F(u)| <= relative_tolerance |F(u_0)|, and <= relative_tolerance times the size |t| of the terms with u itself
///   (without the first two corrections, which are as large as the start is wrong): the residual of a start far from
///   the solution says nothing; with `nonlinear` the last correction was also <= 1e-3 ||u||_f, or 1e-9 ||u_0||_f, in
///   every field; and all this in the norm sqrt(sum_f mean_i (F_i / T_i)^2) too, with T_i = sum_j |J_ij| s_j, where s_j
///   is the root mean square of |u| + |d| over the field of u_j: what one equation has of large terms (a penalty, a
///   good conductor) says nothing about others;
///   ||F(u)||_f <= absolute_tolerance in every field;
///   F(u) is round-off: the root mean square of F_i / T_i is <= 16 eps in every field; or F is not made smaller by the
///   full step although it is linear, with this Jacobian, over 2^24 such steps (terms of F that do not grow with u,
///   which is so at u = 0); the full step d to u, with the Jacobian of the iterate before, had ||d||_f <=
///   correction_tolerance ||u||_f in every field (u is then far more accurate than that).
struct NewtonOptions {
  double relative_tolerance = 1e-9;
  double absolute_tolerance = 0.0;  ///< in the unit of F
  double correction_tolerance = 1e-12;
  int max_iterations = 30;
  int max_backtracks = 20;
  LineSearch line_search = LineSearch::nonmonotone;
  /// Solve the linear systems only as well as Newton's method can use it: ||F + J d|| <= eta ||F|| with
  /// eta_k = 0.9 (|F_k| / |F_k-1|)^2 in [tolerance of the solver, 1e-2], 1e-2 at first, and never below half of what
  /// ends the iteration (Eisenstat and Walker, SIAM Journal on Scientific Computing 17, 1996, choice 2). Not for a
  /// linear F.
  bool inexact = false;
  bool nonlinear = false;        ///< F is not linear: corrections that are still large are followed by others
  bool lagged_jacobian = false;  ///< keep a Jacobian while each iteration divides |F| by 4 or more
  /// F at another start, (num_owned), in place of that of u_0 in the first criterion and in what linear systems are
  /// solved to: a start near the solution is not asked for more digits than a far one. Empty on all ranks: none
  std::vector<double> first_residual = {};
  double linear_tolerance = 0.0;  ///< of the solver; used with `first_residual` and a linear F only
};

/// One line of a log.
struct NewtonStep {
  int iteration = 0;
  double norm = 0.0;         ///< ||F(u)|| over all unknowns after this iteration
  double step_length = 0.0;  ///< factor of the Newton correction, in (0, 1]; 0 for iteration 0
  double correction = 0.0;   ///< ||correction|| before the factor
  int krylov_iterations = 0;
};

struct NewtonResult {
  int iterations = 0;
  int krylov_iterations = 0;
  std::vector<double> norms;         ///< (iterations + 1) ||F(u_k)|| over all unknowns
  std::vector<double> step_lengths;  ///< (iterations)
  bool is_round_off = false;         ///< no better solution can be computed
  double residual_seconds = 0.0;
  double jacobian_seconds = 0.0;
  double setup_seconds = 0.0;  ///< of the linear solver
  double solve_seconds = 0.0;  ///< of the linear solver
};

/// Solves F(u) = 0 from the given u: J(u_k) d = -F(u_k), u_{k+1} = u_k + s d.
/// s is 1 where F is finite there and the step is good, else smaller, by halving where F is not finite. A step is good
/// (`nonmonotone`) if |F(u + s d)| is below the largest of the last five, or if the correction with the old Jacobian,
/// J(u_k) d' = -F(u_k + s d), has ||d'|| <= (1 - s/4) ||d|| with norms relative to the size of each field (the
/// restricted natural monotonicity test of Deuflhard, Newton Methods for Nonlinear Problems, 2004, 3.3.3, whose
/// estimate of the curvature also gives the next s); with `monotone` if |F(u + s d)|^2 <= (1 - 2e-4 s) |F(u)|^2, s by
/// quadratic, then cubic backtracking (Dennis and Schnabel, algorithm A6.3.1). With a Jacobian that was kept the full
/// step must reduce |F|. Where the Jacobian has weak modes (SparseMatrix::weak_modes) the sums v . F that determine
/// their amplitudes are brought to 0 afterwards, to their own round-off: in single equations they are lost. A linear F
/// is solved by one iteration. Equal calls give equal bits (see KrylovSolver for direct solves).
/// \param u       in: start, out: solution; after an error the iterate with the smallest |F|. Shape (num_owned)
/// \param on_step called on every rank after each iteration and for iteration 0; may be empty
/// \throws sdk::Error of kind solver when it does not converge, not_finite when F(u_0) is not finite or the line search
/// meets nothing else. *Collective.*
NewtonResult newton(const base::Communicator& comm, NonlinearSystem& system, KrylovSolver& solver, std::span<double> u,
                    const NewtonOptions& options, const std::function<void(const NewtonStep&)>& on_step = {});

}  // namespace ansatz::linear
