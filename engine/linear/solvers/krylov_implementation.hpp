#pragma once
/// The inside of KrylovSolver: krylov_setup.cpp chooses and sets up, krylov_residual.cpp measures, krylov.cpp solves.

#include <optional>

#include "engine/linear/matrices/factor_memory.hpp"
#include "engine/linear/matrices/field_scales.hpp"
#include "engine/linear/matrices/null_space.hpp"
#include "engine/linear/matrices/weak_modes.hpp"
#include "engine/linear/solvers/convergence.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "engine/linear/solvers/offered_preconditioner.hpp"

namespace ansatz::linear {

class KrylovSolver::Implementation {
 public:
  Implementation(const base::Communicator& comm, KrylovOptions options, bool symmetric);

  KrylovResult solve_all(std::span<const double> rhs, std::span<double> solution, bool use_guess,
                         const EnoughResidual& enough);
  bool has_weak_modes();
  void set_operator(const SparseMatrix& matrix) { given_ = &matrix; }
  /// *Collective.*
  SystemTraits traits(const SparseMatrix& matrix) const;

  base::Communicator comm_;
  KrylovOptions options_;
  bool symmetric_;
  int dimension_ = 2;
  Modes near_null_space_, null_space_;
  bool spaces_changed_ = false;
  std::optional<Constraints> constraints_;
  FieldsOfUnknowns fields_;
  WeakModesSolver weak_modes_;
  std::vector<std::string> notes_;  ///< that were not taken yet
  std::optional<OfferedPreconditioner> offered_;

 private:
  /// One right-hand side.
  struct Task {
    std::vector<double> rhs;
    double rhs_norm = 0.0, target = 0.0;
  };

  KrylovResult solve(std::span<const double> rhs, std::span<double> solution, bool use_guess,
                     const EnoughResidual& enough);
  void check_call(std::span<const double> rhs, std::span<double> solution) const;
  Task task_of(std::span<const double> rhs, std::span<const double> solution, const EnoughResidual& enough,
               KrylovResult& result);
  KSPConvergedReason iterate(const Task& task, std::span<double> solution, KrylovResult& result, bool tune);
  KSPConvergedReason sweep(std::span<const double> residual, double norm, double target, int most_iterations,
                           std::span<double> solution, KrylovResult& result);

  bool is_current() const;
  void set_up();
  void check_operator() const;
  void find_lone_rows();
  const SparseMatrix& matrix_of_method();
  void set_types(Mat system);
  void set_factorisation(PC pc);
  void set_default_options();
  void check_options_were_read();
  Constraints scaled(Constraints constraints) const;
  void note_what_is_used();
  void note_failed_knobs(KSPConvergedReason reason);
  bool may_take_over() const;
  bool take_over(KSPConvergedReason reason);
  std::string description() const;

  void solve_lone_rows(std::span<const double> rhs, std::span<double> solution) const;
  double size(std::span<const double> of_equations) const;
  double largest_enough(const EnoughResidual& enough, double rhs_norm) const;
  double residual(std::span<const double> rhs, std::span<const double> solution, std::span<double> out) const;
  bool is_enough(const Task& task, std::span<const double> solution, double norm) const;
  FailureWords failure(KSPConvergedReason reason) const;
  [[noreturn]] void fail(KSPConvergedReason reason, const KrylovResult& result, double target) const;

  std::optional<OptionsDatabase> database_;
  const SparseMatrix* given_ = nullptr;
  const SparseMatrix* matrix_ = nullptr;   ///< that is solved with: the given one, or without held unknowns
  std::shared_ptr<const WeakModes> seen_;  ///< that weak_modes_ has
  bool are_weak_ = false;
  SolverChoice choice_;
  bool has_taken_over_ = false;     ///< the direct solver for the chosen one
  std::optional<Memory> too_much_;  ///< of a direct solver
  Progress progress_;
  std::vector<std::int32_t> lone_rows_;   ///< that hold their diagonal alone, such as those of prescribed unknowns
  std::optional<SparseMatrix> rescaled_;  ///< the matrix with scaled fields, and lone rows in the units of the others
  std::optional<FieldScales> scales_;     ///< where there are several fields
  base::KspHandle ksp_;
  base::VecHandle x_, b_;
  PetscObjectId set_up_id_ = 0;
  std::int64_t set_up_version_ = 0;
  double relative_tolerance_ = 0.0, absolute_tolerance_ = 0.0;
  int max_iterations_ = 0;
  bool options_checked_ = false;
  std::string noted_;  ///< what was used last
  bool noted_knobs_ = false;
};

}  // namespace ansatz::linear
