#pragma once
/// Training of a step controller on a system with varied parameters.

#include "engine/base/communicator.hpp"
#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/study/run_options.hpp"

namespace ansatz::study {

/// Trains the learner of `[policy]` on integrations of the case's system with its method and tolerances, whose
/// parameters are drawn anew for each episode from its seed; writes the policy, with its learning curve. Every rank
/// trains the same. *Collective.* \throws Error
int train_controller(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
                     const base::Communicator& comm);

}  // namespace ansatz::study
