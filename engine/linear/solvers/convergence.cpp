#include "engine/linear/solvers/convergence.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

namespace ansatz::linear {
namespace {

using base::petsc_check;

constexpr double least_reduction = 0.1;  // over the window

double true_residual_norm(KSP ksp) {
  base::VecHandle residual;
  double norm = 0.0;
  petsc_check(KSPBuildResidual(ksp, nullptr, nullptr, residual.put()), "computing a residual");
  petsc_check(VecNorm(residual.get(), NORM_2, &norm), "computing a residual norm");
  return norm;
}

bool measures_true_residual(KSP ksp) {
  KSPNormType type = KSP_NORM_DEFAULT;
  KSPGetNormType(ksp, &type);
  return type == KSP_NORM_UNPRECONDITIONED;
}

/// Tests the true residual: at each iteration where the method computes it, otherwise whenever its own norm suggests
/// it.
bool has_converged(KSP ksp, double norm, Progress& progress) {
  if (measures_true_residual(ksp)) return norm <= progress.target;
  if (norm > progress.check_below) return false;
  const double true_norm = true_residual_norm(ksp);
  if (true_norm <= progress.target) return true;
  progress.check_below = norm * std::clamp(progress.target / true_norm, 0.1, 0.9);
  return false;
}

bool stalls(const Progress& progress) {
  const auto& norms = progress.norms;
  const auto window = progress.stall_window;
  return window > 0 && norms.size() > window && norms.back() > least_reduction * norms[norms.size() - 1 - window];
}

}  // namespace

PetscErrorCode convergence_test(KSP ksp, PetscInt iteration, PetscReal norm, KSPConvergedReason* reason,
                                void* context) {
  auto& progress = *static_cast<Progress*>(context);
  *reason = KSP_CONVERGED_ITERATING;
  try {
    if (iteration == 0) {
      progress.first = norm;
      progress.check_below = progress.target * norm;
    }
    progress.norms.push_back(norm);
    if (!std::isfinite(norm)) {
      *reason = KSP_DIVERGED_NANORINF;
    } else if (has_converged(ksp, norm, progress)) {
      *reason = KSP_CONVERGED_RTOL;
    } else if (norm > divergence_limit * progress.first) {
      *reason = KSP_DIVERGED_DTOL;
    } else if (stalls(progress)) {
      progress.stalls = true;
      *reason = KSP_DIVERGED_ITS;
    }
  } catch (const std::exception&) {
    return PETSC_ERR_LIB;
  }
  return 0;
}

PetscErrorCode record_norm(KSP, PetscInt, PetscReal norm, void* context) {
  auto& progress = *static_cast<Progress*>(context);
  progress.history.push_back(norm * progress.scale);
  return 0;
}

}  // namespace ansatz::linear
