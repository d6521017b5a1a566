#pragma once
/// A learned step controller that cannot do harm to errors, and only little to costs.

#include <deque>

#include "ansatz/sdk/learning.hpp"
#include "engine/time/learning/step_features.hpp"

namespace ansatz::time {

/// The law that learned controllers correct.
inline constexpr const char* corrected_law = "h211b";

/// When a policy is not followed.
struct Guards {
  std::array<double, 2> early_clip{0.2, 5.0};  ///< of a proposal over the classical one, in the first `early` steps
  std::array<double, 2> clip{0.1, 10.0};       ///< and later
  int early = 20;
  int pause = 50;                ///< steps without the policy after too many rejections
  int consecutive = 2;           ///< so many of its proposals in a row
  int window = 50;               ///< or among so many attempts
  double rejected_share = 0.15;  ///< more than this
  int fuse_steps = 200;          ///< of the policy, after which its cost is looked at, again and again
  double fuse_excess = 0.10;     ///< over the classical cost: it is not asked again
};

/// What happened.
struct GuardCounts {
  std::int64_t followed = 0;   ///< proposals of the policy
  std::int64_t classical = 0;  ///< proposals of the classical law alone after an accepted step
  std::int64_t paused = 0;     ///< after rejections
  std::int64_t outside = 0;    ///< features that its training has not seen
  std::int64_t no_answer = 0;  ///< values that are not finite
  std::int64_t rejected = 0;   ///< attempts with its proposals
  std::int64_t pauses = 0;
  bool fused = false;  ///< it cost too much, and is not asked any more
  bool operator==(const GuardCounts&) const = default;
};

/// After an accepted step the classical law proposes h_c, and the policy h = h_c exp(a) with an action a. The error
/// decides on acceptance as always; after a rejection the classical law alone speaks. The cost of the policy is the
/// number of its attempts over the number of steps h_c that would have covered the same time.
class GuardedController final : public StepControl {
 public:
  /// \param model of the policy: its features must be step_features(), its actions step_actions(); ranges of features
  /// that it holds are those that the policy is trusted in
  /// \param policy made from it
  /// \param same a number on all ranks, from any that differ by round-off. *Collective*; empty on one rank
  /// \throws sdk::Error of kind state for other features or actions, or without ranges.
  GuardedController(StepController classical, const sdk::PolicyModel& model, std::unique_ptr<sdk::Policy> policy,
                    double relative_tolerance, Guards guards = {}, std::function<double(double)> same = {});

  Decision after(const StepFacts& facts) override;
  void stretched(double factor) override;
  void exchange(sdk::StateArchive& archive) override;

  const GuardCounts& counts() const { return counts_; }
  const StepController& classical() const { return classical_; }

 private:
  int choose();
  double limited(double factor, double classical) const;
  void end_of_attempt(bool is_rejected);
  void end_of_step();

  StepController classical_;
  std::unique_ptr<sdk::Policy> policy_;
  StepHistory history_;
  Guards guards_;
  std::function<double(double)> same_;
  std::vector<double> low_, high_, features_;

  bool follows_ = false;               ///< the present attempt has the policy's length
  bool counts_cost_ = false;           ///< the present step began with one
  double over_classical_ = 1.0;        ///< length of the present attempt over the classical proposal
  double attempts_ = 0.0;              ///< of the present step
  double cost_ = 0.0, covered_ = 0.0;  ///< attempts since the last look, and classical steps that they stand for
  int cost_steps_ = 0, pause_ = 0, in_a_row_ = 0, rejections_ = 0, steps_ = 0;
  std::deque<bool> window_;  ///< of the last attempts: rejected, and the policy's
  GuardCounts counts_;
};

}  // namespace ansatz::time
