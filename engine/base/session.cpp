#include "engine/base/session.hpp"

#include <dlfcn.h>
#include <slepcsys.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace ansatz::base {
namespace {

/// One thread a rank, unless the environment says otherwise. OpenBLAS has read its variable when it was loaded, before
/// main(): its threads wait for each other by spinning, and small matrices took 20 times as long.
void pin_threads() {
  constexpr std::array variables{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"};
  const bool is_said = std::ranges::any_of(variables, [](const char* name) { return std::getenv(name) != nullptr; });
  for (const char* variable : variables) setenv(variable, "1", 0);
  using SetThreads = void (*)(int);
  const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (!is_said && set != nullptr) set(1);
}

/// Whether mpirun, srun or another launcher of MPI programs started this process.
bool is_launched() {
  constexpr std::array variables{"OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE",
                                 "SLURM_STEP_ID"};
  return std::ranges::any_of(variables, [](const char* variable) { return std::getenv(variable) != nullptr; });
}

/// Tells Open MPI that a process without a launcher needs neither a daemon nor folders for others: processes that start
/// and end at the same time remove each other's (TMPDIR/ompi.HOST.UID/jf.0), and MPI_Init fails now and then.
void start_alone() {
  if (is_launched()) return;
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
}

}  // namespace

Session::Session(int* argc, char*** argv) {
  pin_threads();
  start_alone();
  MPI_Init(argc, argv);
  SlepcInitializeNoArguments();
  PetscPopSignalHandler();
  PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
  comm_ = std::make_unique<Communicator>(MPI_COMM_WORLD);
}

Session::~Session() {
  comm_.reset();
  SlepcFinalize();
  MPI_Finalize();
}

int leave_together(const Communicator& comm, const sdk::Error& error) {
  using namespace std::chrono_literals;
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(comm.get(), &request);
  const auto deadline = std::chrono::steady_clock::now() + 2s;
  int arrived = 0;
  while (true) {
    MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
    if (arrived || std::chrono::steady_clock::now() > deadline) break;
    std::this_thread::sleep_for(5ms);
  }
  if (arrived) {
    if (comm.is_root()) std::fprintf(stderr, "%s\n", error.report().c_str());
    return exit_code(error.kind());
  }
  std::fprintf(stderr, "%s\n  (on rank %d of %d; all ranks are ended)\n", error.report().c_str(), comm.rank(),
               comm.size());
  std::fflush(stderr);
  MPI_Abort(comm.get(), exit_code(error.kind()));
  return exit_code(error.kind());
}

}  // namespace ansatz::base
