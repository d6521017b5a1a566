#include <catch2/catch.hpp>
#include <random>

#include "dqn.hpp"
#include "tests/support/three_body_study.hpp"

using namespace ansatz;

namespace {

constexpr auto features = time::HermiteStudy::Features::closest;
constexpr std::uint64_t first_seed = 1000;  // of the tests, apart from those of training and validation
constexpr int count = 40;

/// Mean sum of rewards over the test motions.
template <class Choose>
double reward(const Choose& choose) {
  const auto environment = test::three_body_study(300, features);
  std::vector<double> observation(3);
  double sum = 0.0;
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    environment->reset(seed, observation);
    for (bool is_done = false; !is_done;) {
      const auto outcome = environment->step(choose(observation), observation);
      sum += outcome.reward;
      is_done = outcome.done;
    }
  }
  return sum / count;
}

sdk::ParameterSet options(std::int64_t episodes) {
  sdk::ParameterSet set(rl_stepping::DqnLearner().options());
  set.set("episodes", episodes);
  set.set("width", std::int64_t{64});
  set.set("warm_up", std::int64_t{20});
  set.set("validation_count", std::int64_t{40});
  set.set("reward_scale", 0.01);
  set.set("discount", 0.9);
  return set;
}

}  // namespace

TEST_CASE("A policy trained on other motions has more reward than an untrained and a random one", "[slow]") {
  const rl_stepping::DqnLearner learner;
  const sdk::EnvironmentFactory make = [] { return test::three_body_study(100, features); };
  const auto trained = learner.make(learner.train(make, options(300), {}));
  const auto untrained = learner.make(learner.train(make, options(0), {}));
  std::mt19937 generator(3);
  const double with = reward([&](const auto& seen) { return trained->best(seen); });
  const double without = reward([&](const auto& seen) { return untrained->best(seen); });
  const double random = reward([&](const auto&) { return static_cast<int>(generator() % 10); });
  INFO("trained " << with << ", untrained " << without << ", random " << random);
  CHECK(with > without + 50.0);
  CHECK(with > random + 50.0);
  CHECK(with > 455.0);  // that of the fixed parameter 2e-3; the best one, 1e-2, has 551
}
