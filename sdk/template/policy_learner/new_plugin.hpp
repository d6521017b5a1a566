#pragma once
#include <ansatz/sdk/error.hpp>
#include <ansatz/sdk/learning.hpp>
#include <cmath>
#include <limits>
#include <random>

/// values_a(x) = w_a . (1, x), from the array "weights", shape (actions, 1 + features).
class NewPluginPolicy final : public ansatz::sdk::Policy {
 public:
  explicit NewPluginPolicy(const ansatz::sdk::PolicyModel& model)
      : weights_(model
                     .array("weights", {static_cast<std::int64_t>(model.actions.size()),
                                        static_cast<std::int64_t>(1 + model.features.size())})
                     .values),
        values_(model.actions.size()) {}

  std::span<const double> values(std::span<const double> observation) override {
    const double* w = weights_.data();
    for (double& value : values_) {
      value = *w++;
      for (const double x : observation) value += *w++ * x;
    }
    return values_;
  }

 private:
  std::vector<double> weights_, values_;
};

/// Tries actions at random and learns the reward of each as a linear function of what it sees, by steps of
/// w_a += rate (reward - w_a . (1, x)) (1, x). It does not look ahead.
class NewPlugin final : public ansatz::sdk::PolicyLearner {
 public:
  ansatz::sdk::ParameterSchema options() const override {
    using namespace ansatz::sdk;
    ParameterSchema schema;
    schema.add(
        {.name = "episodes", .initial = std::int64_t{300}, .unit = "1", .doc = "of the training", .range = {1.0, 1e9}});
    schema.add({.name = "rate", .initial = 0.1, .unit = "1", .doc = "of learning", .range = {0.0, 1.0, true, false}});
    schema.add(
        {.name = "seed", .initial = std::int64_t{1}, .unit = "1", .doc = "of the random actions", .range = {0.0, 1e9}});
    return schema;
  }

  ansatz::sdk::PolicyModel train(
      const ansatz::sdk::EnvironmentFactory& make_environment, const ansatz::sdk::ParameterSet& options,
      const std::function<void(const ansatz::sdk::LearningProgress&)>& progress) const override {
    const auto environment = make_environment();
    const auto features = static_cast<std::size_t>(environment->observation_size()), width = 1 + features;
    const int actions = environment->num_actions();
    std::mt19937_64 random(static_cast<std::uint64_t>(options.integer("seed")));
    std::vector<double> weights(actions * width, 0.0), x(features), after(features);
    const auto episodes = static_cast<int>(options.integer("episodes"));
    ansatz::sdk::PolicyModel model{.learner = "new_plugin",
                                   .features = environment->feature_names(),
                                   .actions = environment->action_values(),
                                   .attributes = {},
                                   .arrays = {}};
    const auto set_weights = [&] { model.arrays["weights"] = {{actions, static_cast<std::int64_t>(width)}, weights}; };
    for (int episode = 1; episode <= episodes; ++episode) {
      environment->reset(first_training_seed + static_cast<std::uint64_t>(episode), x);
      double total = 0.0;
      for (bool done = false; !done;) {
        const auto action = static_cast<std::size_t>(random() % static_cast<std::uint64_t>(actions));
        const auto outcome = environment->step(static_cast<int>(action), after);
        double* const w = weights.data() + action * width;
        double surprise = outcome.reward - w[0];
        for (std::size_t i = 0; i < features; ++i) surprise -= w[1 + i] * x[i];
        w[0] += options.number("rate") * surprise;
        for (std::size_t i = 0; i < features; ++i) w[1 + i] += options.number("rate") * surprise * x[i];
        total += outcome.reward;
        done = outcome.done;
        x = after;
      }
      const bool is_last = episode == episodes;
      if (is_last) set_weights();
      if (progress)
        progress({episode, total, is_last ? validate(*environment, model) : std::numeric_limits<double>::quiet_NaN()});
    }
    return model;
  }

  std::unique_ptr<ansatz::sdk::Policy> make(const ansatz::sdk::PolicyModel& model) const override {
    if (model.learner != "new_plugin") {
      throw ansatz::sdk::Error(ansatz::sdk::ErrorKind::state, "the policy is of the learner \"" + model.learner + "\"");
    }
    return std::make_unique<NewPluginPolicy>(model);
  }

 private:
  static constexpr std::uint64_t first_training_seed = 2000, first_validation_seed = 200;
  static constexpr int validations = 20;

  /// Mean reward of episodes that were not trained on.
  static double validate(ansatz::sdk::Environment& environment, const ansatz::sdk::PolicyModel& model) {
    NewPluginPolicy policy(model);
    std::vector<double> x(model.features.size());
    double sum = 0.0;
    for (int k = 0; k < validations; ++k) {
      environment.reset(first_validation_seed + static_cast<std::uint64_t>(k), x);
      for (bool done = false; !done;) {
        const auto outcome = environment.step(policy.best(x), x);
        sum += outcome.reward;
        done = outcome.done;
      }
    }
    return sum / validations;
  }
};
