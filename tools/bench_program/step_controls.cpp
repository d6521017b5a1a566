#include "tools/bench_program/step_controls.hpp"

#include <limits>
#include <random>

#include "engine/io/state/policy_file.hpp"
#include "engine/time/control/bandit_controller.hpp"

namespace ansatz::bench {
namespace {

constexpr double default_safety = 0.9;

/// The words between colons; the last one holds the rest.
std::vector<std::string> split(const std::string& text, std::size_t most) {
  std::vector<std::string> words{text};
  while (words.size() < most) {
    const auto colon = words.back().find(':');
    if (colon == std::string::npos) break;
    auto rest = words.back().substr(colon + 1);
    words.back().resize(colon);
    words.push_back(std::move(rest));
  }
  return words;
}

/// Those of ARKODE, with as many rejections as jumps of the right-hand side take.
time::StepLimits limits_with(double safety) {
  auto limits = time::limit_preset("arkode_7");
  limits.safety = safety;
  limits.max_rejections = 50;
  return limits;
}

class RandomPolicy final : public sdk::Policy {
 public:
  RandomPolicy(std::size_t actions, std::uint64_t seed) : generator_(seed), values_(actions) {}
  std::span<const double> values(std::span<const double>) override {
    for (double& value : values_) value = static_cast<double>(generator_());
    return values_;
  }

 private:
  std::mt19937_64 generator_;
  std::vector<double> values_;
};

class ShuffledPolicy final : public sdk::Policy {
 public:
  ShuffledPolicy(std::unique_ptr<sdk::Policy> policy, std::uint64_t seed)
      : policy_(std::move(policy)), generator_(seed) {}
  std::span<const double> values(std::span<const double> observation) override {
    constexpr std::size_t memory = 64;
    std::vector<double> now(observation.begin(), observation.end());
    if (seen_.size() < memory) {
      seen_.push_back(std::move(now));
      return policy_->values(seen_[generator_() % seen_.size()]);
    }
    seen_[generator_() % memory] = std::move(now);
    return policy_->values(seen_[generator_() % memory]);
  }

 private:
  std::unique_ptr<sdk::Policy> policy_;
  std::mt19937_64 generator_;
  std::vector<std::vector<double>> seen_;
};

/// Guards, and ranges of features, that let everything pass.
time::Guards no_guards() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {.early_clip = {0.0, infinity},
          .clip = {0.0, infinity},
          .consecutive = std::numeric_limits<int>::max(),
          .rejected_share = 2.0,
          .fuse_excess = infinity};
}
sdk::PolicyModel without_ranges(sdk::PolicyModel model) {
  for (double& low : model.arrays.at("features/low").values) low = -std::numeric_limits<double>::infinity();
  for (double& high : model.arrays.at("features/high").values) high = std::numeric_limits<double>::infinity();
  return model;
}

}  // namespace

const sdk::PolicyModel& StepControls::model(const std::string& file) {
  const auto known = models_.find(file);
  return known != models_.end() ? known->second : models_.emplace(file, io::read_policy(comm_, file)).first->second;
}

NamedControl StepControls::make(const std::string& name, double relative_tolerance, std::uint64_t seed) {
  const auto kind = name.substr(0, name.find(':'));
  const auto words = split(name, kind == "law" ? 3 : kind == "pid" ? 5 : 2);
  if (kind == "law" && words.size() == 3) {
    return {std::make_unique<time::StepController>(time::controller_law(words[1]), limits_with(std::stod(words[2])))};
  }
  if (kind == "pid" && words.size() == 5) {
    time::ControllerLaw law;
    law.k = {std::stod(words[1]), std::stod(words[2]), std::stod(words[3])};
    return {std::make_unique<time::StepController>(law, limits_with(std::stod(words[4])))};
  }
  const bool is_known =
      kind == "learned" || kind == "bandit" || kind == "free" || kind == "random" || kind == "shuffled";
  if (!is_known || words.size() != 2) {
    throw sdk::Error(sdk::ErrorKind::usage, "there is no controller " + name, "--set",
                     "law:NAME:SAFETY, pid:K1:K2:K3:SAFETY, or learned, bandit, free, random or shuffled with :FILE");
  }
  const auto& trained = model(words[1]);
  const auto limits = limits_with(default_safety);
  const auto guarded = [&](const sdk::PolicyModel& with, std::unique_ptr<sdk::Policy> policy, time::Guards guards) {
    return std::make_unique<time::GuardedController>(
        time::StepController(time::controller_law(time::corrected_law), limits), with, std::move(policy),
        relative_tolerance, guards);
  };
  auto policy = registry_.make_policy_learner(trained.learner)->make(trained);
  std::unique_ptr<time::GuardedController> control;
  if (kind == "free") {
    control = guarded(without_ranges(trained), std::move(policy), no_guards());
  } else if (kind == "random") {
    control = guarded(trained, std::make_unique<RandomPolicy>(trained.actions.size(), seed), {});
  } else if (kind == "shuffled") {
    control = guarded(trained, std::make_unique<ShuffledPolicy>(std::move(policy), seed), {});
  } else {
    control = guarded(trained, std::move(policy), {});
  }
  if (kind == "bandit") return {time::make_bandit_controller(limits, std::move(control), seed)};
  const auto* inside = control.get();
  return {std::move(control), inside};
}

}  // namespace ansatz::bench
