#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/linear/solvers/krylov_implementation.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

constexpr std::size_t stall_window = 100;  // iterations

const char* ksp_type(const std::string& solver) {
  if (solver == "cg") return KSPCG;
  if (solver == "minres") return KSPMINRES;
  if (solver == "gmres") return KSPGMRES;
  if (solver == "fgmres") return KSPFGMRES;
  if (solver == "richardson") return KSPRICHARDSON;
  return KSPPREONLY;
}

}  // namespace

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
/// corrections are 0, are seen by aggregation on its coarse levels and by the pivots of factorisations, so there they
/// have the largest diagonal of the other rows, as a power of two: a 1 means something else in any other units.
/// *Collective.*
const SparseMatrix& KrylovSolver::Implementation::matrix_of_method() {
  const bool any_lone = comm_.max(std::int64_t{lone_rows_.empty() ? 0 : 1}) != 0;
  scales_.reset();
  if (fields_.count > 1 && null_space_.empty()) scales_ = field_scales(*matrix_, fields_, lone_rows_, symmetric_);
  if (!scales_ && (choice_.preconditioner != "gamg" || !any_lone)) {
    rescaled_.reset();
    return *matrix_;
  }
  const auto& pattern = matrix_->pattern();
  rescaled_.emplace(comm_, std::shared_ptr<const Pattern>(std::shared_ptr<const Pattern>(), &pattern),
                    matrix_->block_size());
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
  petsc_check(MatSetOption(rescaled_->get(), MAT_SYMMETRIC, symmetric_ ? PETSC_TRUE : PETSC_FALSE),
              "declaring symmetry");
  near_null_space_.attach_near(*rescaled_);
  null_space_.attach(*rescaled_, symmetric_);
  return *rescaled_;
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
    database_->insert_defaults(
        "-schur_pc_hypre_boomeramg_max_iter 2 -ksp_gmres_restart 200 "
        "-ksp_gmres_cgs_refinement_type refine_ifneeded");
    // In 3-D, with few cells across and cell Peclet numbers of ten, that multigrid is worse than an incomplete
    // factorisation on each rank, and fails on coarse tetrahedra: cylinder in a duct, 9570 unknowns, Newton steps 1 to
    // 3: 75, 102 and no convergence, against 93, 63 and 46 iterations; 61, 49 and 37 with an exact solve.
    database_->insert_defaults(dimension_ == 3 ? "-primary_pc_type bjacobi -primary_sub_pc_type ilu "
                                                 "-primary_sub_pc_factor_mat_ordering_type rcm"
                                               : "-primary_pc_hypre_boomeramg_restriction_type 2");
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
  if (choice_.solver == "cg" || choice_.solver == "richardson")
    petsc_check(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED), "choosing a norm");
  PC pc = nullptr;
  petsc_check(KSPGetPC(ksp, &pc), "getting the preconditioner");
  const std::string& name = choice_.preconditioner;
  if (name == "mumps") {
    set_factorisation(pc);
  } else if (offered_) {
    offered_->attach(pc);
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
  choice_ = has_taken_over_ ? SolverChoice{"direct", "mumps", true} : choose(options_, traits(*matrix_));
  check_preconditioner(choice_.preconditioner, constraints_ && constraints_->mass != nullptr);
  set_default_options();

  near_null_space_.attach_near(*matrix_);
  null_space_.attach(*matrix_, symmetric_);
  petsc_check(KSPCreate(comm_.get(), ksp_.put()), "creating a linear solver");
  KSP ksp = ksp_.get();
  find_lone_rows();
  const auto& used = matrix_of_method();
  const Mat system = used.get();
  if (offered_) offered_->set_up(used, symmetric_, lone_rows_);
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
  progress_.stall_window = may_take_over() && choice_.preconditioner == "pcd" ? stall_window : 0;
  note_what_is_used();
}

/// Only for a choice of our own, of a matrix that is not singular.
bool KrylovSolver::Implementation::may_take_over() const {
  const bool is_chosen = options_.solver.empty() && options_.preconditioner.empty();
  return is_chosen && choice_.solver != "direct" && null_space_.empty() && !too_much_;
}

/// The direct solver for a chosen one that failed, from now on. \returns whether it does.
bool KrylovSolver::Implementation::take_over(KSPConvergedReason reason) {
  if (!may_take_over()) return false;
  const auto predicted = predicted_factor(comm_, matrix_->get(), symmetric_);
  if (!predicted.fits()) {
    too_much_ = predicted;
    return false;
  }
  notes_.push_back(
      fmt::format("linear solver {}: {}; the direct one takes over, which needs {:.2g} GB of {:.2g} GB free memory",
                  description(), failure(reason).reason, 1e-9 * predicted.needed, 1e-9 * predicted.free));
  has_taken_over_ = true;
  spaces_changed_ = true;  // so that it is set up
  return true;
}

void KrylovSolver::Implementation::note_what_is_used() {
  const auto text = description();
  if (text == noted_) return;
  notes_.push_back("linear solver: " + text);
  noted_ = text;
}

void KrylovSolver::Implementation::note_failed_knobs(KSPConvergedReason reason) {
  if (std::exchange(noted_knobs_, true)) return;
  notes_.push_back(fmt::format("linear solver {} with {}: {}; such solves are repeated with the knobs' initial values",
                               description(), offered_->knobs_text(), failure(reason).reason));
}

SystemTraits KrylovSolver::Implementation::traits(const SparseMatrix& matrix) const {
  return {dimension_,
          matrix.num_global(),
          matrix.num_nonzeros(),
          symmetric_,
          matrix.block_size() > 1 || !near_null_space_.empty(),
          !null_space_.empty(),
          constraints_.has_value(),
          constraints_ && constraints_->mass != nullptr,
          offered_ ? std::optional(offered_->traits()) : std::nullopt};
}

KrylovSolver::Implementation::Implementation(const base::Communicator& comm, KrylovOptions options, bool symmetric)
    : comm_(comm), options_(std::move(options)), symmetric_(symmetric), weak_modes_(comm) {
  base::agree(comm_, [&] {
    check(options_);
    database_.emplace(options_.petsc);
  });
  if (options_.make_preconditioner) offered_.emplace(comm_, options_);
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
                           : std::string(preconditioner) == PCSHELL   ? choice_.preconditioner
                           : std::string(preconditioner) == PCBJACOBI ? "ilu on each rank"
                                                                      : preconditioner;
  std::string text = std::string(solver) == KSPPREONLY ? "direct, " + name : std::string(solver) + " with " + name;
  if (mumps && comm_.size() > 1) text += " (on several ranks equal runs and restarts agree to 1e-10, not bit by bit)";
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

}  // namespace ansatz::linear
