#pragma once
/// The mesh of a case.

#include <span>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/mesh/topology/mesh.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::problem {

/// Generates or reads, distributes, refines and divides into blocks; without `[mesh] map`, see MeshMap. *Collective.*
/// \param blocks (dim) lattice of block regions, or empty \throws Error of kind mesh or case_file.
mesh::Mesh set_up_mesh(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                       std::span<const int> blocks);

/// x, y, z, t, the parameters (by position in the map), constants, tables and data of a case; the constants of a region
/// where `region` is not empty. Not collective.
sdk::SymbolTable case_symbols(const input::Case& parsed, int dim, const std::string& region = {});

}  // namespace ansatz::problem
