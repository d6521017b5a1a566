#include "engine/linear/krylov.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/linear/convergence.hpp"
#include "engine/linear/field_scales.hpp"
#include "engine/linear/krylov_options.hpp"
#include "engine/linear/null_space.hpp"
#include "engine/linear/vector.hpp"
#include "engine/linear/weak_modes.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

constexpr double target_margin = 0.98;        // for the difference of recurrence and true residual
constexpr double round_off_factor = 16.0;     // of eps |A| |x|
constexpr double largest_unreached = 1e-6;    // relative residual that round-off may excuse
constexpr double largest_rhs_outside = 1e-3;  // relative size of the part of b outside the range
constexpr int max_sweeps = 5;

const char* ksp_type(const std::string& solver) {
  if (solver == "cg") return KSPCG;
  if (solver == "minres") return KSPMINRES;
  if (solver == "gmres") return KSPGMRES;
  if (solver == "fgmres") return KSPFGMRES;
  return KSPPREONLY;
}

std::string format(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3e", value);
  return text;
}

}  // namespace

class KrylovSolver::Implementation {
 public:
  Implementation(const base::Communicator& comm, KrylovOptions options, bool symmetric)
      : comm_(comm), options_(std::move(options)), symmetric_(symmetric), weak_modes_(comm) {
    base::agree(comm_, [&] {
      check(options_);
      database_.emplace(options_.petsc);
    });
  }

  KrylovResult solve(std::span<const double> rhs, std::span<double> solution, bool use_guess, const EnoughResidual& enough);
  KrylovResult solve_all(std::span<const double> rhs, std::span<double> solution, bool use_guess, const EnoughResidual& enough);
  bool has_weak_modes();
  void set_operator(const SparseMatrix& matrix) { given_ = &matrix; }

  base::Communicator comm_;
  KrylovOptions options_;
  bool symmetric_;
  Modes near_null_space_, null_space_;
  bool spaces_changed_ = false;
  std::optional<Constraints> constraints_;
  FieldsOfUnknowns fields_;
  WeakModesSolver weak_modes_;

 private:
  bool is_current() const;
  void set_up();
  void find_lone_rows();
  Mat matrix_of_method();
  void solve_lone_rows(std::span<const double> rhs, std::span<double> solution) const;
  void set_types(Mat system);
  void set_factorisation(PC pc);
  void set_default_options();
  void check_operator() const;
  void check_options_were_read();
  std::string description() const;
  KSPConvergedReason sweep(std::span<const double> residual, double norm, double target, std::span<double> solution,
                           KrylovResult& result);
  Constraints scaled(Constraints constraints) const;
  double size(std::span<const double> of_equations) const;
  double largest_enough(const EnoughResidual& enough, double rhs_norm) const;
  double residual(std::span<const double> rhs, std::span<const double> solution, std::span<double> out) const;
  bool is_round_off(double norm, double rhs_norm, std::span<const double> rhs, std::span<const double> solution) const;
  [[noreturn]] void fail(KSPConvergedReason reason, const KrylovResult& result, double target) const;

  std::optional<OptionsDatabase> database_;
  const SparseMatrix* given_ = nullptr;
  const SparseMatrix* matrix_ = nullptr;   ///< that is solved with: the given one, or without held unknowns
  std::shared_ptr<const WeakModes> seen_;  ///< that weak_modes_ has
  bool are_weak_ = false;
  SolverChoice choice_;
  Progress progress_;
  std::vector<std::int32_t> lone_rows_;    ///< that hold their diagonal alone, such as those of prescribed unknowns
  std::optional<SparseMatrix> rescaled_;   ///< the matrix with scaled fields, and lone rows in the units of the others
  std::optional<FieldScales> scales_;      ///< where there are several fields
  base::KspHandle ksp_;
  base::VecHandle x_, b_;
  PetscObjectId set_up_id_ = 0;
  std::int64_t set_up_version_ = 0;
  double relative_tolerance_ = 0.0, absolute_tolerance_ = 0.0;
  int max_iterations_ = 0;
  bool options_checked_ = false;
};

bool KrylovSolver::Implementation::is_current() const {
  if (!ksp_ || spaces_changed_) return false;
  PetscObjectId id = 0;
  petsc_check(PetscObjectGetId(reinterpret_cast<PetscObject>(matrix_->get()), &id), "identifying a matrix");
  return id == set_up_id_ && matrix_->version() == set_up_version_;
}

void KrylovSolver::Implementation::check_operator() const {
  base::agree(comm_, [&] {
    double probe = 0.0;
    for (const double value : matrix_->diagonal_values()) probe += 0.0 * value;
    for (const double value : matrix_->ghost_values()) probe += 0.0 * value;
    if (probe != 0.0) {
      throw Error(
          ErrorKind::not_finite, "the matrix of a linear system has entries that are not finite", "linear solver",
          "check coefficients and initial values for divisions by zero, roots of negative numbers and overflow");
    }
  });
}

void KrylovSolver::Implementation::find_lone_rows() {
  const auto& pattern = matrix_->pattern();
  const auto diagonal = matrix_->diagonal_values(), ghost = matrix_->ghost_values();
  const auto zero = [](double value) { return value == 0.0; };
  lone_rows_.clear();
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    const auto at = static_cast<PetscInt>(pattern.diagonal_position(row));
    const auto first = diagonal.begin();
    if (diagonal[at] != 0.0 && std::all_of(first + pattern.diag_offsets[row], first + at, zero) &&
        std::all_of(first + at + 1, first + pattern.diag_offsets[row + 1], zero) &&
        std::all_of(ghost.begin() + pattern.ghost_offsets[row], ghost.begin() + pattern.ghost_offsets[row + 1], zero)) {
      lone_rows_.push_back(row);
    }
  }
}

/// The matrix of the Krylov method and its preconditioner: with scaled fields where there are several. Lone rows, whose
/// corrections are 0, are seen by aggregation on its coarse levels and by the pivots of factorisations, so there they have the
/// largest diagonal of the other rows, as a power of two: a 1 means something else in any other units. *Collective.*
Mat KrylovSolver::Implementation::matrix_of_method() {
  const bool any_lone = comm_.max(std::int64_t{lone_rows_.empty() ? 0 : 1}) != 0;
  scales_.reset();
  if (fields_.count > 1 && null_space_.empty()) scales_ = field_scales(*matrix_, fields_, lone_rows_, symmetric_);
  if (!scales_ && (choice_.preconditioner != "gamg" || !any_lone)) {
    rescaled_.reset();
    return matrix_->get();
  }
  const auto& pattern = matrix_->pattern();
  rescaled_.emplace(comm_, std::shared_ptr<const Pattern>(std::shared_ptr<const Pattern>(), &pattern), matrix_->block_size());
  rescaled_->begin_values();
  std::ranges::copy(matrix_->diagonal_values(), rescaled_->diagonal_values().begin());
  std::ranges::copy(matrix_->ghost_values(), rescaled_->ghost_values().begin());
  if (scales_) rescaled_->scale(scales_->rows, scales_->columns);
  for (const auto row : lone_rows_) rescaled_->diagonal_values()[pattern.diagonal_position(row)] = 0.0;
  double largest = 0.0;
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    largest = std::max(largest, std::abs(rescaled_->diagonal_values()[pattern.diagonal_position(row)]));
  }
  largest = comm_.max(largest);
  const double unit = largest > 0.0 ? std::exp2(std::ilogb(largest)) : 1.0;
  for (const auto row : lone_rows_) rescaled_->diagonal_values()[pattern.diagonal_position(row)] = unit;
  rescaled_->end_values();
  petsc_check(MatSetOption(rescaled_->get(), MAT_SYMMETRIC, symmetric_ ? PETSC_TRUE : PETSC_FALSE), "declaring symmetry");
  near_null_space_.attach_near(*rescaled_);
  null_space_.attach(*rescaled_, symmetric_);
  return rescaled_->get();
}

/// A preconditioner mixes lone rows with others, so an iteration to a tolerance would move prescribed unknowns.
void KrylovSolver::Implementation::solve_lone_rows(std::span<const double> rhs, std::span<double> solution) const {
  for (const auto row : lone_rows_) {
    solution[row] = rhs[row] / matrix_->diagonal_values()[matrix_->pattern().diagonal_position(row)];
  }
}

void KrylovSolver::Implementation::set_default_options() {
  if (choice_.preconditioner == "hypre") {
    database_->insert_defaults("-pc_hypre_type boomeramg");
    // HMIS with extended+i interpolation, cut to 4 entries: PETSc's default takes 1.7 times as long to set up.
    database_->insert_defaults(
        "-pc_hypre_boomeramg_coarsen_type HMIS -pc_hypre_boomeramg_interp_type ext+i -pc_hypre_boomeramg_P_max 4");
    if (symmetric_) {
      // One level of aggressive coarsening: 0.85 (2-D) and 0.6 (3-D) of the time without, at equal iterations.
      database_->insert_defaults(
          "-pc_hypre_boomeramg_strong_threshold 0.5 -pc_hypre_boomeramg_agg_nl 1 -pc_hypre_boomeramg_agg_num_paths 2");
    }
    if (!null_space_.empty()) {
      database_->insert_defaults("-pc_hypre_boomeramg_relax_type_coarse symmetric-SOR/Jacobi");
    }
  } else if (choice_.preconditioner == "pcd") {
    // Approximate ideal restriction for the convective block: classical multigrid diverges on it from cell Peclet
    // numbers of a few on. Residuals of velocity and pressure differ by orders of magnitude in any units, so that
    // Gram-Schmidt without a second pass loses orthogonality (252 iterations instead of 83 at 156,000 unknowns).
    database_->insert_defaults("-primary_pc_hypre_boomeramg_restriction_type 2 -schur_pc_hypre_boomeramg_max_iter 2 "
                               "-ksp_gmres_restart 200 -ksp_gmres_cgs_refinement_type refine_ifneeded");
  } else if (choice_.preconditioner == "gamg") {
    // PETSc's own triple product adds up other ranks' parts in the order of their arrival: on 4 ranks, 40 equal runs
    // gave 25 bit patterns, with hypre's product one. On 1 rank hypre's product gives indefinite coarse matrices.
    if (comm_.size() > 1) database_->insert_defaults("-matptap_via hypre");
  } else if (choice_.preconditioner == "mumps") {
    database_->insert_defaults("-mat_mumps_icntl_14 60");
    if (!null_space_.empty()) database_->insert_defaults("-mat_mumps_icntl_24 1");
  }
}

void KrylovSolver::Implementation::set_factorisation(PC pc) {
  petsc_check(PCSetType(pc, symmetric_ ? PCCHOLESKY : PCLU), "choosing a factorisation");
  petsc_check(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS), "choosing MUMPS");
}

void KrylovSolver::Implementation::set_types(Mat system) {
  KSP ksp = ksp_.get();
  petsc_check(KSPSetType(ksp, ksp_type(choice_.solver)), "choosing a Krylov method");
  if (choice_.solver == "gmres") petsc_check(KSPSetPCSide(ksp, PC_RIGHT), "choosing right preconditioning");
  if (choice_.solver == "cg") petsc_check(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED), "choosing a norm");
  PC pc = nullptr;
  petsc_check(KSPGetPC(ksp, &pc), "getting the preconditioner");
  const std::string& name = choice_.preconditioner;
  if (name == "mumps") {
    set_factorisation(pc);
  } else if (name == "pcd") {
    set_saddle_preconditioner(comm_, pc, system, scaled(*constraints_));
  } else if (name == "hypre") {
    petsc_check(PCSetType(pc, PCHYPRE), "choosing hypre");  // its own type is an option, read only while it has none
  } else {
    const char* type = name == "gamg"                      ? PCGAMG
                       : name == "jacobi"                  ? PCJACOBI
                       : name == "ilu" && comm_.size() > 1 ? PCBJACOBI
                       : name == "ilu"                     ? PCILU
                                                           : PCNONE;
    petsc_check(PCSetType(pc, type), "choosing a preconditioner");
    if (name == "jacobi") petsc_check(PCJacobiSetUseAbs(pc, PETSC_TRUE), "choosing a preconditioner");
  }
}

void KrylovSolver::Implementation::set_up() {
  check_operator();
  const Mat matrix = matrix_->get();
  const PetscInt num_owned = matrix_->pattern().num_owned;
  petsc_check(MatSetOption(matrix, MAT_SYMMETRIC, symmetric_ ? PETSC_TRUE : PETSC_FALSE), "declaring symmetry");
  const SystemTraits traits{matrix_->num_global(), symmetric_, matrix_->block_size() > 1 || !near_null_space_.empty(),
                            !null_space_.empty(), constraints_.has_value()};
  choice_ = choose(options_, traits);
  if (choice_.preconditioner == "pcd" && !constraints_) {
    throw Error(ErrorKind::parameter, "the preconditioner \"pcd\" is for systems with constraints, such as incompressible flow",
                "linear", "choose another one, or leave it out for an automatic choice");
  }
  set_default_options();

  near_null_space_.attach_near(*matrix_);
  null_space_.attach(*matrix_, symmetric_);
  petsc_check(KSPCreate(comm_.get(), ksp_.put()), "creating a linear solver");
  KSP ksp = ksp_.get();
  find_lone_rows();
  const Mat system = matrix_of_method();
  petsc_check(KSPSetOperators(ksp, system, system), "setting the matrix of a solver");
  set_types(system);
  petsc_check(KSPSetTolerances(ksp, options_.relative_tolerance, options_.absolute_tolerance, divergence_limit,
                               options_.max_iterations),
              "setting tolerances");
  petsc_check(KSPSetConvergenceTest(ksp, convergence_test, &progress_, nullptr), "setting the convergence test");
  petsc_check(KSPSetFromOptions(ksp), "applying PETSc options");
  petsc_check(KSPMonitorSet(ksp, record_norm, &progress_, nullptr), "recording residual norms");
  PetscInt max_iterations = 0;
  petsc_check(KSPGetTolerances(ksp, &relative_tolerance_, &absolute_tolerance_, nullptr, &max_iterations),
              "tolerances");
  max_iterations_ = static_cast<int>(max_iterations);
  petsc_check(KSPSetUp(ksp), "setting up the preconditioner");
  x_ = base::vector_without_storage(comm_.get(), num_owned);
  b_ = base::vector_without_storage(comm_.get(), num_owned);
  petsc_check(PetscObjectGetId(reinterpret_cast<PetscObject>(matrix), &set_up_id_), "identifying a matrix");
  set_up_version_ = matrix_->version();
  spaces_changed_ = false;
}

std::string KrylovSolver::Implementation::description() const {
  KSPType solver = nullptr;
  PCType preconditioner = nullptr;
  MatSolverType package = nullptr;
  PC pc = nullptr;
  petsc_check(KSPGetType(ksp_.get(), &solver), "describing a solver");
  petsc_check(KSPGetPC(ksp_.get(), &pc), "describing a solver");
  petsc_check(PCGetType(pc, &preconditioner), "describing a solver");
  PCFactorGetMatSolverType(pc, &package);
  const bool mumps = package != nullptr && std::string(package) == MATSOLVERMUMPS;
  const std::string name = mumps                                      ? "mumps"
                           : choice_.preconditioner == "pcd"           ? "pcd"
                           : std::string(preconditioner) == PCBJACOBI ? "ilu on each rank"
                                                                      : preconditioner;
  std::string text = std::string(solver) == KSPPREONLY ? "direct, " + name : std::string(solver) + " with " + name;
  if (mumps && comm_.size() > 1) text += " (on several ranks equal runs agree to 1e-10, not bit by bit)";
  return text;
}

void KrylovSolver::Implementation::check_options_were_read() {
  if (options_checked_) return;
  base::agree(comm_, [&] {
    std::string list;
    for (const auto& option : database_->unread()) list += (list.empty() ? "" : ", ") + option;
    if (list.empty()) return;
    throw Error(ErrorKind::solver, "PETSc options that nothing reads: " + list, "linear.petsc",
                "check the spelling, and that they belong to the solver in use (" + description() + ")");
  });
  options_checked_ = true;
}

Constraints KrylovSolver::Implementation::scaled(Constraints constraints) const {
  double scale = 0.0;  // that of a multiplier which is not prescribed, equal for all
  for (const auto i : constraints.multipliers) {
    if (scales_ && !std::ranges::binary_search(lone_rows_, i)) scale = scales_->rows[i] * scales_->columns[i];
  }
  scale = comm_.max(scale);
  constraints.schur_scale = scale > 0.0 ? scale : 1.0;
  return constraints;
}

/// Norm over equations, of scaled fields. *Collective.*
double KrylovSolver::Implementation::size(std::span<const double> of_equations) const {
  if (!scales_) return norm(comm_, of_equations);
  std::vector<double> scaled(of_equations.begin(), of_equations.end());
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= scales_->rows[i];
  return norm(comm_, scaled);
}

/// The size of a residual that is enough.
double KrylovSolver::Implementation::largest_enough(const EnoughResidual& enough, double rhs_norm) const {
  const auto scale = [&](std::size_t f) { return scales_ ? scales_->of_equations[f] : 1.0; };
  const std::size_t count = scales_ ? scales_->of_equations.size() : 1;
  double absolute = std::numeric_limits<double>::infinity(), by_field = absolute;
  for (std::size_t f = 0; f < count; ++f) absolute = std::min(absolute, absolute_tolerance_ * scale(f));
  for (std::size_t f = 0; f < enough.by_field.size(); ++f) by_field = std::min(by_field, enough.by_field[f] * scale(f));
  if (!std::isfinite(by_field)) by_field = 0.0;
  return std::max({relative_tolerance_ * rhs_norm, enough.relative * rhs_norm, absolute, by_field});
}

double KrylovSolver::Implementation::residual(std::span<const double> rhs, std::span<const double> solution,
                                              std::span<double> out) const {
  matrix_->multiply(solution, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rhs[i] - out[i];
  return size(out);
}

bool KrylovSolver::Implementation::is_round_off(double residual_norm, double rhs_norm, std::span<const double> rhs,
                                                std::span<const double> solution) const {
  if (!(residual_norm <= largest_unreached * rhs_norm)) return false;
  std::vector<double> terms(rhs.size());
  matrix_->multiply_absolute(solution, terms);
  for (std::size_t i = 0; i < terms.size(); ++i) terms[i] += std::abs(rhs[i]);
  return residual_norm <= round_off_factor * std::numeric_limits<double>::epsilon() * size(terms);
}

void KrylovSolver::Implementation::fail(KSPConvergedReason reason, const KrylovResult& result, double target) const {
  PC pc = nullptr;
  PCFailedReason mine = PC_NOERROR;
  petsc_check(KSPGetPC(ksp_.get(), &pc), "reading the reason of a failure");
  petsc_check(PCGetFailedReasonRank(pc, &mine), "reading the reason of a failure");
  const auto worst = static_cast<PCFailedReason>(comm_.max(static_cast<std::int64_t>(mine)));
  if (worst != PC_NOERROR && reason != KSP_DIVERGED_ITS) reason = KSP_DIVERGED_PC_FAILED;
  const FailureWords text = words(reason, worst, choice_, max_iterations_);
  std::string last;
  const std::size_t count = result.history.size();
  for (std::size_t i = count > 5 ? count - 5 : 0; i < count; ++i)
    last += (last.empty() ? "" : ", ") + format(result.history[i]);
  throw Error(ErrorKind::solver,
              "the linear solver (" + description() + ") failed: " + text.reason + "; residual norm " +
                  format(result.final_norm) + ", wanted " + format(target) + ", at first " +
                  format(result.initial_norm) +
                  (last.empty() ? "" : "; last of " + std::to_string(count) + " norms: " + last),
              "linear solver", text.hint);
}

KSPConvergedReason KrylovSolver::Implementation::sweep(std::span<const double> residual, double residual_norm,
                                                       double target, std::span<double> solution,
                                                       KrylovResult& result) {
  std::vector<double> scaled(residual.begin(), residual.end()), correction(residual.size(), 0.0);
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] = scaled[i] * (scales_ ? scales_->rows[i] : 1.0) / residual_norm;
  progress_.scale = residual_norm;
  progress_.target = target_margin * target / residual_norm;
  progress_.history.clear();
  KSP ksp = ksp_.get();
  petsc_check(KSPSetTolerances(ksp, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, max_iterations_ - result.iterations),
              "setting tolerances");
  const base::PlacedArray b(b_.get(), scaled.data()), x(x_.get(), correction.data());
  petsc_check(KSPSolve(ksp, b_.get(), x_.get()), "solving a linear system");
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

KrylovResult KrylovSolver::Implementation::solve(std::span<const double> rhs, std::span<double> solution,
                                                 bool use_guess, const EnoughResidual& enough) {
  base::agree(comm_, [&] {
    if (matrix_ == nullptr || matrix_->is_open()) {
      throw Error(ErrorKind::internal, "a linear solver has no finished matrix", "KrylovSolver::solve");
    }
    const auto num_owned = static_cast<std::size_t>(matrix_->pattern().num_owned);
    if (rhs.size() != num_owned || solution.size() != num_owned) {
      throw Error(ErrorKind::internal, "right-hand side or solution has the wrong length", "KrylovSolver::solve");
    }
  });
  const OptionsDatabase::Scope scope(*database_);
  KrylovResult result;
  const double start = MPI_Wtime();
  if (!is_current()) {
    set_up();
    result.setup_seconds = MPI_Wtime() - start;
  }
  const double solve_start = MPI_Wtime();
  result.description = description();

  std::vector<double> b(rhs.begin(), rhs.end()), r(rhs.size());
  if (!use_guess) std::fill(solution.begin(), solution.end(), 0.0);
  if (scales_) scales_->level(comm_, fields_, b);
  const double rhs_norm = size(b);
  if (!std::isfinite(rhs_norm) || !std::isfinite(norm(comm_, solution))) {
    throw Error(ErrorKind::not_finite, "the right-hand side or the start of a linear system is not finite",
                "linear solver", "check sources, boundary data and initial values for divisions by zero and overflow");
  }
  if (symmetric_) result.removed_from_rhs = null_space_.remove_from(b, largest_rhs_outside);
  if (rhs_norm == 0.0) {
    std::fill(solution.begin(), solution.end(), 0.0);
    result.history = {0.0};
    return result;
  }
  solve_lone_rows(b, solution);
  const double target = largest_enough(enough, rhs_norm);
  double residual_norm = residual(b, solution, r);
  result.initial_norm = result.final_norm = residual_norm;
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  for (int k = 0; k < max_sweeps && residual_norm > target && reason >= 0; ++k) {
    reason = sweep(r, residual_norm, target, solution, result);
    null_space_.remove_from(solution, -1.0);
    const double before = residual_norm;
    residual_norm = result.final_norm = residual(b, solution, r);
    if (residual_norm > 0.5 * before) break;
    if (result.iterations >= max_iterations_ && residual_norm > target) reason = KSP_DIVERGED_ITS;
  }
  if (result.history.empty() || choice_.solver == "direct")
    result.history.insert(result.history.end(), {result.initial_norm, result.final_norm});
  check_options_were_read();
  if (!(residual_norm <= target) && !is_round_off(residual_norm, rhs_norm, b, solution)) fail(reason, result, target);
  result.solve_seconds = MPI_Wtime() - solve_start;
  return result;
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

KrylovResult KrylovSolver::Implementation::solve_all(std::span<const double> rhs, std::span<double> solution, bool use_guess,
                                                     const EnoughResidual& enough) {
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

void KrylovSolver::set_constraints(Constraints constraints) {
  implementation_->constraints_ = std::move(constraints);
}

bool KrylovSolver::needs_constraints(const SparseMatrix& matrix) const {
  const SystemTraits traits{matrix.num_global(), symmetric(), false, false, true};
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

const KrylovOptions& KrylovSolver::options() const { return implementation_->options_; }
bool KrylovSolver::symmetric() const { return implementation_->symmetric_; }

}  // namespace ansatz::linear
