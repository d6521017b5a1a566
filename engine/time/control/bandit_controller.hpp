#pragma once
/// Several step controllers, used in turn: more and more the one that costs least.

#include <memory>
#include <string>
#include <vector>

#include "engine/base/tsallis_bandit.hpp"
#include "engine/time/control/step_controller.hpp"

namespace ansatz::time {

/// Each window of accepted steps follows one controller, drawn by TsallisBandit; all of them see every attempt, so that
/// their histories are complete. The cost of a window is spent over covered of its StepCosts: at least 1, for every
/// problem and tolerance.
class BanditController final : public StepControl {
 public:
  static constexpr int window = 20;  ///< accepted steps

  struct Arm {
    std::string name;
    std::unique_ptr<StepControl> control;
  };
  BanditController(std::vector<Arm> arms, std::uint64_t seed);

  Decision after(const StepFacts& facts) override;
  void stretched(double factor) override;
  void exchange(sdk::StateArchive& archive) override;

  const std::vector<Arm>& arms() const { return arms_; }
  int active() const { return active_; }
  /// Accepted steps that followed each arm.
  std::span<const std::int64_t> steps() const { return steps_; }

 private:
  void end_of_step(const StepFacts& facts);

  std::vector<Arm> arms_;
  base::TsallisBandit bandit_;
  std::vector<std::int64_t> steps_;
  double spent_ = 0.0, covered_ = 0.0;  ///< by the steps of this window
  int attempts_ = 0;                    ///< of this step
  int accepted_ = 0, active_ = 0;
};

/// Of the published comparison: "i", "pi42", "h211b" and "h0321", and a learned one where it is not null.
std::unique_ptr<BanditController> make_bandit_controller(const StepLimits& limits, std::unique_ptr<StepControl> learned,
                                                         std::uint64_t seed);

}  // namespace ansatz::time
