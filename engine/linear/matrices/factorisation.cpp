#include "engine/linear/matrices/factorisation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/base/narrow.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;

constexpr const char* factorising = "factorising a matrix";

/// Each unknown twice, one after the other.
std::shared_ptr<const Pattern> doubled(const Pattern& p) {
  auto out = std::make_shared<Pattern>();
  out->num_owned = 2 * p.num_owned;
  out->first_global = 2 * p.first_global;
  for (const auto g : p.ghost_global) out->ghost_global.insert(out->ghost_global.end(), {2 * g, 2 * g + 1});
  const auto rows = [&](const auto& offsets, const auto& columns, auto& new_offsets, auto& new_columns) {
    new_offsets.push_back(0);
    for (std::int32_t i = 0; i < p.num_owned; ++i) {
      for (int copy = 0; copy < 2; ++copy) {
        for (auto k = offsets[i]; k < offsets[i + 1]; ++k)
          new_columns.insert(new_columns.end(), {2 * columns[k], 2 * columns[k] + 1});
        new_offsets.push_back(base::narrow<PetscInt>(new_columns.size(), "entries of the doubled matrix on one rank"));
      }
    }
  };
  rows(p.diag_offsets, p.diag_columns, out->diag_offsets, out->diag_columns);
  rows(p.ghost_offsets, p.ghost_columns, out->ghost_offsets, out->ghost_columns);
  return out;
}

}  // namespace

Factorisation::Factorisation(const SparseMatrix& A, const FactorisationOptions& options)
    : comm_(A.comm()),
      b_(base::vector_without_storage(A.comm().get(), A.pattern().num_owned)),
      x_(base::vector_without_storage(A.comm().get(), A.pattern().num_owned)) {
  base::MatHandle copy;
  Mat matrix = A.get();
  if (options.symmetric) {
    petsc_check(MatDuplicate(A.get(), MAT_COPY_VALUES, copy.put()), factorising);
    petsc_check(MatSetOption(copy.get(), MAT_SYMMETRIC, PETSC_TRUE), factorising);
    matrix = copy.get();
  }
  const auto type = options.symmetric ? MAT_FACTOR_CHOLESKY : MAT_FACTOR_LU;
  petsc_check(MatGetFactor(matrix, MATSOLVERMUMPS, type, factor_.put()), factorising);
  petsc_check(MatMumpsSetIcntl(factor_.get(), 14, 60), factorising);
  if (options.symmetric || options.determinant)  // else what is in the root is not counted
    petsc_check(MatMumpsSetIcntl(factor_.get(), 13, 1), factorising);
  if (options.determinant) petsc_check(MatMumpsSetIcntl(factor_.get(), 33, 1), factorising);
  MatFactorInfo info;
  petsc_check(MatFactorInfoInitialize(&info), factorising);
  if (options.symmetric) {
    petsc_check(MatCholeskyFactorSymbolic(factor_.get(), matrix, nullptr, &info), factorising);
    petsc_check(MatCholeskyFactorNumeric(factor_.get(), matrix, &info), factorising);
  } else {
    petsc_check(MatLUFactorSymbolic(factor_.get(), matrix, nullptr, nullptr, &info), factorising);
    petsc_check(MatLUFactorNumeric(factor_.get(), matrix, &info), factorising);
  }
  MatFactorError failed = MAT_FACTOR_NOERROR;
  petsc_check(MatFactorGetError(factor_.get(), &failed), factorising);
  if (failed == MAT_FACTOR_NOERROR) return;
  if (failed == MAT_FACTOR_OUTMEMORY) {
    throw sdk::Error(sdk::ErrorKind::solver, "the factors of a matrix need more memory than there is",
                     "linear::Factorisation", "use more nodes, or a coarser mesh");
  }
  throw SingularMatrix("a matrix could not be factorised");
}

Determinant Factorisation::determinant() const {
  PetscReal mantissa = 0.0;
  PetscInt exponent = 0;
  petsc_check(MatMumpsGetRinfog(factor_.get(), 12, &mantissa), "asking for a determinant");
  petsc_check(MatMumpsGetInfog(factor_.get(), 34, &exponent), "asking for a determinant");
  std::array<double, 2> parts{mantissa, static_cast<double>(exponent)};  // det A = mantissa 2^exponent, of rank 0
  comm_.broadcast(parts.data(), sizeof parts);
  const double size = std::abs(parts[0]);
  if (!(size > 0.0 && std::isfinite(size))) {
    throw SingularMatrix("a matrix has the determinant 0");
  }
  return {std::log(size) + std::numbers::ln2 * parts[1], parts[0] < 0.0 ? -1 : 1};
}

std::int64_t Factorisation::num_negative() const {
  // MatGetInertia() wants null pivots to be replaced, which would hide that a matrix is singular.
  PetscInt negative = 0;
  petsc_check(MatMumpsGetInfog(factor_.get(), 12, &negative), "counting negative eigenvalues");
  comm_.broadcast(&negative, sizeof negative);
  return negative;
}

void Factorisation::solve(std::span<const double> b, std::span<double> x) const {
  const base::PlacedArray from(b_.get(), b.data()), to(x_.get(), x.data());
  petsc_check(MatSolve(factor_.get(), b_.get(), x_.get()), "solving with a factorised matrix");
}

void Factorisation::solve_transposed(std::span<const double> b, std::span<double> x) const {
  const base::PlacedArray from(b_.get(), b.data()), to(x_.get(), x.data());
  petsc_check(MatSolveTranspose(factor_.get(), b_.get(), x_.get()), "solving with a factorised matrix");
}

std::unique_ptr<SparseMatrix> doubled(const SparseMatrix& A, const SparseMatrix& transpose, const SparseMatrix& X,
                                      double diagonal, std::span<const std::uint8_t> constrained, double on_diagonal) {
  const auto& p = A.pattern();
  auto out = std::make_unique<SparseMatrix>(A.comm(), doubled(p), 1);
  out->begin_values();
  const auto fill = [&](const auto& offsets, std::span<const double> a, std::span<const double> t,
                        std::span<const double> x, std::span<double> to) {
    std::size_t at = 0;
    for (std::int32_t i = 0; i < p.num_owned; ++i) {
      for (auto k = offsets[i]; k < offsets[i + 1]; ++k, at += 2) {
        to[at] = diagonal * x[k];
        to[at + 1] = t[k];
      }
      for (auto k = offsets[i]; k < offsets[i + 1]; ++k, at += 2) {
        to[at] = a[k];
        to[at + 1] = diagonal * x[k];
      }
    }
  };
  fill(p.diag_offsets, A.diagonal_values(), transpose.diagonal_values(), X.diagonal_values(), out->diagonal_values());
  fill(p.ghost_offsets, A.ghost_values(), transpose.ghost_values(), X.ghost_values(), out->ghost_values());
  for (std::int32_t i = 0; i < p.num_owned; ++i) {
    if (constrained[i] == 0) continue;
    const auto k = p.diagonal_position(i), first = std::size_t(4) * p.diag_offsets[i],
               length = std::size_t(2) * (p.diag_offsets[i + 1] - p.diag_offsets[i]);
    const auto place = first + 2 * (k - p.diag_offsets[i]);
    auto values = out->diagonal_values();
    values[place] = values[place + length + 1] = diagonal;
    values[place + 1] = values[place + length] = on_diagonal;
  }
  out->end_values();
  return out;
}

}  // namespace ansatz::linear
