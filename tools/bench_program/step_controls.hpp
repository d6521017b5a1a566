#pragma once
/// Step controllers by names, as tools/bench rl_stepping asks for them.

#include <map>
#include <string>

#include "engine/plugin/registry.hpp"
#include "engine/time/learning/guarded_controller.hpp"

namespace ansatz::bench {

struct NamedControl {
  std::unique_ptr<time::StepControl> control;
  const time::GuardedController* guarded = nullptr;  ///< the same, if a policy alone proposes
};

/// Names: law:NAME:SAFETY, a law of controller_laws(); pid:K1:K2:K3:SAFETY; and of the policy in a file: learned:FILE;
/// bandit:FILE, which also has the classical laws; and what tells where the policy's worth comes from:
///   free:FILE      without guards
///   random:FILE    random actions in its place, under the guards
///   shuffled:FILE  it is shown the features of one of the 64 decisions before, under the guards
class StepControls {
 public:
  StepControls(const base::Communicator& comm, plugin::Registry& registry) : comm_(comm), registry_(registry) {}

  /// \param seed of what is random \throws sdk::Error of kind usage for a name that is none. *Collective.*
  NamedControl make(const std::string& name, double relative_tolerance, std::uint64_t seed);

 private:
  const sdk::PolicyModel& model(const std::string& file);

  base::Communicator comm_;
  plugin::Registry& registry_;
  std::map<std::string, sdk::PolicyModel> models_;
};

}  // namespace ansatz::bench
