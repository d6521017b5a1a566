#include "engine/base/petsc.hpp"

#include <string>

#include "ansatz/sdk/error.hpp"

namespace ansatz::base {

void petsc_check(PetscErrorCode code, const char* what) {
  if (code == 0) return;
  const char* general = nullptr;
  char* specific = nullptr;
  PetscErrorMessage(code, &general, &specific);
  std::string text = std::string(what) + ": PETSc error " + std::to_string(code);
  if (general != nullptr) text += std::string(", ") + general;
  if (specific != nullptr && *specific != '\0') text += std::string(": ") + specific;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  throw sdk::Error(sdk::ErrorKind::solver, text);
}

bool petsc_is_running() {
  PetscBool initialized = PETSC_FALSE, finalized = PETSC_FALSE;
  PetscInitialized(&initialized);
  PetscFinalized(&finalized);
  return initialized == PETSC_TRUE && finalized == PETSC_FALSE;
}

VecHandle vector_without_storage(MPI_Comm comm, PetscInt num_owned) {
  VecHandle vector;
  petsc_check(VecCreateMPIWithArray(comm, 1, num_owned, PETSC_DETERMINE, nullptr, vector.put()), "creating a vector");
  return vector;
}

}  // namespace ansatz::base
