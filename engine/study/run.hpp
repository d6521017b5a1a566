#pragma once
/// What the command does with a case.

#include "engine/base/communicator.hpp"
#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/study/run_options.hpp"

namespace ansatz::study {

/// Solves a case, writes its run folder and prints the report. \returns the exit code: 0, or 1 when a verification
/// failed. *Collective.* \throws Error
int run(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
        const base::Communicator& comm);

/// Everything that can be checked without solving: mesh, names of regions and boundaries, expressions,
/// the method, its controller and the linear solver. *Collective.*
/// \throws Error
void check(const input::Case& parsed, plugin::Registry& registry, const base::Communicator& comm);

}  // namespace ansatz::study
