#include "engine/time/learning/step_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/time/control/step_cost.hpp"
#include "engine/time/learning/guarded_controller.hpp"
#include "engine/time/methods/methods.hpp"

namespace ansatz::time {

/// The classical law; what it was told last is kept.
class StepEnvironment::Watched final : public StepControl {
 public:
  explicit Watched(StepController law) : law_(std::move(law)) {}
  Decision after(const StepFacts& facts) override {
    last_ = facts;
    return law_.after(facts);
  }
  void stretched(double factor) override { law_.stretched(factor); }
  void exchange(sdk::StateArchive& archive) override { law_.exchange(archive); }
  const StepFacts& last() const { return last_; }

 private:
  StepController law_;
  StepFacts last_;
};

StepEnvironment::StepEnvironment(std::function<StepProblem(std::uint64_t)> problem, Options options)
    : make_problem_(std::move(problem)), options_(std::move(options)) {}

void StepEnvironment::reset(std::uint64_t seed, std::span<double> observation) {
  stepper_.reset();  // it refers to the system
  problem_ = make_problem_(seed);
  auto limits = limit_preset(options_.limits);
  limits.max_rejections = options_.max_rejections;
  auto control = std::make_unique<Watched>(StepController(controller_law(corrected_law), limits));
  watched_ = control.get();
  stepper_ = std::make_unique<Stepper>(*problem_.system, make_time_method(problem_.method, *problem_.system),
                                       problem_.start, problem_.y0, problem_.tolerances, std::move(control));
  history_ = std::make_unique<StepHistory>(problem_.tolerances.relative);
  steps_ = 0;
  accepted_step();
  history_->features(observation);
}

sdk::Outcome StepEnvironment::step(int action, std::span<double> observation) {
  if (!stepper_ || action < 0 || action >= num_actions()) {
    throw sdk::Error(sdk::ErrorKind::internal, fmt::format("step() with action {} of {}", action, num_actions()),
                     "StepEnvironment", "call reset() first, and give one of the actions");
  }
  stepper_->scale_next_step(std::exp(step_actions()[static_cast<std::size_t>(action)]));
  const double reward = accepted_step();
  ++steps_;
  history_->features(observation);
  const bool is_at_end = time() >= problem_.end, is_cut = steps_ >= options_.steps && !is_at_end;
  return {reward, is_at_end || is_cut, is_cut};
}

/// \returns its reward
double StepEnvironment::accepted_step() {
  const auto step = stepper_->advance(problem_.end);
  const auto& facts = watched_->last();
  history_->accepted(facts, step.rejections);
  const StepCost cost(1 + step.rejections, facts.error, facts.q);
  return cost.covered - cost.spent;
}

std::int64_t StepEnvironment::attempts() const {
  const auto& work = stepper_->work();
  return work.accepted + work.rejected + work.failed;
}

}  // namespace ansatz::time
