#pragma once
/// When a Krylov method stops: a test of the true residual for every method.

#include <vector>

#include "engine/base/petsc.hpp"

namespace ansatz::linear {

inline constexpr double divergence_limit = 1e10;  ///< of a residual norm over the first one

/// State of the convergence test within one KSPSolve, whose right-hand side has norm one.
struct Progress {
  double target = 0.0;
  double scale = 1.0;
  double first = 1.0;         ///< norm of iteration 0
  double check_below = -1.0;  ///< of a norm that is not the true one
  std::size_t stall_window =
      0;  ///< iterations that must divide the norm by 10, else the method stalls; 0: no such test
  bool stalls = false;
  std::vector<double> norms;  ///< of this solve
  std::vector<double> history;
};

/// For KSPSetConvergenceTest(); `context` is a Progress. *Collective.*
PetscErrorCode convergence_test(KSP ksp, PetscInt iteration, PetscReal norm, KSPConvergedReason* reason, void* context);

/// For KSPMonitorSet(); `context` is a Progress. Not collective.
PetscErrorCode record_norm(KSP ksp, PetscInt iteration, PetscReal norm, void* context);

}  // namespace ansatz::linear
