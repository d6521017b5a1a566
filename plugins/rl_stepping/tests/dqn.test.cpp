#include "dqn.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::rl_stepping;

namespace {

/// Five states in a row. Action 1 goes right, into the end with reward 1; action 0 goes left, where there is a wall.
class Chain final : public sdk::Environment {
 public:
  static constexpr int size = 5, longest = 20;
  const std::vector<std::string>& feature_names() const override { return features_; }
  const std::vector<double>& action_values() const override { return actions_; }
  void reset(std::uint64_t seed, std::span<double> observation) override {
    state_ = static_cast<int>(seed % size);
    steps_ = 0;
    observe(observation);
  }
  sdk::Outcome step(int action, std::span<double> observation) override {
    state_ = std::max(state_ + (action == 1 ? 1 : -1), 0);
    const bool is_end = state_ == size, is_cut = ++steps_ == longest && !is_end;
    observe(observation);
    return {is_end ? 1.0 : 0.0, is_end || is_cut, is_cut};
  }

 private:
  void observe(std::span<double> observation) const {
    for (int i = 0; i < size; ++i) observation[static_cast<std::size_t>(i)] = i == state_ ? 1.0 : 0.0;
  }
  std::vector<std::string> features_{"s0", "s1", "s2", "s3", "s4"};
  std::vector<double> actions_{-1.0, 1.0};
  int state_ = 0, steps_ = 0;
};

sdk::ParameterSet options(std::int64_t episodes, std::int64_t seed = 1) {
  sdk::ParameterSet set(DqnLearner().options());
  set.set("episodes", episodes);
  set.set("seed", seed);
  set.set("discount", 0.8);
  set.set("width", std::int64_t{16});
  set.set("batch", std::int64_t{32});
  set.set("target_rate", 0.02);
  set.set("epsilon_last", 0.3);
  set.set("validate_every", std::int64_t{50});
  set.set("validation_count", std::int64_t{5});
  return set;
}

const sdk::EnvironmentFactory chain = [] { return std::make_unique<Chain>(); };

}  // namespace

TEST_CASE("The values that the learner finds on a chain are the discounted rewards") {
  const DqnLearner learner;
  auto set = options(800);
  set.set("validate_every",
          std::int64_t{800});  // the last network then replaces the first, which does not reach the end
  const auto model = learner.train(chain, set, {});
  const auto policy = learner.make(model);
  for (int s = 0; s < Chain::size; ++s) {
    std::vector<double> observation(Chain::size, 0.0);
    observation[static_cast<std::size_t>(s)] = 1.0;
    const auto values = policy->values(observation);
    // Going right from s, the reward comes after 4 - s further steps; going left loses two of them, or one at the wall.
    const double right = std::pow(0.8, 4 - s), left = 0.8 * std::pow(0.8, 4 - std::max(s - 1, 0));
    CAPTURE(s);
    CHECK(values[1] == Approx(right).margin(0.03));
    CHECK(values[0] == Approx(left).margin(0.03));
    CHECK(policy->best(observation) == 1);
  }
}

TEST_CASE("A training is repeated by its seed, and another seed gives another model") {
  const DqnLearner learner;
  const auto first = learner.train(chain, options(20), {});
  CHECK(first == learner.train(chain, options(20), {}));
  const auto other = learner.train(chain, options(20, 2), {});
  CHECK(first.array("network/0/weights", {5, 16}).values != other.array("network/0/weights", {5, 16}).values);
}

TEST_CASE("The model holds its learning curve, the ranges of its features and how it was made") {
  std::vector<double> rewards, validations;
  const DqnLearner learner;
  const auto model = learner.train(chain, options(120), [&](const sdk::LearningProgress& progress) {
    CHECK(progress.episode == static_cast<int>(rewards.size()) + 1);
    rewards.push_back(progress.reward);
    if (!std::isnan(progress.validation)) validations.push_back(progress.validation);
  });
  CHECK(model.array("curve/reward", {120}).values == rewards);
  CHECK(model.array("curve/validated", {4}).values == std::vector<double>{0, 50, 100, 120});
  auto curve = model.array("curve/validation", {4}).values;
  curve.erase(curve.begin());  // of the untrained network
  CHECK(curve == validations);
  CHECK(model.array("features/low", {5}).values == std::vector<double>(5, 0.0));
  CHECK(model.array("features/high", {5}).values == std::vector<double>(5, 1.0));
  CHECK(model.attribute("seed") == "1");
  CHECK(model.attribute("variant") == "unshared");
  CHECK(model.learner == "dqn");
  CHECK_NOTHROW(sdk::require_features(model, Chain().feature_names(), Chain().action_values()));
}

TEST_CASE("Training and validation do not share seeds, and a replay holds a batch") {
  const DqnLearner learner;
  auto set = options(1);
  set.set("validation_first", std::int64_t{101999});
  auto error = test::error_of([&] { learner.train(chain, set, {}); });
  CHECK(error.kind() == sdk::ErrorKind::parameter);
  CHECK(std::string(error.what()) == "training seeds 2000 to 101999 and validation seeds 101999 to 102003 overlap");
  set.set("validation_first", std::int64_t{102000});
  set.set("replay", std::int64_t{31});
  CHECK(test::kind_of([&] { learner.train(chain, set, {}); }) == sdk::ErrorKind::parameter);
}

TEST_CASE("Random episodes before the training standardise the features") {
  const DqnLearner learner;
  auto set = options(0);
  set.set("warm_up", std::int64_t{200});
  const auto model = learner.train(chain, set, {});
  // A feature that is 1 with probability p has mean p and spread sqrt(p (1 - p)).
  const auto& shift = model.array("features/shift", {5}).values;
  const auto& scale = model.array("features/scale", {5}).values;
  double sum = 0.0;
  for (std::size_t i = 0; i < 5; ++i) {
    sum += shift[i];
    CHECK(scale[i] == Approx(1.0 / std::sqrt(shift[i] * (1.0 - shift[i]))));
  }
  CHECK(sum == Approx(1.0));  // one state at a time
}

TEST_CASE("Models that are none of the learner's are refused") {
  const DqnLearner learner;
  const auto model = learner.train(chain, options(0), {});
  const auto refused = [&](const auto& change) {
    auto other = model;
    change(other);
    return test::kind_of([&] { learner.make(other); }) == sdk::ErrorKind::state;
  };
  CHECK(refused([](auto& m) { m.learner = "sarsa"; }));
  CHECK(refused([](auto& m) { m.arrays.erase("network/1/bias"); }));
  CHECK(refused([](auto& m) { m.arrays["network/1/bias"].values.pop_back(); }));
  CHECK(refused([](auto& m) { m.attributes["layers"] = "2"; }));
  CHECK(refused([](auto& m) { m.attributes["width"] = "-16"; }));
  CHECK(refused([](auto& m) { m.attributes["variant"] = "convolution"; }));
  CHECK(refused([](auto& m) { m.features.push_back("s5"); }));
  CHECK_FALSE(refused([](auto&) {}));
}
