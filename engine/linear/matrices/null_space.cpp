#include "engine/linear/matrices/null_space.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "engine/linear/matrices/vector.hpp"

namespace ansatz::linear {
namespace {

using base::petsc_check;
using sdk::Error;
using sdk::ErrorKind;

constexpr double dependent = 1e-8;  // of what orthogonalisation leaves of a vector
constexpr double not_null = 1e-8;   // of || A n || over || |A| |n| ||

std::string percent(double ratio) { return fmt::format("{:.3g} %", 100.0 * ratio); }

}  // namespace

Modes::Modes(const base::Communicator& comm, std::vector<std::vector<double>> vectors) : comm_(comm) {
  for (auto& vector : vectors) {
    const double size = norm(comm, vector);
    if (!std::isfinite(size)) {
      throw Error(ErrorKind::not_finite, "a vector of a null space is not finite", "null space");
    }
    // Twice is enough: the second pass removes what round-off left in the first.
    for (int pass = 0; pass < 2; ++pass) {
      for (const auto& earlier : basis_) add_scaled(-dot(comm, earlier, vector), earlier, vector);
    }
    const double left = norm(comm, vector);
    if (left <= dependent * size) continue;
    for (double& value : vector) value /= left;
    basis_.push_back(std::move(vector));
  }
}

base::NullSpaceHandle Modes::petsc(const SparseMatrix& matrix) const {
  base::NullSpaceHandle space;
  if (basis_.empty()) return space;
  const auto num_owned = static_cast<std::size_t>(matrix.pattern().num_owned);
  base::agree(*comm_, [&] {
    for (const auto& vector : basis_) {
      if (vector.size() != num_owned) {
        throw Error(ErrorKind::internal, "a vector of a null space has another length than the matrix", "null space");
      }
    }
  });
  std::vector<base::VecHandle> handles(basis_.size());
  std::vector<Vec> vectors;
  for (std::size_t k = 0; k < basis_.size(); ++k) {
    petsc_check(MatCreateVecs(matrix.get(), handles[k].put(), nullptr), "creating a vector");
    double* values = nullptr;
    petsc_check(VecGetArrayWrite(handles[k].get(), &values), "filling a vector");
    std::copy(basis_[k].begin(), basis_[k].end(), values);
    petsc_check(VecRestoreArrayWrite(handles[k].get(), &values), "filling a vector");
    vectors.push_back(handles[k].get());
  }
  petsc_check(MatNullSpaceCreate(matrix.comm().get(), PETSC_FALSE, static_cast<PetscInt>(vectors.size()),
                                 vectors.data(), space.put()),
              "creating a null space");
  return space;
}

void Modes::attach_near(const SparseMatrix& matrix) const {
  const auto space = petsc(matrix);
  petsc_check(MatSetNearNullSpace(matrix.get(), space.get()), "declaring a near-null space");
}

void Modes::attach(const SparseMatrix& matrix, bool symmetric) const {
  const auto space = petsc(matrix);
  petsc_check(MatSetNullSpace(matrix.get(), space.get()), "declaring a null space");
  petsc_check(MatSetTransposeNullSpace(matrix.get(), symmetric ? space.get() : nullptr), "declaring a null space");
  std::vector<double> image(matrix.pattern().num_owned);
  for (std::size_t k = 0; k < basis_.size(); ++k) {
    matrix.multiply(basis_[k], image);
    const double size = norm(*comm_, image);
    matrix.multiply_absolute(basis_[k], image);
    const double terms = norm(*comm_, image);
    if (size <= not_null * terms) continue;
    throw Error(ErrorKind::solver,
                "vector " + std::to_string(k + 1) +
                    " of the declared null space does not belong to it: the matrix keeps " + percent(size / terms) +
                    " of it",
                "null space",
                "declare a null space only where boundary conditions leave it, such as constants without "
                "any Dirichlet condition");
  }
}

double Modes::remove_from(std::span<double> vector, double largest) const {
  if (basis_.empty()) return 0.0;
  const double size = norm(*comm_, vector);
  double removed = 0.0;
  for (const auto& mode : basis_) {
    const double part = dot(*comm_, mode, vector);
    add_scaled(-part, mode, vector);
    removed += part * part;
  }
  if (size == 0.0) return 0.0;
  const double ratio = std::sqrt(removed) / size;
  if (largest >= 0.0 && ratio > largest) {
    throw Error(
        ErrorKind::solver,
        "the singular system has no solution: " + percent(ratio) + " of the right-hand side lies in its null space",
        "null space", "sources and boundary fluxes must balance where no boundary condition fixes the solution");
  }
  return ratio;
}

}  // namespace ansatz::linear
