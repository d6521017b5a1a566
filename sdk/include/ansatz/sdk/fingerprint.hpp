#pragma once
/// What must be equal in the engine and in a plugin for C++ objects to cross between them, as "key=value;" text.

#include <mpi.h>

#if __has_include(<petscversion.h>)
#include <petscversion.h>
#endif

#include "ansatz/sdk/lanes.hpp"

#define ANSATZ_TEXT_(x) #x
#define ANSATZ_TEXT(x) ANSATZ_TEXT_(x)

namespace ansatz::sdk {

/// Entries separated by semicolons: compiler, standard library, C++ standard, MPI, PETSc, lanes, assertions,
/// sanitizers. PETSc is the one that the plugin is compiled with, or else that of the Ansatz whose SDK it is built
/// against.
inline constexpr const char* build_fingerprint = "compiler=gcc-" ANSATZ_TEXT(__GNUC__) ";cxx11_abi=" ANSATZ_TEXT(
    _GLIBCXX_USE_CXX11_ABI) ";cxx=" ANSATZ_TEXT(__cplusplus)
#if defined(OPEN_MPI)
    ";mpi=openmpi-" ANSATZ_TEXT(OMPI_MAJOR_VERSION) "." ANSATZ_TEXT(OMPI_MINOR_VERSION)
#else
    ";mpi=other"
#endif
#if defined(PETSC_VERSION_MAJOR)
        ";petsc=" ANSATZ_TEXT(PETSC_VERSION_MAJOR) "." ANSATZ_TEXT(PETSC_VERSION_MINOR)
#elif defined(ANSATZ_PETSC)
    ";petsc=" ANSATZ_TEXT(ANSATZ_PETSC)
#endif
#if defined(__AVX512F__)
            ";vectors=avx512"
#elif defined(__AVX2__)
        ";vectors=avx2"
#else
    ";vectors=baseline"
#endif
#if defined(_GLIBCXX_DEBUG)
            ";debug_iterators=yes"
#else
        ";debug_iterators=no"
#endif
#if defined(__SANITIZE_ADDRESS__)
            ";sanitizer=address"
#else
        ";sanitizer=none"
#endif
            ";scalar=double;";

}  // namespace ansatz::sdk
