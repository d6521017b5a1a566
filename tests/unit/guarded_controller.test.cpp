#include "engine/time/learning/guarded_controller.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "engine/time/loop/memory_archive.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/learned_steps.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr int residual_none = 5, shortest = 0, longest = 10;
constexpr double end_time = 60.0;

struct Run {
  std::vector<Step> steps;
  WorkCount work;
  GuardCounts counts;
  std::vector<double> state;
};

Run run(std::unique_ptr<StepControl> control, double end = end_time) {
  auto system = test::oscillator();
  auto stepper = test::stepper_of(system, std::move(control));
  Run out;
  out.steps = test::run_to(stepper, end);
  out.work = stepper.work();
  out.state.assign(stepper.state().begin(), stepper.state().end());
  if (const auto* guarded = dynamic_cast<const GuardedController*>(stepper.control())) out.counts = guarded->counts();
  return out;
}

std::unique_ptr<StepControl> classical() {
  return std::make_unique<StepController>(controller_law("h211b"), limit_preset("arkode_7"));
}

std::function<int()> always(int action) {
  return [action] { return action; };
}

std::function<int()> random_actions(std::uint64_t seed) {
  return [n = seed]() mutable { return static_cast<int>(11.0 * sdk::hashed(n++)); };
}

/// Facts of an attempt with steps of length `h` and errors (h / unit)^q.
StepFacts facts_of(double h, double unit, double t) {
  StepFacts facts;
  facts.q = 5;
  facts.error = std::pow(h / unit, facts.q);
  facts.accepted = facts.error <= 1.0;
  facts.step = h;
  facts.time = t;
  facts.stop = 1e6;
  return facts;
}

}  // namespace

TEST_CASE("Errors are controlled as ever under random, worst and absent policies", "[time]") {
  const auto reference = run(classical());
  for (int kind = 0; kind < 5; ++kind) {
    const auto action = kind == 0   ? random_actions(1)
                        : kind == 1 ? always(shortest)
                        : kind == 2 ? always(longest)
                        : kind == 3
                            ? always(-1)
                            : std::function<int()>([n = 0]() mutable { return ++n % 2 == 0 ? shortest : longest; });
    const auto learned = run(test::guarded(action));
    INFO("policy " << kind << ": " << learned.steps.size() << " steps, " << learned.work.rejected << " rejected");
    for (const auto& step : learned.steps) CHECK(step.error <= 1.0);
    CHECK(learned.steps.back().time == end_time);
    // Errors at the end are of the size that the tolerance has there, as those of the classical law are.
    CHECK(std::abs(learned.state[0] - reference.state[0]) < 1e-3);
  }
}

TEST_CASE("An attempt is accepted exactly where its error is at most 1, and retried as the classical law says",
          "[time]") {
  const auto controller = test::guarded(random_actions(7));
  double h = 0.5, t = 0.0;
  int rejected = 0;
  for (int n = 0; n < 2000; ++n) {
    // The step that would be just acceptable changes all the time.
    const auto facts = facts_of(h, 1.0 + 0.8 * std::sin(0.7 * n), t);
    auto alone = controller->classical();
    const auto expected = alone.after(facts);
    const auto decision = controller->after(facts);
    CHECK(decision.accepted == facts.accepted);
    CHECK(decision.failed == expected.failed);
    if (!facts.accepted) {
      ++rejected;
      CHECK(decision.factor == expected.factor);
    } else {
      t += h;
      CHECK(decision.factor <= 2.02 * expected.factor);
      CHECK(decision.factor >= 0.49 * expected.factor);
    }
    h *= decision.factor;
  }
  CHECK(rejected > 50);
}

TEST_CASE("A policy that adds nothing, has no answer or is not trusted leaves the classical steps as they are",
          "[time]") {
  const auto reference = test::lengths_of(run(classical()).steps);
  const auto nothing = run(test::guarded(always(residual_none)));
  CHECK(test::lengths_of(nothing.steps) == reference);
  CHECK_FALSE(nothing.counts.fused);
  const auto silent = run(test::guarded(always(-1)));
  CHECK(test::lengths_of(silent.steps) == reference);
  CHECK(silent.counts.no_answer == static_cast<std::int64_t>(reference.size()));
  CHECK(silent.counts.followed == 0);
  const auto outside = run(test::guarded(always(longest), 0.1));  // the order alone is more
  CHECK(test::lengths_of(outside.steps) == reference);
  CHECK(outside.counts.outside == static_cast<std::int64_t>(reference.size()));
}

TEST_CASE("The fuse blows on a policy that wastes steps, and limits what it costs", "[time]") {
  const auto reference = run(classical(), 400.0), wasteful = run(test::guarded(always(shortest)), 400.0);
  CHECK(wasteful.counts.fused);
  // The first look is after 200 steps of the policy; each of them was of about half the length.
  CHECK(wasteful.counts.followed <= 200 + 20);
  const auto attempts = [](const Run& r) { return r.work.accepted + r.work.rejected; };
  INFO(attempts(reference) << " attempts, " << attempts(wasteful) << " with the policy");
  CHECK(attempts(wasteful) <= attempts(reference) + 200);
}

TEST_CASE("A policy whose steps are rejected is not asked for fifty steps", "[time]") {
  // The classical law keeps errors at about 0.6: twice its step has the error 0.6 2^5.
  const auto controller = test::guarded(always(longest));
  double h = 0.5;
  std::vector<bool> doubled;
  int rejected = 0;
  for (int n = 0; n < 400; ++n) {
    auto alone = controller->classical();
    const auto facts = facts_of(h, 1.0, n);
    const auto expected = alone.after(facts), decision = controller->after(facts);
    rejected += facts.accepted ? 0 : 1;
    if (facts.accepted) doubled.push_back(decision.factor > 1.5 * expected.factor);
    h *= decision.factor;
  }
  const auto& counts = controller->counts();
  CHECK(counts.pauses >= 3);
  CHECK(counts.rejected == rejected);
  // Two rejections in a row each time, and fifty steps without.
  CHECK(rejected <= 2 * counts.pauses + 2);
  CHECK(counts.paused >= 50 * (counts.pauses - 1));
  int run_of_classical = 0;
  for (const bool is_doubled : doubled) {
    if (is_doubled && run_of_classical > 1) CHECK(run_of_classical >= 50);
    run_of_classical = is_doubled ? 0 : run_of_classical + 1;
  }
}

TEST_CASE("Rejections now and then make a pause where they are more than 15 per cent of the last fifty attempts",
          "[time]") {
  Guards guards;
  guards.consecutive = 1000;
  const auto pauses = [&](int every) {
    int n = 0;
    const auto controller = test::guarded([&] { return residual_none; }, 1e300, guards);
    for (int k = 0; k < 300; ++k) {
      auto facts = facts_of(0.9, 1.0, k);
      // Every so many attempts one is rejected; it is the policy's as the one before was accepted.
      facts.accepted = ++n % every != 0;
      if (!facts.accepted) facts.error = 2.0;
      controller->after(facts);
    }
    return controller->counts().pauses;
  };
  CHECK(pauses(8) == 0);  // 12.5 %
  CHECK(pauses(5) > 0);   // 20 %
}

TEST_CASE("A proposal stays within the limits of the classical law and of the guards", "[time]") {
  Guards guards;
  guards.early_clip = {0.9, 1.1};
  guards.clip = {0.8, 1.25};
  guards.early = 3;
  for (const int action : {shortest, longest}) {
    const auto controller = test::guarded(always(action), 1e300, guards);
    double h = 0.5;
    for (int n = 0; n < 6; ++n) {
      auto alone = controller->classical();
      const auto facts = facts_of(h, 1.0 + n, n);  // always accepted
      const double ratio = controller->after(facts).factor / alone.after(facts).factor;
      CHECK(ratio == Approx(action == longest ? (n < 3 ? 1.1 : 1.25) : (n < 3 ? 0.9 : 0.8)));
    }
  }
  // Growth by 20 is what these limits allow.
  const auto controller = test::guarded(always(longest));
  controller->after(facts_of(0.1, 1.0, 0.0));
  controller->after(facts_of(0.1, 1.0, 0.1));
  CHECK(controller->after(facts_of(1e-3, 1e3, 0.2)).factor <= limit_preset("arkode_7").max_growth);
}

TEST_CASE("A step that was cut or stretched from outside is not counted as the policy's", "[time]") {
  const auto controller = test::guarded(always(longest));
  controller->after(facts_of(0.5, 1.0, 0.0));
  CHECK(controller->counts().followed == 1);
  controller->stretched(0.3);
  auto facts = facts_of(0.5, 1.0, 0.5);
  facts.accepted = false;
  facts.error = 3.0;
  controller->after(facts);
  CHECK(controller->counts().rejected == 0);
}

TEST_CASE("A learned controller goes on from its state as if it had never stopped", "[time]") {
  for (const double stop : {10.0, 31.4}) {
    auto system = test::oscillator();
    // Actions that depend on nothing but the number of the call, which is continued by hand.
    int calls = 0;
    const auto action = [&calls] { return static_cast<int>(11.0 * sdk::hashed(static_cast<std::uint64_t>(calls++))); };
    auto stepper = test::stepper_of(system, test::guarded(action));
    while (stepper.time() < stop) stepper.advance(1e3);
    MemoryArchive archive;
    stepper.exchange(archive);
    const int calls_then = calls;
    std::vector<Step> expected;
    for (int n = 0; n < 300; ++n) expected.push_back(stepper.advance(1e3));

    calls = calls_then;
    auto other = test::stepper_of(system, test::guarded(action));
    archive.load();
    other.exchange(archive);
    for (const auto& step : expected) {
      const auto again = other.advance(1e3);
      REQUIRE(again.time == step.time);
      REQUIRE(again.error == step.error);
    }
    const auto counts = [](const Stepper& s) { return dynamic_cast<const GuardedController&>(*s.control()).counts(); };
    CHECK(counts(other) == counts(stepper));
  }
}

TEST_CASE("Policies for something else than steps are refused", "[time]") {
  const auto make = [](const sdk::PolicyModel& model) {
    GuardedController(StepController(controller_law("h211b"), limit_preset("arkode_7")), model,
                      std::make_unique<test::ScriptedPolicy>(always(0)), 1e-6);
  };
  auto model = test::step_policy_model();
  CHECK_NOTHROW(make(model));
  model.features[0] = "x0.x";
  CHECK(test::kind_of([&] { make(model); }) == sdk::ErrorKind::state);
  model = test::step_policy_model();
  model.actions.pop_back();
  CHECK(test::kind_of([&] { make(model); }) == sdk::ErrorKind::state);
  model = test::step_policy_model();
  model.arrays.erase("features/low");
  CHECK(test::kind_of([&] { make(model); }) == sdk::ErrorKind::state);
}

TEST_CASE("The features of steps are what their names say", "[time]") {
  StepHistory history(1e-5);
  auto facts = facts_of(0.5, 1.0, 2.0);
  facts.stop = 12.0;
  history.accepted(facts, 0);
  facts.time = 2.5;
  facts.step = 0.25;
  facts.error = 0.125;
  history.accepted(facts, 2);
  std::vector<double> seen(step_features().size());
  history.features(seen);
  const std::vector<double> expected{
      std::log(0.125), 5.0 * std::log(0.5), 0.0, std::log(0.5), 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 5.0, -5.0, 9.25 / 10.0};
  REQUIRE(seen.size() == expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    INFO(step_features()[i]);
    CHECK(seen[i] == Approx(expected[i]).margin(1e-14));
  }
}
