#include "ansatz/sdk/plugin.hpp"

#include "dqn.hpp"

namespace {
void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_policy_learner("dqn", "deep Q-learning with replay and a target network",
                               [] { return std::make_unique<ansatz::rl_stepping::DqnLearner>(); });
}
}  // namespace

ANSATZ_PLUGIN("rl_stepping", "1.0.0", "Ansatz", "BSD-3-Clause", "learned choice of steps", register_all)
