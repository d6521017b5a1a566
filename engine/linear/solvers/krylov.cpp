#include "engine/linear/solvers/krylov.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/krylov_implementation.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

constexpr double target_margin = 0.98;        // for the difference of recurrence and true residual
constexpr double largest_rhs_outside = 1e-3;  // relative size of the part of b outside the range
constexpr int max_sweeps = 5;

}  // namespace

KSPConvergedReason KrylovSolver::Implementation::sweep(std::span<const double> residual, double residual_norm,
                                                       double target, int most_iterations, std::span<double> solution,
                                                       KrylovResult& result) {
  std::vector<double> scaled(residual.begin(), residual.end()), correction(residual.size(), 0.0);
  for (std::size_t i = 0; i < scaled.size(); ++i)
    scaled[i] = scaled[i] * (scales_ ? scales_->rows[i] : 1.0) / residual_norm;
  progress_.scale = residual_norm;
  progress_.target = target_margin * target / residual_norm;
  progress_.history.clear();
  progress_.norms.clear();
  progress_.stalls = false;
  KSP ksp = ksp_.get();
  petsc_check(KSPSetTolerances(ksp, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, most_iterations),
              "setting tolerances");
  const base::PlacedArray b(b_.get(), scaled.data()), x(x_.get(), correction.data());
  petsc_check(KSPSolve(ksp, b_.get(), x_.get()), "solving a linear system");
  if (offered_) offered_->throw_failure();
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscInt iterations = 0;
  petsc_check(KSPGetConvergedReason(ksp, &reason), "reading the result of a solve");
  petsc_check(KSPGetIterationNumber(ksp, &iterations), "reading the result of a solve");
  result.iterations += static_cast<int>(iterations);
  result.history.insert(result.history.end(), progress_.history.begin(), progress_.history.end());
  for (const auto row : lone_rows_) correction[row] = 0.0;
  for (std::size_t i = 0; scales_ && i < correction.size(); ++i) correction[i] *= scales_->columns[i];
  if (std::isfinite(norm(comm_, correction))) add_scaled(residual_norm, correction, solution);
  return reason;
}

void KrylovSolver::Implementation::check_call(std::span<const double> rhs, std::span<double> solution) const {
  base::agree(comm_, [&] {
    if (matrix_ == nullptr || matrix_->is_open()) {
      throw Error(ErrorKind::internal, "a linear solver has no finished matrix", "KrylovSolver::solve");
    }
    const auto num_owned = static_cast<std::size_t>(matrix_->pattern().num_owned);
    if (rhs.size() != num_owned || solution.size() != num_owned) {
      throw Error(ErrorKind::internal, "right-hand side or solution has the wrong length", "KrylovSolver::solve");
    }
  });
}

/// With the scales of the present set-up.
KrylovSolver::Implementation::Task KrylovSolver::Implementation::task_of(std::span<const double> rhs,
                                                                         std::span<const double> solution,
                                                                         const EnoughResidual& enough,
                                                                         KrylovResult& result) {
  Task task{{rhs.begin(), rhs.end()}, 0.0, 0.0};
  if (scales_) scales_->level(comm_, fields_, task.rhs);
  task.rhs_norm = size(task.rhs);
  if (!std::isfinite(task.rhs_norm) || !std::isfinite(norm(comm_, solution))) {
    throw Error(ErrorKind::not_finite, "the right-hand side or the start of a linear system is not finite",
                "linear solver", "check sources, boundary data and initial values for divisions by zero and overflow");
  }
  if (symmetric_) result.removed_from_rhs = null_space_.remove_from(task.rhs, largest_rhs_outside);
  task.target = largest_enough(enough, task.rhs_norm);
  return task;
}

/// \param tune with knobs that the tuner chooses; where these fail, again from zero with their initial values
/// \returns the reason of the last sweep.
KSPConvergedReason KrylovSolver::Implementation::iterate(const Task& task, std::span<double> solution,
                                                         KrylovResult& result, bool tune) {
  std::vector<double> r(solution.size());
  solve_lone_rows(task.rhs, solution);
  double norm = residual(task.rhs, solution, r);
  result.initial_norm = result.final_norm = norm;
  tune = tune && norm > task.target;  // else there is nothing to learn
  const int before_all = result.iterations;
  if (tune) offered_->propose(std::log10(norm / task.target));
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  int iterations_left = max_iterations_;
  for (int k = 0; k < max_sweeps && norm > task.target && reason >= 0; ++k) {
    const int before_sweep = result.iterations;
    reason = sweep(r, norm, task.target, iterations_left, solution, result);
    iterations_left -= result.iterations - before_sweep;
    null_space_.remove_from(solution, -1.0);
    const double before = norm;
    norm = result.final_norm = residual(task.rhs, solution, r);
    if (norm > 0.5 * before) break;
    if (iterations_left <= 0 && norm > task.target) reason = KSP_DIVERGED_ITS;
  }
  if (result.history.empty() || choice_.solver == "direct") {
    result.history.insert(result.history.end(), {result.initial_norm, result.final_norm});
  }
  if (!tune) return reason;
  const bool converged = is_enough(task, solution, norm);
  offered_->learn(result.iterations - before_all, converged);
  if (converged) return reason;
  note_failed_knobs(reason);
  offered_->reset_knobs();
  std::ranges::fill(solution, 0.0);
  return iterate(task, solution, result, false);
}

KrylovResult KrylovSolver::Implementation::solve(std::span<const double> rhs, std::span<double> solution,
                                                 bool use_guess, const EnoughResidual& enough) {
  check_call(rhs, solution);
  const OptionsDatabase::Scope scope(*database_);
  KrylovResult result;
  if (!use_guess) std::fill(solution.begin(), solution.end(), 0.0);
  for (;;) {
    const double start = MPI_Wtime();
    if (!is_current()) {
      set_up();
      result.setup_seconds += MPI_Wtime() - start;
    }
    const double solve_start = MPI_Wtime();
    result.description = description();
    const auto task = task_of(rhs, solution, enough, result);
    if (task.rhs_norm == 0.0) {
      std::fill(solution.begin(), solution.end(), 0.0);
      result.history = {0.0};
      return result;
    }
    const auto reason = iterate(task, solution, result, offered_ && offered_->is_tuned());
    check_options_were_read();
    result.solve_seconds += MPI_Wtime() - solve_start;
    if (is_enough(task, solution, result.final_norm)) return result;
    if (!take_over(reason)) fail(reason, result, task.target);
    std::fill(solution.begin(), solution.end(), 0.0);
  }
}

bool KrylovSolver::Implementation::has_weak_modes() {
  matrix_ = given_;
  if (given_ == nullptr || given_->is_open() || !given_->weak_modes()) return false;
  if (seen_ != given_->weak_modes()) {
    seen_ = given_->weak_modes();
    are_weak_ = weak_modes_.set(*given_, fields_);
  }
  if (are_weak_) matrix_ = &weak_modes_.held();
  return are_weak_;
}

KrylovResult KrylovSolver::Implementation::solve_all(std::span<const double> rhs, std::span<double> solution,
                                                     bool use_guess, const EnoughResidual& enough) {
  if (!has_weak_modes()) return solve(rhs, solution, use_guess, enough);
  KrylovResult result;
  weak_modes_.eliminate([&](auto b, auto x) { result = solve(b, x, false, {}); });
  const auto elimination = result;
  weak_modes_.solve(rhs, solution, [&](auto b, auto x) { result = solve(b, x, false, enough); });
  result.iterations += elimination.iterations;
  result.setup_seconds += elimination.setup_seconds;
  result.solve_seconds += elimination.solve_seconds;
  return result;
}

KrylovSolver::KrylovSolver(const base::Communicator& comm, KrylovOptions options, bool symmetric)
    : implementation_(std::make_unique<Implementation>(comm, std::move(options), symmetric)) {}
KrylovSolver::~KrylovSolver() = default;
KrylovSolver::KrylovSolver(KrylovSolver&&) noexcept = default;
KrylovSolver& KrylovSolver::operator=(KrylovSolver&&) noexcept = default;

void KrylovSolver::set_near_null_space(std::vector<std::vector<double>> modes) {
  implementation_->near_null_space_ = Modes(implementation_->comm_, std::move(modes));
  implementation_->spaces_changed_ = true;
}

void KrylovSolver::set_null_space(std::vector<std::vector<double>> modes) {
  implementation_->null_space_ = Modes(implementation_->comm_, std::move(modes));
  implementation_->spaces_changed_ = true;
}

void KrylovSolver::set_fields(const FieldsOfUnknowns& fields) { implementation_->fields_ = fields; }

void KrylovSolver::set_constraints(Constraints constraints) { implementation_->constraints_ = std::move(constraints); }

void KrylovSolver::set_dimension(int dimension) { implementation_->dimension_ = dimension; }

bool KrylovSolver::needs_constraints(const SparseMatrix& matrix) const {
  auto traits = implementation_->traits(matrix);
  traits.constrained = traits.has_operators = true;
  return choose(options(), traits).preconditioner == "pcd";
}

void KrylovSolver::set_operator(const SparseMatrix& matrix) { implementation_->set_operator(matrix); }

KrylovResult KrylovSolver::solve(std::span<const double> rhs, std::span<double> solution, bool use_guess,
                                 const EnoughResidual& enough) {
  return implementation_->solve_all(rhs, solution, use_guess, enough);
}

bool KrylovSolver::has_weak_modes() { return implementation_->has_weak_modes(); }

void KrylovSolver::solve_weak_modes(std::span<const double> rhs, std::span<double> solution) {
  implementation_->weak_modes_.solve_sums(rhs, solution);
}

void KrylovSolver::exchange_tuner(sdk::StateArchive& archive) {
  if (implementation_->offered_) implementation_->offered_->exchange(archive);
}

std::vector<std::string> KrylovSolver::take_notes() { return std::exchange(implementation_->notes_, {}); }

const KrylovOptions& KrylovSolver::options() const { return implementation_->options_; }
bool KrylovSolver::symmetric() const { return implementation_->symmetric_; }

}  // namespace ansatz::linear
