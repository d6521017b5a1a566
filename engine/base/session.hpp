#pragma once
/// Start and end of MPI and PETSc, and the watchdog that ends all ranks together.

#include "engine/base/communicator.hpp"

namespace ansatz::base {

/// Owns the life of MPI and PETSc for a process; create exactly one, in main(). Pins OpenBLAS, OpenMP and LibTorch to
/// one thread per rank unless the user's environment says otherwise. *Collective.*
class Session {
 public:
  /// \param argc,argv of main(); PETSc does not read them (its options come from the case).
  Session(int* argc, char*** argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Communicator& comm() const { return *comm_; }

 private:
  std::unique_ptr<Communicator> comm_;
};

/// Ends the run after `error`: prints it once and returns its exit code when all ranks arrive here within two seconds;
/// otherwise this rank alone failed, and MPI_Abort ends all ranks with that code. *Collective by intent.*
int leave_together(const Communicator& comm, const sdk::Error& error);

}  // namespace ansatz::base
