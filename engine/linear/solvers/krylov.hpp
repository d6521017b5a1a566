#pragma once
/// Linear solves A x = b with Krylov methods and preconditioners, or directly, through PETSc.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/tuner.hpp"
#include "engine/base/communicator.hpp"
#include "engine/linear/matrices/field_norms.hpp"
#include "engine/linear/matrices/matrix.hpp"
#include "engine/linear/solvers/saddle.hpp"

namespace ansatz::linear {

/// What to solve with. Empty names are chosen automatically:
///   fewer than 5000 unknowns over all ranks and no null space: direct;
///   symmetric: cg, with gamg when a near-null space or a block size > 1 is given, otherwise hypre;
///   unsymmetric: gmres with hypre;
///   with multipliers: direct where that is faster by a rule of dimension, unknowns and nonzeros (elimination_work() in
///   krylov_options.hpp) or where there are no operators for pcd, otherwise gmres with pcd.
/// Where a method that was chosen so fails, the direct solver takes over if its factors fit the memory, and stays.
struct KrylovOptions {
  std::string solver = {};  ///< "", "cg", "minres", "gmres", "fgmres", "richardson", "direct"
  std::string preconditioner =
      {};  ///< "", "hypre", "gamg", "pcd" (saddle.hpp), "jacobi", "ilu" (per rank), "none", "mumps", or an offered one
  double relative_tolerance =
      1e-10;  ///< of the true residual: ||b - A x|| <= relative ||b||, with scaled fields, see below,
  double absolute_tolerance = 0.0;  ///< or <= absolute, in units of b, in every field
  int max_iterations = 1000;
  std::string petsc = {};  ///< further PETSc options as on PETSc's command line, applied last
  /// Of the preconditioner where it is an offered one: a new object for each solver. *Collective.*
  std::function<std::unique_ptr<sdk::Preconditioner>(const base::Communicator&)> make_preconditioner = {};
  /// What chooses its knobs anew for each solve; null: they keep their initial values.
  std::function<std::unique_ptr<sdk::Tuner>(std::span<const sdk::Knob>)> make_tuner = {};
};

/// Residuals that end a solve although the tolerances of the options ask for less.
struct EnoughResidual {
  double relative = 0.0;              ///< ||b - A x|| <= relative ||b||,
  std::vector<double> by_field = {};  ///< or ||b - A x||_f <= by_field_f in every field; empty: none
};

struct KrylovResult {
  int iterations = 0;
  double initial_norm = 0.0;      ///< ||b - A x|| before the solve, fields scaled as in the other norms
  double final_norm = 0.0;        ///< ||b - A x|| of the returned x, computed from x
  std::vector<double> history;    ///< the solver's residual norms, from iteration 0
  double removed_from_rhs = 0.0;  ///< ||part of b outside the range|| / ||b||; zero without a null space
  double setup_seconds = 0.0;     ///< zero when an earlier set-up was still valid
  double solve_seconds = 0.0;
  std::string description;  ///< what was used, for people
};

/// Solver of systems with one matrix after the other, or one matrix with changing values.
///
///   KrylovSolver solver(comm, options, true);
///   solver.set_operator(A);
///   const KrylovResult result = solver.solve(b, x);
///
/// Where unknowns belong to several fields, equations and unknowns are scaled field by field by powers of two
/// (field_scales.hpp): norms of residuals are those of scaled equations, so that they add up no units, and the answer
/// is the same in all units.
///
/// The set-up depends on the current values only, never on earlier ones. With a tuner the knobs of the preconditioner
/// depend on the solves before, too: with its state (exchange_tuner()) a restarted run repeats itself.
class KrylovSolver {
 public:
  /// \param symmetric whether the matrices will be symmetric
  /// \throws sdk::Error of kind parameter for unknown names or a malformed `options.petsc`. *Collective.*
  KrylovSolver(const base::Communicator& comm, KrylovOptions options, bool symmetric);
  ~KrylovSolver();
  KrylovSolver(KrylovSolver&&) noexcept;
  KrylovSolver& operator=(KrylovSolver&&) noexcept;

  /// Vectors that the matrix maps to almost nothing (constants, rigid body modes), for algebraic multigrid.
  /// Owned parts, each (num_owned); dependent ones are dropped. Call before solve(). *Collective.*
  void set_near_null_space(std::vector<std::vector<double>> modes);
  /// Vectors that the matrix maps to zero: the system is singular, and the solution orthogonal to them is returned.
  /// Checked at the next solve. Shapes as for the near-null space. *Collective.*
  void set_null_space(std::vector<std::vector<double>> modes);

  /// Which unknowns have units of their own; `prescribed` is not used. Call before solve(), on all ranks; what it
  /// points to must outlive the last solve. Not collective.
  void set_fields(const FieldsOfUnknowns& fields);

  /// Dimension of the mesh, 2 if it is not told: what a direct solver costs. Call before solve(), on all ranks.
  void set_dimension(int dimension);
  /// Says which unknowns are multipliers of constraints (pressures); what it points to may change with the matrix.
  /// Without operators only a direct solver is chosen. Call before solve(), on all ranks. Not collective.
  void set_constraints(Constraints constraints);
  /// What would be used for this matrix if it had constraints. *Collective.*
  bool needs_constraints(const SparseMatrix& matrix) const;

  /// The matrix to solve with, now and when its values change; it must outlive the last solve with it.
  /// The preconditioner is set up at the next solve if the values have changed since its last set-up. Not collective.
  void set_operator(const SparseMatrix& matrix);

  /// Solves A x = b.
  /// \param rhs,solution owned parts (num_owned)
  /// \param use_guess start from `solution` instead of zero
  /// A zero right-hand side gives zero. With a null space, the part of `rhs` outside the range of a symmetric matrix
  /// (at most 1e-3 of it, for instance quadrature error) is removed and reported.
  /// \throws sdk::Error of kind solver when it does not converge, when the null space is none, when PETSc fails, or
  /// when `options.petsc` has options that nothing reads; not_finite when A, b or the guess is not finite.
  /// *Collective.*
  KrylovResult solve(std::span<const double> rhs, std::span<double> solution, bool use_guess = false,
                     const EnoughResidual& enough = {});

  /// The matrix has weak modes (see WeakModesSolver), with which solve() finds their amplitudes from sums of all
  /// equations. No guess is used then. *Collective.*
  bool has_weak_modes();
  /// The part of the solution that the sums v_m . rhs ask for. has_weak_modes() must have told that there are some.
  /// *Collective.*
  void solve_weak_modes(std::span<const double> rhs, std::span<double> solution);

  /// Stores or reads the state of the tuner, from before the first solve on; nothing where there is none. *Collective.*
  void exchange_tuner(sdk::StateArchive& archive);

  /// Lines for people since the last call: what is used, where that changes, and that the direct solver takes over. The
  /// same on all ranks. Not collective.
  std::vector<std::string> take_notes();

  const KrylovOptions& options() const;
  bool symmetric() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace ansatz::linear
