#include "engine/time/control/bandit_controller.hpp"

#include "ansatz/sdk/error.hpp"
#include "engine/base/prefixed_archive.hpp"
#include "engine/time/control/step_cost.hpp"

namespace ansatz::time {

BanditController::BanditController(std::vector<Arm> arms, std::uint64_t seed)
    : arms_(std::move(arms)),
      bandit_(static_cast<int>(arms_.size()), seed),
      steps_(arms_.size(), 0),
      active_(bandit_.draw()) {}

StepControl::Decision BanditController::after(const StepFacts& facts) {
  ++attempts_;
  std::vector<Decision> decisions;
  for (auto& arm : arms_) decisions.push_back(arm.control->after(facts));
  if (facts.accepted) end_of_step(facts);
  const Decision decision = decisions[static_cast<std::size_t>(active_)];
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    if (decisions[i].factor != decision.factor) arms_[i].control->stretched(decision.factor / decisions[i].factor);
  }
  return decision;
}

void BanditController::end_of_step(const StepFacts& facts) {
  const StepCost cost(attempts_, facts.error, facts.q);
  attempts_ = 0;
  spent_ += cost.spent;
  covered_ += cost.covered;
  ++steps_[static_cast<std::size_t>(active_)];
  if (++accepted_ < window) return;
  bandit_.learn(spent_ / covered_);
  active_ = bandit_.draw();
  spent_ = covered_ = 0.0;
  accepted_ = 0;
}

void BanditController::stretched(double factor) {
  for (auto& arm : arms_) arm.control->stretched(factor);
}

void BanditController::exchange(sdk::StateArchive& archive) {
  for (auto& arm : arms_) {
    base::PrefixedArchive prefixed(archive, arm.name + "_");
    arm.control->exchange(prefixed);
  }
  auto choice = bandit_.state();
  archive.numbers("bandit", choice);
  std::vector<double> values{double(attempts_), spent_, covered_, double(accepted_), double(active_)};
  for (const auto count : steps_) values.push_back(static_cast<double>(count));
  archive.numbers("bandit_controller", values);
  if (!archive.loading()) return;
  if (values.size() != 5 + steps_.size()) {
    throw sdk::Error(sdk::ErrorKind::state, "the stored state of a choice among controllers has another length",
                     "BanditController", "it was written with other controllers: start anew");
  }
  bandit_.set_state(choice);
  attempts_ = static_cast<int>(values[0]);
  spent_ = values[1];
  covered_ = values[2];
  accepted_ = static_cast<int>(values[3]);
  active_ = static_cast<int>(values[4]);
  for (std::size_t i = 0; i < steps_.size(); ++i) steps_[i] = static_cast<std::int64_t>(values[5 + i]);
}

std::unique_ptr<BanditController> make_bandit_controller(const StepLimits& limits, std::unique_ptr<StepControl> learned,
                                                         std::uint64_t seed) {
  std::vector<BanditController::Arm> arms;
  for (const char* name : {"i", "pi42", "h211b", "h0321"})
    arms.push_back({name, std::make_unique<StepController>(controller_law(name), limits)});
  if (learned != nullptr) arms.push_back({"learned", std::move(learned)});
  return std::make_unique<BanditController>(std::move(arms), seed);
}

}  // namespace ansatz::time
