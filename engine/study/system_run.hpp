#pragma once
/// Runs of cases with a system of ordinary differential equations.

#include "engine/base/communicator.hpp"
#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/study/run_options.hpp"

namespace ansatz::study {

/// As run(). Every rank integrates the whole system; rank 0 writes. Writes quantities.csv (all components and
/// invariants at the steps) and trajectory.h5 (/trajectory/time, state, names). The quantities are the components at
/// the end and drift_NAME, the largest change of each invariant relative to its size at the start. *Collective.*
/// \throws Error
int run_system(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
               const base::Communicator& comm);

/// What can be checked without taking a step. *Collective.* \throws Error
void check_system(const input::Case& parsed, plugin::Registry& registry, const base::Communicator& comm);

}  // namespace ansatz::study
