#include "engine/linear/solvers/symmetric_pair.hpp"

#include <fmt/format.h>
#include <slepceps.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/linear/matrices/vector.hpp"
#include "engine/linear/solvers/krylov_options.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using EpsHandle = base::Handle<EPS, EPSDestroy>;

constexpr double relative_gap = 1e-3;  // of the shift to the eigenvalue, in units of the scale
constexpr double uncertainty = 1e-10;  // of the eigenvalue, in units of the scale
constexpr double enough = 1e-8;        // the same; above, it is tried again from a nearer shift
constexpr double first_tolerance = 1e-3, last_tolerance = 1e-9;  // of eigenvectors
constexpr int subspace = 12;
constexpr int most_restarts = 30;
constexpr int most_shifts = 12;
/// Above 10,000 unknowns MUMPS would order by PORD instead of AMF, which takes longer than it saves of the
/// factorisation up to here: 20,000 unknowns in 2D 0.16 + 0.03 s against 0.01 + 0.03 s, 47,000 in 3D 0.4 + 0.5 s
/// against 0.05 + 0.7 s.
constexpr std::int64_t largest_by_amf = 50'000;

/// Position of an entry in a pattern's row, -1 if it is not there; `ghost` says in which part.
std::ptrdiff_t position(const Pattern& pattern, std::int32_t row, std::int64_t column, bool& ghost) {
  const auto find = [](const auto& columns, PetscInt first, PetscInt last, PetscInt wanted) -> std::ptrdiff_t {
    const auto at = std::lower_bound(columns.begin() + first, columns.begin() + last, wanted);
    return at == columns.begin() + last || *at != wanted ? -1 : at - columns.begin();
  };
  ghost = column < pattern.first_global || column >= pattern.first_global + pattern.num_owned;
  if (!ghost) {
    return find(pattern.diag_columns, pattern.diag_offsets[row], pattern.diag_offsets[row + 1],
                static_cast<PetscInt>(column - pattern.first_global));
  }
  const auto at = std::lower_bound(pattern.ghost_global.begin(), pattern.ghost_global.end(), column);
  if (at == pattern.ghost_global.end() || *at != column) return -1;
  return find(pattern.ghost_columns, pattern.ghost_offsets[row], pattern.ghost_offsets[row + 1],
              static_cast<PetscInt>(at - pattern.ghost_global.begin()));
}

void add_row(Mat matrix, std::int32_t row, SparseMatrix& out) {
  const auto& pattern = out.pattern();
  const auto global = static_cast<PetscInt>(pattern.first_global + row);
  PetscInt count = 0;
  const PetscInt* columns = nullptr;
  const PetscScalar* values = nullptr;
  petsc_check(MatGetRow(matrix, global, &count, &columns, &values), "reading a row of a matrix");
  bool complete = true;
  for (PetscInt k = 0; k < count; ++k) {
    bool ghost = false;
    const auto at = position(pattern, row, columns[k], ghost);
    if (at >= 0) {
      (ghost ? out.ghost_values() : out.diagonal_values())[at] += values[k];
    } else {
      complete &= values[k] == 0.0;
    }
  }
  petsc_check(MatRestoreRow(matrix, global, &count, &columns, &values), "reading a row of a matrix");
  if (!complete)
    throw sdk::Error(sdk::ErrorKind::internal, "the pattern of a matrix is not symmetric", "symmetric_part");
}

/// The residual of a pair relative to its value; from the last restart on all is good enough.
PetscErrorCode ends_in_time(EPS eps, PetscScalar value, PetscScalar /*imaginary*/, PetscReal residual, PetscReal* error,
                            void* /*context*/) {
  PetscInt restarts = 0;
  PetscFunctionBegin;
  PetscCall(EPSGetIterationNumber(eps, &restarts));
  *error = restarts >= most_restarts - 1 ? 0.0 : value == 0.0 ? residual : residual / std::abs(value);
  PetscFunctionReturn(0);
}

/// A v = lambda B v with B = LU, by Krylov-Schur for the symmetric problem. Where eigenvalues lie too close to each
/// other to be told apart in `most_restarts` it ends with the best vector so far.
class Krylov {
 public:
  Krylov(const SparseMatrix& A, const SparseMatrix& B, double tolerance) : A_(A) {
    petsc_check(EPSCreate(A.comm().get(), eps_.put()), "creating an eigenvalue solver");
    petsc_check(EPSSetOperators(eps_.get(), A.get(), B.get()), "setting up an eigenvalue solver");
    petsc_check(EPSSetProblemType(eps_.get(), EPS_GHEP), "setting up an eigenvalue solver");
    petsc_check(EPSSetType(eps_.get(), EPSKRYLOVSCHUR), "setting up an eigenvalue solver");
    const auto size = static_cast<PetscInt>(std::min<std::int64_t>(subspace, A.num_global()));
    petsc_check(EPSSetDimensions(eps_.get(), 1, size, PETSC_DEFAULT), "setting up an eigenvalue solver");
    petsc_check(EPSSetTolerances(eps_.get(), tolerance, most_restarts), "setting up an eigenvalue solver");
    petsc_check(EPSSetConvergenceTestFunction(eps_.get(), ends_in_time, nullptr, nullptr),
                "setting up an eigenvalue solver");
    ST transformation = nullptr;
    KSP ksp = nullptr;
    PC pc = nullptr;
    petsc_check(EPSGetST(eps_.get(), &transformation), "setting up an eigenvalue solver");
    petsc_check(STSetType(transformation, STSHIFT), "setting up an eigenvalue solver");
    petsc_check(STGetKSP(transformation, &ksp), "setting up an eigenvalue solver");
    petsc_check(KSPSetType(ksp, KSPPREONLY), "setting up an eigenvalue solver");
    petsc_check(KSPGetPC(ksp, &pc), "setting up an eigenvalue solver");
    petsc_check(PCSetType(pc, PCLU), "setting up an eigenvalue solver");
    petsc_check(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS), "setting up an eigenvalue solver");
  }

  /// Eigenvector of the largest eigenvalue (or that of largest size), and the eigenvalue.
  double largest(EPSWhich which, std::span<const double> start, std::vector<double>& vector) {
    petsc_check(EPSSetWhichEigenpairs(eps_.get(), which), "setting up an eigenvalue solver");
    auto x = base::vector_without_storage(A_.comm().get(), static_cast<PetscInt>(start.size()));
    {
      const base::PlacedArray placed(x.get(), start.data());
      Vec first = x.get();
      petsc_check(EPSSetInitialSpace(eps_.get(), 1, &first), "setting up an eigenvalue solver");
      petsc_check(EPSSolve(eps_.get()), "solving an eigenvalue problem");
    }
    PetscInt found = 0;
    petsc_check(EPSGetConverged(eps_.get(), &found), "solving an eigenvalue problem");
    if (found == 0) {
      throw sdk::Error(sdk::ErrorKind::solver, "the iteration for an extreme eigenvalue did not converge",
                       "smallest_eigenvalue", "choose an inner product that is closer to the matrix");
    }
    vector.assign(start.size(), 0.0);
    double value = 0.0;
    const base::PlacedArray placed(x.get(), vector.data());
    petsc_check(EPSGetEigenpair(eps_.get(), 0, &value, nullptr, x.get(), nullptr), "solving an eigenvalue problem");
    return value;
  }

 private:
  const SparseMatrix& A_;
  EpsHandle eps_;
};

double quotient(const SparseMatrix& A, const SparseMatrix& B, std::span<const double> v) {
  std::vector<double> Av(v.size()), Bv(v.size());
  A.multiply(v, Av);
  B.multiply(v, Bv);
  return dot(A.comm(), v, Av) / dot(A.comm(), v, Bv);
}

}  // namespace

std::unique_ptr<SparseMatrix> symmetric_part(const SparseMatrix& A) {
  base::MatHandle transpose;
  petsc_check(MatTranspose(A.get(), MAT_INITIAL_MATRIX, transpose.put()), "transposing a matrix");
  auto out = std::make_unique<SparseMatrix>(A.comm(), A.shared_pattern(), A.block_size());
  out->begin_values();
  std::ranges::copy(A.diagonal_values(), out->diagonal_values().begin());
  std::ranges::copy(A.ghost_values(), out->ghost_values().begin());
  base::agree(A.comm(), [&] {
    for (std::int32_t row = 0; row < A.pattern().num_owned; ++row) add_row(transpose.get(), row, *out);
  });
  for (double& value : out->diagonal_values()) value *= 0.5;
  for (double& value : out->ghost_values()) value *= 0.5;
  out->end_values();
  return out;
}

void combine(std::span<const double> factors, std::span<const SparseMatrix* const> matrices,
             std::span<const std::uint8_t> constrained, double diagonal, SparseMatrix& out) {
  out.begin_values();
  std::ranges::fill(out.diagonal_values(), 0.0);
  std::ranges::fill(out.ghost_values(), 0.0);
  for (std::size_t k = 0; k < factors.size(); ++k) {
    add_scaled(factors[k], matrices[k]->diagonal_values(), out.diagonal_values());
    add_scaled(factors[k], matrices[k]->ghost_values(), out.ghost_values());
  }
  for (std::int32_t i = 0; i < out.pattern().num_owned; ++i) {
    if (constrained[i] != 0) out.diagonal_values()[out.pattern().diagonal_position(i)] = diagonal;
  }
  out.end_values();
}

std::int64_t num_negative_eigenvalues(const SparseMatrix& A) {
  base::MatHandle copy, factor;
  petsc_check(MatDuplicate(A.get(), MAT_COPY_VALUES, copy.put()), "copying a matrix");
  petsc_check(MatSetOption(copy.get(), MAT_SYMMETRIC, PETSC_TRUE), "counting negative eigenvalues");
  petsc_check(MatGetFactor(copy.get(), MATSOLVERMUMPS, MAT_FACTOR_CHOLESKY, factor.put()),
              "counting negative eigenvalues");
  petsc_check(MatMumpsSetIcntl(factor.get(), 13, 1),
              "counting negative eigenvalues");  // else pivots of the root are not counted
  petsc_check(MatMumpsSetIcntl(factor.get(), 24, 1), "counting negative eigenvalues");  // null pivots are found
  const OptionsDatabase options(A.num_global() <= largest_by_amf ? "-mat_mumps_icntl_7 2" : "");
  const OptionsDatabase::Scope scope(options);
  MatFactorInfo info;
  petsc_check(MatFactorInfoInitialize(&info), "counting negative eigenvalues");
  petsc_check(MatCholeskyFactorSymbolic(factor.get(), copy.get(), nullptr, &info), "counting negative eigenvalues");
  petsc_check(MatCholeskyFactorNumeric(factor.get(), copy.get(), &info), "counting negative eigenvalues");
  MatFactorError failed = MAT_FACTOR_NOERROR;
  petsc_check(MatFactorGetError(factor.get(), &failed), "counting negative eigenvalues");
  if (failed != MAT_FACTOR_NOERROR && failed != MAT_FACTOR_NUMERIC_ZEROPIVOT) {
    throw sdk::Error(sdk::ErrorKind::solver, "a matrix could not be factorised to count its negative eigenvalues",
                     "num_negative_eigenvalues", "it may need more memory than there is: use a coarser mesh");
  }
  PetscInt negative = 0, zero = 0, positive = 0;
  petsc_check(MatGetInertia(factor.get(), &negative, &zero, &positive), "counting negative eigenvalues");
  return negative;
}

bool is_positive_definite(const SparseMatrix& A) {
  constexpr double least = 1e-13;
  SparseMatrix shifted(A.comm(), A.shared_pattern(), A.block_size());
  shifted.begin_values();
  std::ranges::copy(A.diagonal_values(), shifted.diagonal_values().begin());
  std::ranges::copy(A.ghost_values(), shifted.ghost_values().begin());
  bool positive = true;
  for (std::int32_t i = 0; i < A.pattern().num_owned; ++i) {
    double& diagonal = shifted.diagonal_values()[A.pattern().diagonal_position(i)];
    positive = positive && diagonal > 0.0;
    diagonal *= 1.0 - least;
  }
  shifted.end_values();
  return A.comm().max(std::int64_t{!positive}) == 0 && num_negative_eigenvalues(shifted) == 0;
}

SmallestEigenvalue smallest_eigenvalue(const SparseMatrix& A, const SparseMatrix& B, double scale, double below,
                                       std::span<const double> start) {
  SparseMatrix shifted(A.comm(), A.shared_pattern(), A.block_size());
  const std::array matrices{&A, &B};
  const std::vector<std::uint8_t> none(start.size(), 0);
  const auto set_shift = [&](double shift) { combine(std::array{1.0, -shift}, matrices, none, 0.0, shifted); };
  const auto is_below = [&](double shift) {
    set_shift(shift);
    return num_negative_eigenvalues(shifted) == 0;
  };
  double shift = below;
  for (double step = scale; !is_below(shift); step *= 2.0) {
    if (!(step < 1e12 * scale)) {
      throw sdk::Error(sdk::ErrorKind::solver, "no number below all eigenvalues was found", "smallest_eigenvalue",
                       "the inner product must be positive definite");
    }
    shift -= step;
  }
  SmallestEigenvalue out;
  out.vector.assign(start.begin(), start.end());
  double width = std::numeric_limits<double>::infinity();
  for (int k = 0; k < most_shifts; ++k) {
    // B v = nu (A - shift B) v with nu = 1 / (lambda - shift), largest for the smallest lambda.
    const auto guess = out.vector;
    set_shift(shift);
    Krylov(B, shifted, k == 0 ? first_tolerance : last_tolerance).largest(EPS_LARGEST_REAL, guess, out.vector);
    out.value = quotient(A, B, out.vector);
    // The next shift is near to the eigenvalue also in units of its distance to this one: others may be as near.
    double gap = k == 0 ? relative_gap * std::min(scale, out.value - shift) : uncertainty * scale;
    while (gap < out.value - shift && !is_below(out.value - gap)) gap *= k == 0 ? 4.0 : 10.0;
    shift = std::max(shift, out.value - gap);
    const bool is_narrower = out.value - shift < 0.5 * width;
    width = out.value - shift;
    if (k > 0 && (width <= enough * scale || !is_narrower)) break;
  }
  out.lower = shift;
  return out;
}

double spectral_radius(const SparseMatrix& A, const SparseMatrix& B, std::span<const double> start) {
  std::vector<double> vector;
  return std::abs(Krylov(A, B, 1e-2).largest(EPS_LARGEST_MAGNITUDE, start, vector));
}

}  // namespace ansatz::linear
