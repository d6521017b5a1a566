#pragma once
/// Policies without training, and a motion on which step controllers are tried.

#include <functional>

#include "ansatz/sdk/random.hpp"
#include "engine/time/learning/guarded_controller.hpp"
#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// The action that a function says, or no answer for -1.
class ScriptedPolicy final : public sdk::Policy {
 public:
  explicit ScriptedPolicy(std::function<int()> action)
      : action_(std::move(action)), values_(time::step_actions().size()) {}
  std::span<const double> values(std::span<const double>) override {
    const int action = action_();
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = action < 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<int>(i) == action ? 1.0 : 0.0;
    return values_;
  }

 private:
  std::function<int()> action_;
  std::vector<double> values_;
};

/// Of a policy that is trusted where no feature is beyond `range` in size.
inline sdk::PolicyModel step_policy_model(double range = 1e300) {
  sdk::PolicyModel model;
  model.features = time::step_features();
  model.actions = time::step_actions();
  const auto count = static_cast<std::int64_t>(model.features.size());
  model.arrays["features/low"] = {{count}, std::vector<double>(model.features.size(), -range)};
  model.arrays["features/high"] = {{count}, std::vector<double>(model.features.size(), range)};
  return model;
}

inline std::unique_ptr<time::GuardedController> guarded(std::function<int()> action, double range = 1e300,
                                                        time::Guards guards = {}) {
  return std::make_unique<time::GuardedController>(
      time::StepController(time::controller_law("h211b"), time::limit_preset("arkode_7")), step_policy_model(range),
      std::make_unique<ScriptedPolicy>(std::move(action)), 1e-6, guards);
}

/// Van der Pol's oscillator with mu = 5: steps change by a hundred in each period.
inline PlainSystem oscillator() {
  return {2, [](double, std::span<const double> y, std::span<double> out) {
            out[0] = y[1];
            out[1] = 5.0 * (1.0 - y[0] * y[0]) * y[1] - y[0];
          }};
}

/// Steps of the pair of Dormand and Prince.
inline time::Stepper stepper_of(PlainSystem& system, std::unique_ptr<time::StepControl> control) {
  return {
      system, time::make_time_method("dormand_prince54", system), 0.0, {2.0, 0.0}, {1e-6, {1e-8}}, std::move(control)};
}

/// Lengths and errors of all steps.
inline std::vector<time::Step> run_to(time::Stepper& stepper, double end) {
  std::vector<time::Step> steps;
  while (stepper.time() < end) steps.push_back(stepper.advance(end));
  return steps;
}

inline std::vector<double> lengths_of(const std::vector<time::Step>& steps) {
  std::vector<double> out;
  for (const auto& step : steps) out.push_back(step.length);
  return out;
}

}  // namespace ansatz::test
