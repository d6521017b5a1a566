#pragma once
/// Stands for the headers of another PETSc.
#define PETSC_VERSION_MAJOR 3
#define PETSC_VERSION_MINOR 99
