#include "engine/time/control/bandit_controller.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "engine/time/loop/memory_archive.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/learned_steps.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

/// Total loss of a bandit whose choices cost `losses` plus noise in [0, 1), and how often each was made.
struct Played {
  double loss = 0.0;
  std::vector<int> count;
};

Played play(const std::vector<double>& losses, int rounds, std::uint64_t seed) {
  base::TsallisBandit bandit(static_cast<int>(losses.size()), seed);
  Played played;
  played.count.resize(losses.size());
  for (int n = 0; n < rounds; ++n) {
    const auto choice = static_cast<std::size_t>(bandit.draw());
    const double loss = losses[choice] + sdk::hashed(1000000 * seed + static_cast<std::uint64_t>(n));
    bandit.learn(loss);
    played.loss += losses[choice];
    ++played.count[choice];
  }
  return played;
}

}  // namespace

TEST_CASE("The probabilities of a choice by cost have the form of Tsallis-INF", "[time]") {
  base::TsallisBandit bandit(4, 3);
  for (const double p : bandit.probabilities()) CHECK(p == Approx(0.25));
  double total = 0.0;
  for (int n = 0; n < 200; ++n) {
    const double loss = 1.5 + bandit.draw();
    bandit.learn(loss);
    total += loss;
  }
  const auto p = bandit.probabilities();
  CHECK(std::accumulate(p.begin(), p.end(), 0.0) == Approx(1.0).epsilon(1e-13));
  // p = 4 / (eta (k / s - x))^2 has one x for all: x = k / s - 2 / (eta sqrt(p)).
  const auto state = bandit.state();
  const double eta = 2.0 / std::sqrt(201.0), scale = total / 200.0 - 1.0;
  const double x = state[0] / scale - 2.0 / (eta * std::sqrt(p[0]));
  for (std::size_t i = 1; i < 4; ++i)
    CHECK(state[i] / scale - 2.0 / (eta * std::sqrt(p[i])) == Approx(x).epsilon(1e-9));
}

TEST_CASE("A choice by cost finds the cheapest, with a regret like the root of the rounds", "[time]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::vector<double> losses{2.0, 1.4, 1.0, 1.8, 1.6};
    const auto played = play(losses, 20000, seed);
    INFO("seed " << seed << ", cheapest chosen " << played.count[2] << " times");
    CHECK(played.count[2] > 18000);
    // The bound for losses within [0, range] is 4 range sqrt(d T) + 1 (Zimmert and Seldin, theorem 1); range 2 here.
    CHECK(played.loss - 20000.0 * 1.0 < 4.0 * 2.0 * std::sqrt(5.0 * 20000.0));
    CHECK(played.loss - 20000.0 < 1500.0);
  }
}

TEST_CASE("Losses that say nothing, or are not finite, leave all choices open", "[time]") {
  base::TsallisBandit bandit(3, 1);
  for (int n = 0; n < 100; ++n) {
    bandit.draw();
    bandit.learn(n % 2 == 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN());
  }
  for (const double p : bandit.probabilities()) CHECK(p == Approx(1.0 / 3.0));
}

TEST_CASE("Among controllers the one that wastes steps is left", "[time]") {
  // A learned one without fuse that always halves the step, beside the classical ones.
  Guards guards;
  guards.fuse_steps = 1 << 30;
  auto system = test::oscillator();
  auto stepper = test::stepper_of(
      system, make_bandit_controller(limit_preset("arkode_7"), test::guarded([] { return 0; }, 1e300, guards), 5));
  const auto steps = test::run_to(stepper, 2000.0);
  const auto& bandit = dynamic_cast<const BanditController&>(*stepper.control());
  REQUIRE(bandit.arms().size() == 5);
  CHECK(bandit.arms()[4].name == "learned");
  const auto counts = bandit.steps();
  CHECK(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == static_cast<std::int64_t>(steps.size()));
  INFO(counts[0] << " " << counts[1] << " " << counts[2] << " " << counts[3] << " " << counts[4]);
  for (std::size_t i = 0; i < 4; ++i) CHECK(counts[4] < counts[i]);
  CHECK(static_cast<double>(counts[4]) < 0.1 * static_cast<double>(steps.size()));
  for (const auto& step : steps) CHECK(step.error <= 1.0);
}

TEST_CASE("With one controller a choice among controllers is that controller", "[time]") {
  auto system = test::oscillator();
  const auto make = [] { return std::make_unique<StepController>(controller_law("pi42"), limit_preset("arkode_7")); };
  std::vector<BanditController::Arm> arms;
  arms.push_back({"pi42", make()});
  auto alone = test::stepper_of(system, make()),
       one = test::stepper_of(system, std::make_unique<BanditController>(std::move(arms), 1));
  CHECK(test::lengths_of(test::run_to(alone, 50.0)) == test::lengths_of(test::run_to(one, 50.0)));
}

TEST_CASE("A choice among controllers goes on from its state as if it had never stopped", "[time]") {
  auto system = test::oscillator();
  const auto make = [&] {
    return test::stepper_of(system, make_bandit_controller(limit_preset("arkode_7"), nullptr, 9));
  };
  auto stepper = make();
  for (int n = 0; n < 777; ++n) stepper.advance(1e4);
  MemoryArchive archive;
  stepper.exchange(archive);
  auto other = make();
  archive.load();
  other.exchange(archive);
  for (int n = 0; n < 500; ++n) {
    const auto expected = stepper.advance(1e4), again = other.advance(1e4);
    REQUIRE(again.time == expected.time);
    REQUIRE(again.error == expected.error);
  }
}
