#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "checks.hpp"

namespace ansatz::conformance {
namespace {

/// Episodes of one step: the seed says the observation, 0 or 1, and the action that equals it is rewarded.
class Echo final : public sdk::Environment {
 public:
  const std::vector<std::string>& feature_names() const override { return features_; }
  const std::vector<double>& action_values() const override { return actions_; }
  void reset(std::uint64_t seed, std::span<double> observation) override {
    wanted_ = static_cast<int>(seed % 2);
    observation[0] = wanted_;
  }
  sdk::Outcome step(int action, std::span<double> observation) override {
    observation[0] = 0.5;
    return {action == wanted_ ? 1.0 : 0.0, true, false};
  }

 private:
  std::vector<std::string> features_{"wanted"};
  std::vector<double> actions_{0.0, 1.0};
  int wanted_ = 0;
};

void check_policy(sdk::Policy& policy, bool is_trained) {
  for (const double wanted : {0.0, 1.0}) {
    const auto values = policy.values(std::span(&wanted, 1));
    require(values.size() == 2, fmt::format("a policy of 2 actions gives {} values", values.size()));
    const std::vector<double> first(values.begin(), values.end());
    const auto again = policy.values(std::span(&wanted, 1));
    require(std::ranges::equal(first, again), "the same observation gives other values");
    const int best = policy.best(std::span(&wanted, 1));
    require(!is_trained || best == static_cast<int>(wanted), fmt::format("for {} it prefers action {}", wanted, best));
  }
}

}  // namespace

void check_options(const sdk::ParameterSchema& schema) {
  for (const auto& option : schema.parameters()) {
    require(!option.doc.empty(), fmt::format("option \"{}\" has no text", option.name));
    require(!option.required, fmt::format("option \"{}\" has no default", option.name));
    sdk::ParameterSet(schema).set(option.name, option.initial);
  }
}

void check_learner(Report& report, const plugin::LearnerOffer& offer) {
  const auto name = "policy learner " + offer.name + ": ";
  const sdk::EnvironmentFactory echo = [] { return std::make_unique<Echo>(); };
  report.check(name + "every option has a text and an admissible default",
               [&] { check_options(offer.create()->options()); });
  sdk::PolicyModel model;
  report.check(name + "with its defaults it learns which of two actions is right", [&] {
    const auto learner = offer.create();
    int episodes = 0;
    double validation = 0.0;
    model = learner->train(echo, sdk::ParameterSet(learner->options()), [&](const sdk::LearningProgress& progress) {
      ++episodes;
      if (!std::isnan(progress.validation)) validation = progress.validation;
    });
    require(episodes > 0, "it never tells how far it is");
    require(validation > 0.9, fmt::format("its last validation gives {}", validation));
    check_policy(*learner->make(model), true);
  });
  report.check(name + "the model says whose it is and what it was trained for", [&] {
    require(model.learner == offer.name, fmt::format("its learner is \"{}\"", model.learner));
    sdk::require_features(model, Echo().feature_names(), Echo().action_values());
  });
  report.check(name + "a second training gives the same model, bit by bit", [&] {
    const auto learner = offer.create();
    require(learner->train(echo, sdk::ParameterSet(learner->options()), {}) == model, "it is another one");
  });
  report.check(name + "models without arrays, or of another learner, are refused with an SDK error", [&] {
    const auto learner = offer.create();
    auto other = model;
    other.learner = "nobody";
    expect_error("a model of another learner", [&] { learner->make(other); });
    auto empty = model;
    empty.arrays.clear();
    expect_error("a model without arrays", [&] { learner->make(empty); });
  });
}

}  // namespace ansatz::conformance
