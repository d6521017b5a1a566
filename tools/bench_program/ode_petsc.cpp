#include <petscts.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "tools/bench_program/ode_problems.hpp"

namespace ansatz::bench {
namespace {

constexpr PetscInt most_steps = 50000;

struct Context {
  const OdeProblem* problem;
  std::vector<double> jacobian;
  std::int64_t evaluations = 0, jacobians = 0;
};

void check(PetscErrorCode code) {
  if (code != 0) throw sdk::Error(sdk::ErrorKind::solver, "PETSc TS failed");
}

/// F = u' - f(t, u): what PETSc's implicit and linearly implicit methods take.
PetscErrorCode equation(TS, PetscReal t, Vec u, Vec rate, Vec F, void* pointer) {
  auto& context = *static_cast<Context*>(pointer);
  const PetscScalar *y, *dy;
  PetscScalar* out;
  VecGetArrayRead(u, &y);
  VecGetArrayRead(rate, &dy);
  VecGetArray(F, &out);
  const auto n = context.problem->system->size();
  context.problem->system->f(t, {y, n}, sdk::Part::all, {out, n});
  for (std::size_t i = 0; i < n; ++i) out[i] = dy[i] - out[i];
  ++context.evaluations;
  VecRestoreArrayRead(u, &y);
  VecRestoreArrayRead(rate, &dy);
  VecRestoreArray(F, &out);
  return 0;
}

/// shift I - df/du.
PetscErrorCode jacobian(TS, PetscReal t, Vec u, Vec, PetscReal shift, Mat, Mat P, void* pointer) {
  auto& context = *static_cast<Context*>(pointer);
  const auto& system = *context.problem->system;
  const int n = static_cast<int>(system.size());
  const bool banded = system.banded();
  const int lower = banded ? system.info().band->lower : n - 1, upper = banded ? system.info().band->upper : n - 1;
  const int height = banded ? lower + upper + 1 : n;
  const PetscScalar* y;
  VecGetArrayRead(u, &y);
  context.jacobian.resize(std::size_t(n) * height);
  system.jacobian(t, {y, std::size_t(n)}, sdk::Part::all, context.jacobian);
  ++context.jacobians;
  VecRestoreArrayRead(u, &y);
  for (int j = 0; j < n; ++j) {
    for (int i = std::max(0, j - upper); i <= std::min(n - 1, j + lower); ++i) {
      const double value =
          (i == j ? shift : 0.0) - context.jacobian[std::size_t(j) * height + (banded ? upper + i - j : i)];
      if (value != 0.0 || i == j || n < 20) MatSetValue(P, i, j, value, INSERT_VALUES);
    }
  }
  MatAssemblyBegin(P, MAT_FINAL_ASSEMBLY);
  MatAssemblyEnd(P, MAT_FINAL_ASSEMBLY);
  return 0;
}

}  // namespace

OdeRun solve_by_petsc(const OdeProblem& problem, const std::string& type, double tolerance) {
  Context context{&problem, {}};
  const int n = static_cast<int>(problem.system->size());
  TS ts;
  Vec u, absolute, relative;
  Mat J;
  check(VecCreateSeq(PETSC_COMM_SELF, n, &u));
  check(VecDuplicate(u, &absolute));
  check(VecDuplicate(u, &relative));
  for (int i = 0; i < n; ++i) {
    VecSetValue(u, i, problem.system->info().initial[i], INSERT_VALUES);
    VecSetValue(absolute, i, problem.floor[i] * tolerance, INSERT_VALUES);
    VecSetValue(relative, i, tolerance, INSERT_VALUES);
  }
  for (Vec v : {u, absolute, relative}) {
    VecAssemblyBegin(v);
    VecAssemblyEnd(v);
  }
  check(MatCreateSeqAIJ(PETSC_COMM_SELF, n, n, n < 20 ? n : 5, nullptr, &J));
  MatSetOption(J, MAT_NEW_NONZERO_ALLOCATION_ERR, PETSC_FALSE);
  const double begin = MPI_Wtime();
  check(TSCreate(PETSC_COMM_SELF, &ts));
  TSSetProblemType(ts, TS_NONLINEAR);
  if (type == "rosw") {
    TSSetType(ts, TSROSW);
    TSRosWSetType(ts, TSROSWRA34PW2);
  } else if (type == "arkimex") {
    TSSetType(ts, TSARKIMEX);
    TSARKIMEXSetType(ts, TSARKIMEX4);
    TSARKIMEXSetFullyImplicit(ts, PETSC_TRUE);
  } else {
    TSSetType(ts, TSBDF);
    TSBDFSetOrder(ts, 4);
  }
  TSSetIFunction(ts, nullptr, equation, &context);
  TSSetIJacobian(ts, J, J, jacobian, &context);
  TSSetMaxTime(ts, problem.end);
  TSSetMaxSteps(ts, most_steps);
  TSSetExactFinalTime(ts, TS_EXACTFINALTIME_MATCHSTEP);
  TSSetMaxStepRejections(ts, -1);
  TSSetMaxSNESFailures(ts, -1);
  TSSetTimeStep(ts, 1e-6 * std::min(1.0, problem.end));
  TSSetTolerances(ts, tolerance, absolute, tolerance, relative);
  SNES snes;
  KSP ksp;
  PC pc;
  TSGetSNES(ts, &snes);
  SNESGetKSP(snes, &ksp);
  KSPSetType(ksp, KSPPREONLY);
  KSPGetPC(ksp, &pc);
  PCSetType(pc, PCLU);
  // Algebraic errors stay below those of the steps.
  SNESSetTolerances(snes, 1e-14, 1e-8, 1e-3 * tolerance, 20, 100000);
  check(TSSolve(ts, u));
  double reached = 0.0;
  TSGetTime(ts, &reached);
  if (reached < problem.end) throw sdk::Error(sdk::ErrorKind::solver, "PETSc TS did not come to the end");
  OdeRun run;
  run.seconds = MPI_Wtime() - begin;
  PetscInt steps = 0;
  TSGetStepNumber(ts, &steps);
  const PetscScalar* y;
  VecGetArrayRead(u, &y);
  run.y.assign(y, y + n);
  VecRestoreArrayRead(u, &y);
  run.steps = steps;
  run.evaluations = context.evaluations;
  run.jacobians = context.jacobians;
  TSDestroy(&ts);
  MatDestroy(&J);
  for (Vec* v : {&u, &absolute, &relative}) VecDestroy(v);
  return run;
}

}  // namespace ansatz::bench
