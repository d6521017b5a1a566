#pragma once
/// RAII over PETSc objects, and PETSc's error codes as errors of the engine.

#include <petscksp.h>

#include <utility>

namespace ansatz::base {

/// Throws when `code` is not zero.
/// \param what  what was being done, for example "creating the matrix"
/// \throws sdk::Error of kind solver with PETSc's own message. Not collective.
void petsc_check(PetscErrorCode code, const char* what);

/// True between PetscInitialize() and PetscFinalize(); outside, handles let go of their objects without destroying
/// them.
bool petsc_is_running();

/// Unique owner of a PETSc object.
///
///   MatHandle matrix;
///   petsc_check(MatCreate(comm.get(), matrix.put()), "creating the matrix");
///   petsc_check(MatSetUp(matrix.get()), "setting up the matrix");
///
/// Destroying most PETSc objects is *collective*.
template <class T, PetscErrorCode (*destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T object) : object_(object) {}
  Handle(Handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) reset(std::exchange(other.object_, nullptr));
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(); }

  T get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  /// Address for PETSc's creating functions; what was owned before is destroyed.
  T* put() {
    reset();
    return &object_;
  }
  T release() { return std::exchange(object_, nullptr); }
  void reset(T object = nullptr) {
    if (object_ != nullptr && petsc_is_running()) destroy(&object_);
    object_ = object;
  }

 private:
  T object_ = nullptr;
};

using MatHandle = Handle<Mat, MatDestroy>;
using VecHandle = Handle<Vec, VecDestroy>;
using KspHandle = Handle<KSP, KSPDestroy>;
using NullSpaceHandle = Handle<MatNullSpace, MatNullSpaceDestroy>;
using OptionsHandle = Handle<PetscOptions, PetscOptionsDestroy>;

/// Lends an array to a vector without storage of its own, for a scope. Shape (local size); not owned. Not collective.
class PlacedArray {
 public:
  PlacedArray(Vec vector, const double* values) : vector_(vector) {
    petsc_check(VecPlaceArray(vector, values), "lending an array to a vector");
  }
  ~PlacedArray() { VecResetArray(vector_); }
  PlacedArray(const PlacedArray&) = delete;
  PlacedArray& operator=(const PlacedArray&) = delete;

 private:
  Vec vector_;
};

/// Vector without storage of its own, for PlacedArray. *Collective.*
VecHandle vector_without_storage(MPI_Comm comm, PetscInt num_owned);

}  // namespace ansatz::base
