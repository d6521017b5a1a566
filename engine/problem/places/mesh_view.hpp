#pragma once
/// The mesh of a problem as an ansatz sees it.

#include "ansatz/sdk/problem.hpp"
#include "engine/problem/problem.hpp"

namespace ansatz::problem {

/// Views on the mesh's own arrays, with fem::Form::version() as their version: valid as long as the problem has it.
/// \throws sdk::Error of kind case_file where [mesh] map moves the sides of a periodic box otherwise than by one
/// distance along the axis: then it has no period. *Collective.*
sdk::MeshView mesh_view(const Problem& problem);

}  // namespace ansatz::problem
