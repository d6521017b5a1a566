#pragma once
/// BLAS and LAPACK as PETSc links them, with what PETSc's header leaves out. Internal to this folder.

#include <algorithm>
#include <cstddef>

#include "engine/base/petsc.hpp"
// clang-format off: it needs PETSc's types, which the line above brings.
#include <petscblaslapack.h>
// clang-format on

extern "C" {
void dgeqp3_(const PetscBLASInt* m, const PetscBLASInt* n, double* a, const PetscBLASInt* lda, PetscBLASInt* jpvt,
             double* tau, double* work, const PetscBLASInt* lwork, PetscBLASInt* info);
void dgelsd_(const PetscBLASInt* m, const PetscBLASInt* n, const PetscBLASInt* nrhs, double* a, const PetscBLASInt* lda,
             double* b, const PetscBLASInt* ldb, double* s, const double* rcond, PetscBLASInt* rank, double* work,
             const PetscBLASInt* lwork, PetscBLASInt* iwork, PetscBLASInt* info);
}

namespace ansatz::reduced::lapack {

/// \throws sdk::Error of kind solver where `n` does not fit.
inline PetscBLASInt blas_int(std::size_t n) {
  PetscBLASInt out = 0;
  const auto petsc = static_cast<PetscInt>(std::min<std::size_t>(n, PETSC_MAX_INT));
  base::petsc_check(PetscBLASIntCast(petsc, &out), "sizing a dense matrix");
  return out;
}

/// Leading dimension, which LAPACK wants to be at least 1.
inline PetscBLASInt leading(std::size_t rows) { return std::max<PetscBLASInt>(1, blas_int(rows)); }

/// \throws sdk::Error of kind internal for a wrong argument (info < 0), of kind solver where `routine` failed (info >
/// 0)
void require_success(PetscBLASInt info, const char* routine);

}  // namespace ansatz::reduced::lapack
