#include "new_plugin.hpp"

#include <ansatz/sdk/plugin.hpp>

namespace {

void register_all(ansatz::sdk::Registrar& registrar) {
  registrar.add_policy_learner("new_plugin", "rewards of actions as linear functions of what is seen",
                               [] { return std::make_unique<NewPlugin>(); });
}

}  // namespace

ANSATZ_PLUGIN("new_plugin", "0.1.0", "your name", "your licence", "a learner of policies", register_all)
