#include "dqn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "network.hpp"
#include "replay.hpp"
#include "trainer.hpp"

namespace ansatz::rl_stepping {
namespace {

using sdk::ParameterSet;

constexpr const char* learner_name = "dqn";
/// Streams of the seed.
enum Stream : std::uint32_t { weights, episodes, actions, batches };

NetworkShape shape_of(const ParameterSet& options, const sdk::Environment& environment) {
  return {environment.observation_size(), static_cast<int>(options.integer("width")),
          static_cast<int>(options.integer("layers")), environment.num_actions(),
          options.string("variant") == "shared"};
}

/// One run of the learner.
class Training {
 public:
  Training(const sdk::EnvironmentFactory& make_environment, const ParameterSet& options,
           const std::function<void(const sdk::LearningProgress&)>& progress)
      : options_(options),
        progress_(progress),
        environment_(make_environment()),
        validation_(make_environment()),
        episodes_(seed(), Stream::episodes),
        actions_(seed(), Stream::actions),
        batches_(seed(), Stream::batches),
        network_(make_network(seed(), shape_of(options, *environment_))),
        best_(network_),
        forward_(network_),
        replay_(static_cast<std::size_t>(options.integer("replay")), network_.shift.size()),
        low_(network_.shift.size(), std::numeric_limits<double>::infinity()),
        high_(network_.shift.size(), -std::numeric_limits<double>::infinity()),
        observation_(network_.shift.size()),
        next_(network_.shift.size()) {}

  sdk::PolicyModel run() {
    warm_up();
    Trainer trainer(network_, {options_.number("learning_rate"), options_.number("discount"),
                               options_.number("target_rate"), options_.number("gradient_clip")});
    const auto count = options_.integer("episodes"), every = options_.integer("validate_every");
    validate(0);
    for (std::int64_t n = 1; n <= count; ++n) {
      rewards_.push_back(play([&] { return explore(); }, &trainer));
      const bool is_validated = n % every == 0 || n == count;
      const double validation = is_validated ? validate(n) : std::numeric_limits<double>::quiet_NaN();
      if (progress_) progress_({static_cast<int>(n), rewards_.back(), validation});
    }
    return model();
  }

 private:
  std::uint64_t seed() const { return static_cast<std::uint64_t>(options_.integer("seed")); }

  static Network make_network(std::uint64_t seed, const NetworkShape& shape) {
    Random random(seed, Stream::weights);
    return Network(shape, random);
  }

  std::uint64_t training_seed() {
    return static_cast<std::uint64_t>(options_.integer("training_first")) +
           episodes_.below(static_cast<std::uint64_t>(options_.integer("training_count")));
  }

  int random_action() { return static_cast<int>(actions_.below(static_cast<std::uint64_t>(network_.shape.actions))); }

  int greedy_action(std::span<const double> observation) {
    const auto values = forward_(observation);
    const auto largest = std::ranges::max_element(values);
    if (!std::isfinite(*largest)) {
      throw sdk::Error(sdk::ErrorKind::not_finite, "the network gives no numbers any more", learner_name,
                       "lower learning_rate");
    }
    return static_cast<int>(largest - values.begin());
  }

  int explore() {
    const double last = options_.number("epsilon_last"), first = options_.number("epsilon_first");
    const double epsilon =
        last + (first - last) * std::exp(-static_cast<double>(steps_++) / options_.number("epsilon_steps"));
    return actions_.uniform() < epsilon ? random_action() : greedy_action(observation_);
  }

  /// One episode that is remembered.
  /// \param trainer makes a step after each of the process; may be null
  /// \returns the sum of the rewards
  template <class Choose>
  double play(const Choose& choose, Trainer* trainer) {
    const auto batch_size = static_cast<std::size_t>(options_.integer("batch"));
    environment_->reset(training_seed(), observation_);
    double sum = 0.0;
    for (bool is_done = false; !is_done; observation_ = next_) {
      widen(observation_);
      const int action = choose();
      const auto outcome = environment_->step(action, next_);
      replay_.add(observation_, action, options_.number("reward_scale") * outcome.reward, next_,
                  !outcome.done || outcome.cut);
      sum += outcome.reward;
      is_done = outcome.done;
      if (trainer == nullptr || replay_.size() < batch_size) continue;
      replay_.sample(batch_size, batches_, batch_);
      trainer->step(batch_);
    }
    return sum;
  }

  void widen(std::span<const double> observation) {
    for (std::size_t i = 0; i < observation.size(); ++i) {
      low_[i] = std::min(low_[i], observation[i]);
      high_[i] = std::max(high_[i], observation[i]);
    }
  }

  /// Random actions; what they lead to standardises the features.
  void warm_up() {
    const auto count = options_.integer("warm_up");
    if (count == 0) return;
    for (std::int64_t n = 0; n < count; ++n) play([&] { return random_action(); }, nullptr);
    const auto& seen = replay_.all();
    const std::size_t features = network_.shift.size(), rows = seen.size();
    for (std::size_t i = 0; i < features; ++i) {
      double sum = 0.0, squares = 0.0;
      for (std::size_t r = 0; r < rows; ++r) sum += seen.observations[r * features + i];
      const double mean = sum / static_cast<double>(rows);
      for (std::size_t r = 0; r < rows; ++r) squares += std::pow(seen.observations[r * features + i] - mean, 2);
      const double spread = std::sqrt(squares / static_cast<double>(rows));
      network_.shift[i] = mean;
      network_.scale[i] = spread > 0.0 ? 1.0 / spread : 1.0;
    }
  }

  /// Mean over the validation episodes; keeps the network if it is the best so far.
  double validate(std::int64_t episode) {
    const auto first = options_.integer("validation_first"), count = options_.integer("validation_count");
    double sum = 0.0;
    for (std::int64_t n = 0; n < count; ++n) {
      validation_->reset(static_cast<std::uint64_t>(first + n), next_);
      for (bool is_done = false; !is_done;) {
        const auto outcome = validation_->step(greedy_action(next_), next_);
        sum += outcome.reward;
        is_done = outcome.done;
      }
    }
    const double mean = sum / static_cast<double>(count);
    if (validated_.empty() || mean > *std::ranges::max_element(validations_)) best_ = network_;
    validated_.push_back(static_cast<double>(episode));
    validations_.push_back(mean);
    return mean;
  }

  sdk::PolicyModel model() const {
    sdk::PolicyModel model;
    model.learner = learner_name;
    model.features = environment_->feature_names();
    model.actions = environment_->action_values();
    best_.store(model);
    for (const auto& option : options_.schema().parameters()) {
      if (const auto* number = std::get_if<double>(&option.initial); number != nullptr)
        model.attributes[option.name] = fmt::format("{}", options_.number(option.name));
      else if (std::holds_alternative<std::int64_t>(option.initial))
        model.attributes[option.name] = fmt::format("{}", options_.integer(option.name));
    }
    const auto store = [&](const std::string& name, const std::vector<double>& values) {
      if (!values.empty()) model.arrays[name] = {{static_cast<std::int64_t>(values.size())}, values};
    };
    if (!rewards_.empty()) {
      store("features/low", low_);
      store("features/high", high_);
    }
    store("curve/reward", rewards_);
    store("curve/validated", validated_);
    store("curve/validation", validations_);
    return model;
  }

  const ParameterSet& options_;
  const std::function<void(const sdk::LearningProgress&)>& progress_;
  std::unique_ptr<sdk::Environment> environment_, validation_;
  Random episodes_, actions_, batches_;
  Network network_, best_;
  Forward forward_;
  Replay replay_;
  Batch batch_;
  std::vector<double> low_, high_;  ///< of each feature in training
  std::vector<double> observation_, next_;
  std::vector<double> rewards_, validated_, validations_;
  std::int64_t steps_ = 0;  ///< decisions so far
};

/// Test seeds of benchmarks and tests are 1000 to 1099 and 0 to 99, which neither range below holds.
sdk::ParameterSchema schema() {
  const sdk::Range at_least_one{1.0}, fraction{0.0, 1.0};
  sdk::ParameterSchema s;
  const auto integer = [&](const char* name, std::int64_t value, const sdk::Range& range, const char* doc) {
    s.add({name, value, "1", doc, range});
  };
  const auto number = [&](const char* name, double value, const sdk::Range& range, const char* doc) {
    s.add({name, value, "1", doc, range});
  };
  s.add({"variant",
         std::string("unshared"),
         "1",
         "whether one matrix stands for all hidden layers",
         {},
         {"unshared", "shared"}});
  integer("width", 32, at_least_one, "units of a hidden layer; published: 200");
  integer("layers", 1, sdk::nonnegative, "hidden layers after the first; published: 9");
  integer("episodes", 300, sdk::nonnegative, "episodes of training; published: 2000");
  integer("warm_up", 0, sdk::nonnegative, "episodes of random actions before, which standardise the features");
  integer("seed", 1, sdk::nonnegative, "of weights, exploration, batches and the order of episodes");
  integer("training_first", 2000, sdk::nonnegative, "first seed of the training episodes");
  integer("training_count", 100000, at_least_one, "number of their seeds");
  integer("validation_first", 200, sdk::nonnegative, "first seed of the validation episodes");
  integer("validation_count", 20, at_least_one, "number of them; the model with the best mean reward is kept");
  integer("validate_every", 10, at_least_one, "episodes between validations");
  number("learning_rate", 1e-3, sdk::positive, "of AdamW");
  number("discount", 0.99, fraction, "of the reward of the next step");
  number("reward_scale", 1.0, sdk::positive,
         "factor on rewards while training: errors of values count squared below 1");
  integer("batch", 128, at_least_one, "transitions in a step of the training");
  integer("replay", 10000, at_least_one, "transitions that are remembered");
  number("target_rate", 0.005, fraction, "share that the target network takes over in each step");
  number("gradient_clip", 100.0, sdk::positive, "limit of each entry of the gradient");
  number("epsilon_first", 0.9, fraction, "share of random actions at the beginning");
  number("epsilon_last", 0.05, fraction, "and in the end");
  number("epsilon_steps", 1000.0, sdk::positive, "steps in which it decays by e");
  return s;
}

void require_apart(const ParameterSet& options) {
  const auto first = options.integer("training_first"), last = first + options.integer("training_count");
  const auto other = options.integer("validation_first"), end = other + options.integer("validation_count");
  if (first < end && other < last) {
    throw sdk::Error(
        sdk::ErrorKind::parameter,
        fmt::format("training seeds {} to {} and validation seeds {} to {} overlap", first, last - 1, other, end - 1),
        learner_name, "a model that is validated on what it was trained with is not validated");
  }
  if (options.integer("replay") < options.integer("batch")) {
    throw sdk::Error(sdk::ErrorKind::parameter, "replay is smaller than batch", learner_name,
                     "a batch is drawn from what is remembered");
  }
}

}  // namespace

sdk::ParameterSchema DqnLearner::options() const { return schema(); }

sdk::PolicyModel DqnLearner::train(const sdk::EnvironmentFactory& make_environment, const ParameterSet& options,
                                   const std::function<void(const sdk::LearningProgress&)>& progress) const {
  require_apart(options);
  return Training(make_environment, options, progress).run();
}

std::unique_ptr<sdk::Policy> DqnLearner::make(const sdk::PolicyModel& model) const {
  if (model.learner != learner_name) {
    throw sdk::Error(sdk::ErrorKind::state,
                     fmt::format("the policy is of the learner \"{}\", not of \"{}\"", model.learner, learner_name));
  }
  return std::make_unique<NetworkPolicy>(Network(model));
}

}  // namespace ansatz::rl_stepping
