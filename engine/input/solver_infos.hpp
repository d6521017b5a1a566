#pragma once
/// What `solver.type` may be: the engine's own ansaetze, and those of plugins.

#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/solver.hpp"

namespace ansatz::plugin {
class Registry;
}

namespace ansatz::input {

/// Finite elements, and the reduced basis with the section [reduced].
const sdk::SolverInfo& finite_elements_info();
const sdk::SolverInfo& reduced_basis_info();

/// All of them; those of plugins that train have the option `model`.
std::vector<sdk::SolverInfo> solver_infos(const plugin::Registry& registry);
/// That of this name.
std::optional<sdk::SolverInfo> find_solver(const plugin::Registry& registry, const std::string& name);

}  // namespace ansatz::input
