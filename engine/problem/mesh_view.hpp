#pragma once
#include "ansatz/sdk/problem.hpp"
#include "engine/problem/problem.hpp"
namespace ansatz::problem {
inline sdk::MeshView mesh_view(const Problem&) { return {}; }
}  // namespace ansatz::problem
