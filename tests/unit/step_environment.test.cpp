#include "engine/time/learning/step_environment.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/errors.hpp"
#include "tests/support/step_families.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr int residual_none = 5;

StepProblem problem(std::uint64_t seed) { return test::problem_of(test::training_families(), seed); }

StepEnvironment environment(int steps) {
  StepEnvironment::Options options;
  options.steps = steps;
  return {problem, options};
}

}  // namespace

TEST_CASE("Without a residual the process takes the steps of the classical law", "[time]") {
  auto process = environment(1 << 30);
  std::vector<double> seen(step_features().size());
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto p = problem(seed);
    Stepper stepper(*p.system, make_time_method(p.method, *p.system), p.start, p.y0, p.tolerances,
                    std::make_unique<StepController>(controller_law("h211b"), limit_preset("arkode_7")));
    process.reset(seed, seen);
    auto step = stepper.advance(p.end);
    sdk::Outcome outcome;
    CAPTURE(seed, p.method);
    while (true) {
      REQUIRE(process.time() == step.time);
      CHECK(seen[0] == Approx(std::log(std::max(step.error, 1e-10))));
      CHECK(seen[5] == step.rejections);
      CHECK(seen[11] == Approx(std::log10(p.tolerances.relative)));
      if (stepper.time() == p.end) break;
      outcome = process.step(residual_none, seen);
      step = stepper.advance(p.end);
      const double q = p.method == "dormand_prince54" ? 5.0 : 3.0;
      const double saved = q / (q - 1) * std::pow(step.error, 1 / q) / 0.75 - step.error / std::pow(0.75, q) / (q - 1);
      CHECK(outcome.reward == Approx(saved - 1 - step.rejections).margin(1e-12));
      CHECK(outcome.reward <= 1e-12);
    }
    CHECK(outcome.done);
    CHECK_FALSE(outcome.cut);
    CHECK(process.attempts() == stepper.work().accepted + stepper.work().rejected + stepper.work().failed);
  }
}

TEST_CASE("An action makes the next attempt as much longer as it says", "[time]") {
  auto process = environment(50), other = environment(50);
  std::vector<double> a(step_features().size()), b(a);
  process.reset(3, a);
  other.reset(3, b);
  CHECK(a == b);
  const double start = process.time();
  process.step(residual_none, a);
  other.step(0, b);  // a shorter step is never rejected where the longer one was not
  CHECK((other.time() - start) / (process.time() - start) == Approx(std::exp(-0.7)));
}

TEST_CASE("An episode is cut after its number of steps, and repeated by its seed", "[time]") {
  auto process = environment(7);
  std::vector<double> seen(step_features().size());
  std::vector<double> first, again;
  for (auto* rewards : {&first, &again}) {
    process.reset(8, seen);
    sdk::Outcome outcome;
    for (int n = 0; !outcome.done; ++n) {
      outcome = process.step(n, seen);
      rewards->push_back(outcome.reward);
    }
    CHECK(outcome.cut);
    process.reset(9, seen);
  }
  CHECK(first.size() == 7);
  CHECK(first == again);
}

TEST_CASE("Steps before a reset, and actions that there are not, are refused", "[time]") {
  auto process = environment(7);
  std::vector<double> seen(step_features().size());
  CHECK(test::kind_of([&] { process.step(0, seen); }) == sdk::ErrorKind::internal);
  process.reset(0, seen);
  CHECK(test::kind_of([&] { process.step(11, seen); }) == sdk::ErrorKind::internal);
}
