#ifdef ANSATZ_HAVE_SUNDIALS
#include <cvode/cvode.h>
#include <mpi.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_band.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_band.h>
#include <sunmatrix/sunmatrix_dense.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "tools/bench_program/ode_problems.hpp"

namespace ansatz::bench {
namespace {

struct Context {
  const OdeProblem* problem;
  std::vector<double> jacobian;
};

int right_hand_side(realtype t, N_Vector y, N_Vector out, void* pointer) {
  const auto& system = *static_cast<Context*>(pointer)->problem->system;
  const auto n = system.size();
  system.f(t, {N_VGetArrayPointer(y), n}, sdk::Part::all, {N_VGetArrayPointer(out), n});
  return 0;
}

int jacobian(realtype t, N_Vector y, N_Vector, SUNMatrix J, void* pointer, N_Vector, N_Vector, N_Vector) {
  auto& context = *static_cast<Context*>(pointer);
  const auto& system = *context.problem->system;
  const auto n = system.size();
  if (!system.banded()) {
    system.jacobian(t, {N_VGetArrayPointer(y), n}, sdk::Part::all, {SUNDenseMatrix_Data(J), n * n});
    return 0;
  }
  const auto [lower, upper] = *system.info().band;
  const std::size_t height = std::size_t(lower) + upper + 1;
  context.jacobian.resize(n * height);
  system.jacobian(t, {N_VGetArrayPointer(y), n}, sdk::Part::all, context.jacobian);
  for (std::size_t j = 0; j < n; ++j) {
    double* const column = SUNBandMatrix_Column(J, static_cast<sunindextype>(j));  // its entry 0 is the diagonal
    std::copy_n(context.jacobian.begin() + std::ptrdiff_t(j * height), height, column - upper);
  }
  return 0;
}

void check(int code) {
  if (code < 0) throw sdk::Error(sdk::ErrorKind::solver, "CVODE failed with code " + std::to_string(code));
}

}  // namespace

OdeRun solve_by_cvode(const OdeProblem& problem, double tolerance) {
  const auto& system = *problem.system;
  const auto n = static_cast<sunindextype>(system.size());
  Context context{&problem, {}};
  const double begin = MPI_Wtime();
  SUNContext sun;
  SUNContext_Create(nullptr, &sun);
  N_Vector y = N_VNew_Serial(n, sun), absolute = N_VNew_Serial(n, sun);
  for (sunindextype i = 0; i < n; ++i) {
    N_VGetArrayPointer(y)[i] = system.info().initial[i];
    N_VGetArrayPointer(absolute)[i] = tolerance * problem.floor[i];
  }
  void* cvode = CVodeCreate(CV_BDF, sun);
  check(CVodeInit(cvode, right_hand_side, 0.0, y));
  check(CVodeSVtolerances(cvode, tolerance, absolute));
  check(CVodeSetUserData(cvode, &context));
  check(CVodeSetMaxNumSteps(cvode, 10000000));
  SUNMatrix A = system.banded() ? SUNBandMatrix(n, system.info().band->upper, system.info().band->lower, sun)
                                : SUNDenseMatrix(n, n, sun);
  SUNLinearSolver solver = system.banded() ? SUNLinSol_Band(y, A, sun) : SUNLinSol_Dense(y, A, sun);
  check(CVodeSetLinearSolver(cvode, solver, A));
  check(CVodeSetJacFn(cvode, jacobian));
  check(CVodeSetStopTime(cvode, problem.end));
  double t = 0.0;
  check(CVode(cvode, problem.end, y, &t, CV_NORMAL));
  OdeRun run;
  run.seconds = MPI_Wtime() - begin;
  run.y.assign(N_VGetArrayPointer(y), N_VGetArrayPointer(y) + n);
  long steps = 0, evaluations = 0, jacobians = 0;
  CVodeGetNumSteps(cvode, &steps);
  CVodeGetNumRhsEvals(cvode, &evaluations);
  CVodeGetNumJacEvals(cvode, &jacobians);
  run.steps = steps;
  run.evaluations = evaluations;
  run.jacobians = jacobians;
  CVodeFree(&cvode);
  SUNLinSolFree(solver);
  SUNMatDestroy(A);
  N_VDestroy(y);
  N_VDestroy(absolute);
  SUNContext_Free(&sun);
  return run;
}

}  // namespace ansatz::bench
#endif
