#include "engine/time/learning/guarded_controller.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

GuardedController::GuardedController(StepController classical, const sdk::PolicyModel& model,
                                     std::unique_ptr<sdk::Policy> policy, double relative_tolerance, Guards guards,
                                     std::function<double(double)> same)
    : classical_(std::move(classical)),
      policy_(std::move(policy)),
      history_(relative_tolerance),
      guards_(guards),
      same_(std::move(same)),
      features_(step_features().size()) {
  sdk::require_features(model, step_features(), step_actions());
  const auto count = static_cast<std::int64_t>(features_.size());
  low_ = model.array("features/low", {count}).values;
  high_ = model.array("features/high", {count}).values;
}

StepControl::Decision GuardedController::after(const StepFacts& facts) {
  Decision decision = classical_.after(facts);
  ++attempts_;
  end_of_attempt(!facts.accepted);
  if (!facts.accepted) {
    ++rejections_;
    over_classical_ *= decision.factor;
    return decision;
  }
  decision.accepted = true;
  decision.failed = false;
  end_of_step();
  history_.accepted(facts, rejections_);
  rejections_ = 0;
  ++steps_;
  const int action = choose();
  over_classical_ = 1.0;
  attempts_ = 0.0;
  follows_ = counts_cost_ = action >= 0;
  if (action < 0) {
    ++counts_.classical;
    return decision;
  }
  ++counts_.followed;
  const double factor =
      limited(decision.factor * std::exp(step_actions()[static_cast<std::size_t>(action)]), decision.factor);
  over_classical_ = factor / decision.factor;
  classical_.stretched(over_classical_);
  decision.factor = factor;
  return decision;
}

/// The action for the next step; -1 for the classical law.
int GuardedController::choose() {
  history_.features(features_);
  int action = -1;
  if (counts_.fused) {
  } else if (pause_ > 0) {
    --pause_;
    ++counts_.paused;
  } else {
    bool is_inside = true;
    for (std::size_t i = 0; i < features_.size(); ++i)
      is_inside = is_inside && features_[i] >= low_[i] && features_[i] <= high_[i];
    action = is_inside ? policy_->best(features_) : -2;
    if (same_) action = static_cast<int>(same_(action));
    if (action == -2) ++counts_.outside;
    if (action == -1) ++counts_.no_answer;
  }
  return action;
}

double GuardedController::limited(double factor, double classical) const {
  const auto& clip = steps_ <= guards_.early ? guards_.early_clip : guards_.clip;
  const auto& limits = classical_.limits();
  const double near = std::clamp(factor, clip[0] * classical, clip[1] * classical);
  // What the classical law may do after its first step, the policy may not exceed either.
  return std::clamp(near, std::min(limits.min_factor, classical), std::max(limits.max_growth, classical));
}

void GuardedController::end_of_attempt(bool is_rejected) {
  const bool is_ours = follows_ && is_rejected;
  window_.push_back(is_ours);
  if (window_.size() > static_cast<std::size_t>(guards_.window)) window_.pop_front();
  if (follows_) in_a_row_ = is_rejected ? in_a_row_ + 1 : 0;
  follows_ = false;  // what comes after a rejection is the classical law's
  if (!is_ours) return;
  ++counts_.rejected;
  const auto many = guards_.rejected_share * guards_.window;
  if (in_a_row_ < guards_.consecutive && static_cast<double>(std::ranges::count(window_, true)) <= many) return;
  pause_ = guards_.pause;
  ++counts_.pauses;
  in_a_row_ = 0;
  window_.clear();
}

void GuardedController::end_of_step() {
  if (!counts_cost_) return;
  cost_ += attempts_;
  covered_ += over_classical_;
  if (++cost_steps_ < guards_.fuse_steps) return;
  counts_.fused = cost_ > (1.0 + guards_.fuse_excess) * covered_;
  cost_ = covered_ = 0.0;
  cost_steps_ = 0;
}

void GuardedController::stretched(double factor) {
  classical_.stretched(factor);
  over_classical_ *= factor;
  follows_ = counts_cost_ = false;  // somebody else's step
}

void GuardedController::exchange(sdk::StateArchive& archive) {
  classical_.exchange(archive);
  history_.exchange(archive, "learned_controller_history");
  std::vector<double> values{follows_ ? 1.0 : 0.0,
                             counts_cost_ ? 1.0 : 0.0,
                             over_classical_,
                             attempts_,
                             cost_,
                             covered_,
                             double(cost_steps_),
                             double(pause_),
                             double(in_a_row_),
                             double(rejections_),
                             double(steps_),
                             double(counts_.followed),
                             double(counts_.classical),
                             double(counts_.paused),
                             double(counts_.outside),
                             double(counts_.no_answer),
                             double(counts_.rejected),
                             double(counts_.pauses),
                             counts_.fused ? 1.0 : 0.0};
  const std::size_t fixed = values.size();
  for (const bool rejected : window_) values.push_back(rejected ? 1.0 : 0.0);
  archive.numbers("learned_controller", values);
  if (!archive.loading()) return;
  if (values.size() < fixed) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored state of a learned controller has another length",
                     "GuardedController", "it was written by another version: start anew");
  }
  std::size_t at = 0;
  const auto flag = [&](bool& to) { to = values[at++] != 0.0; };
  const auto count = [&](auto& to) { to = static_cast<std::decay_t<decltype(to)>>(values[at++]); };
  flag(follows_);
  flag(counts_cost_);
  for (double* number : {&over_classical_, &attempts_, &cost_, &covered_}) *number = values[at++];
  for (int* number : {&cost_steps_, &pause_, &in_a_row_, &rejections_, &steps_}) count(*number);
  for (auto* number : {&counts_.followed, &counts_.classical, &counts_.paused, &counts_.outside, &counts_.no_answer,
                       &counts_.rejected, &counts_.pauses})
    count(*number);
  flag(counts_.fused);
  window_.clear();
  for (; at < values.size(); ++at) window_.push_back(values[at] != 0.0);
}

}  // namespace ansatz::time
