#pragma once
/// The choice of steps of any integration with error control as a controlled process, for learners.

#include <memory>
#include <vector>

#include "ansatz/sdk/learning.hpp"
#include "engine/time/learning/step_features.hpp"
#include "engine/time/loop/stepper.hpp"

namespace ansatz::time {

/// One integration.
struct StepProblem {
  std::shared_ptr<sdk::TimeSystem> system;
  std::string method;  ///< a name of time_methods(), with an error estimate
  double start = 0.0, end = 1.0;
  std::vector<double> y0;
  Tolerances tolerances;
};

/// Features and actions of a GuardedController, without its guards. One step of the process is an accepted step of the
/// integration, rewarded with covered - spent of its StepCost: never positive, and 0 is as good as can be.
class StepEnvironment final : public sdk::Environment {
 public:
  struct Options {
    int steps = 200;  ///< of an episode, which also ends where the integration does
    std::string limits = "arkode_7";
    int max_rejections = 50;  ///< of one step, more than the limits have: learners try what cannot work
  };
  /// \param problem of a seed
  StepEnvironment(std::function<StepProblem(std::uint64_t seed)> problem, Options options);

  const std::vector<std::string>& feature_names() const override { return step_features(); }
  const std::vector<double>& action_values() const override { return step_actions(); }
  void reset(std::uint64_t seed, std::span<double> observation) override;
  /// \throws sdk::Error of kind internal before reset(), or for an action that there is not; as Stepper::advance().
  sdk::Outcome step(int action, std::span<double> observation) override;

  std::int64_t attempts() const;  ///< of this episode
  double time() const { return stepper_->time(); }

 private:
  class Watched;
  double accepted_step();

  std::function<StepProblem(std::uint64_t)> make_problem_;
  Options options_;
  StepProblem problem_;
  std::unique_ptr<Stepper> stepper_;
  Watched* watched_ = nullptr;  ///< the stepper's
  std::unique_ptr<StepHistory> history_;
  int steps_ = 0;
};

}  // namespace ansatz::time
