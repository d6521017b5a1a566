#include "engine/time/step_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/time/methods.hpp"

namespace ansatz::time {

StepEnvironment::StepEnvironment(std::function<StepProblem(std::uint64_t)> problem, Options options)
    : make_problem_(std::move(problem)), options_(std::move(options)) {}

void StepEnvironment::reset(std::uint64_t seed, std::span<double> observation) {
  problem_ = make_problem_(seed);
  auto& system = *problem_.system;
  method_ = make_time_method(problem_.method, system);
  norm_ = std::make_unique<ErrorControl>(system, problem_.tolerances);
  auto limits = limit_preset(options_.limits);
  limits.max_rejections = options_.max_rejections;
  classical_ = std::make_unique<StepController>(controller_law(options_.law), limits);
  history_ = std::make_unique<StepHistory>(problem_.tolerances.relative);
  y_ = problem_.y0;
  new_.resize(y_.size());
  error_.resize(y_.size());
  time_ = problem_.start;
  attempts_ = 0;
  steps_ = 0;
  system.prescribe(time_, y_);
  method_->restart();
  std::vector<double> f0(y_.size());
  system.rate(time_, y_, sdk::Part::all, f0);
  proposal_ = starting_step(
      y_, f0, [&](std::span<const double> x) { return (*norm_)(x, y_, y_); }, method_->info().order,
      [&](double h, std::span<double> y, std::span<double> out) {
        system.prescribe(time_ + h, y);
        system.rate(time_ + h, y, sdk::Part::all, out);
      });
  accepted_step();
  history_->features(observation);
}

sdk::Outcome StepEnvironment::step(int action, std::span<double> observation) {
  if (!history_ || action < 0 || action >= num_actions()) {
    throw sdk::Error(sdk::ErrorKind::internal, fmt::format("step() with action {} of {}", action, num_actions()),
                     "StepEnvironment", "call reset() first, and give one of the actions");
  }
  const double factor = std::exp(step_actions()[static_cast<std::size_t>(action)]);
  proposal_ *= factor;
  classical_->stretched(factor);
  accepted_step();
  ++steps_;
  history_->features(observation);
  const bool is_at_end = time_ >= problem_.end, is_cut = steps_ >= options_.steps && !is_at_end;
  return {reward_, is_at_end || is_cut, is_cut};
}

/// Attempts from proposal_ on until one is accepted.
void StepEnvironment::accepted_step() {
  double h = proposal_;
  for (int rejections = 0;; ++rejections) {
    const double left = problem_.end - time_;
    const bool is_last = h >= left;
    if (is_last) {
      classical_->stretched(left / h);
      h = left;
    }
    StepFacts facts;
    facts.accepted = attempt(h, facts);
    ++attempts_;
    if (facts.accepted) {
      method_->accept();
      std::swap(y_, new_);
      facts.time = time_;
      time_ = is_last ? problem_.end : time_ + h;
      facts.q = method_->estimate_order() + 1;
    }
    const auto decision = classical_->after(facts);
    if (decision.failed) {
      throw sdk::Error(sdk::ErrorKind::solver, fmt::format("{} cannot go on at t = {}", problem_.method, time_),
                       "StepEnvironment", "take a problem that the classical law can solve");
    }
    h *= decision.factor;
    if (!facts.accepted) continue;
    history_->accepted(facts, rejections);
    reward_ = std::log(std::max(facts.error, 1e-10)) / facts.q - options_.rejection * rejections;
    proposal_ = h;
    return;
  }
}

bool StepEnvironment::attempt(double h, StepFacts& facts) {
  facts.step = h;
  facts.time = time_;
  facts.stop = problem_.end;
  facts.q = method_->estimate_order() + 1;
  facts.method = method_.get();
  try {
    method_->attempt(time_, h, y_, *norm_, new_, error_);
    facts.error = (*norm_)(error_, y_, new_);
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
    facts.solved = false;
    facts.error = std::numeric_limits<double>::quiet_NaN();
  }
  return facts.solved && facts.error <= 1.0;
}

}  // namespace ansatz::time
