#include <catch2/catch.hpp>
#include <cmath>

#include "engine/io/state/policy_file.hpp"
#include "engine/plugin/loader.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/time/learning/guarded_controller.hpp"
#include "tests/io_support.hpp"
#include "tests/support/step_families.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

StepController classical() { return {controller_law(corrected_law), limit_preset("arkode_7")}; }

/// The steps of one integration; their errors are looked at.
std::vector<double> times_of(const StepProblem& p, std::unique_ptr<StepControl> control, std::int64_t& attempts) {
  Stepper stepper(*p.system, make_time_method(p.method, *p.system), p.start, p.y0, p.tolerances, std::move(control));
  std::vector<double> times;
  while (stepper.time() < p.end) {
    const auto step = stepper.advance(p.end);
    REQUIRE(step.error <= 1.0);
    times.push_back(step.time);
  }
  attempts = stepper.work().accepted + stepper.work().rejected + stepper.work().failed;
  return times;
}

}  // namespace

TEST_CASE("A policy learns steps on some problems, is stored, and is of use on others under its guards", "[slow]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const test::TemporaryFolder folder(comm);
  plugin::Registry registry(comm, plugin::search_path());
  registry.load("rl_stepping");
  const auto learner = registry.make_policy_learner("dqn");
  sdk::ParameterSet options(learner->options());
  options.set("episodes", std::int64_t{100});
  options.set("warm_up", std::int64_t{10});
  options.set("discount", 0.97);
  options.set("validation_count", std::int64_t{40});
  options.set("validate_every", std::int64_t{20});
  const auto model = learner->train(
      [] {
        return std::make_unique<StepEnvironment>(
            [](std::uint64_t seed) { return test::problem_of(test::training_families(), seed); },
            StepEnvironment::Options());
      },
      options, {});
  // The best model of the validation is better than the untrained one.
  const auto& curve = model.arrays.at("curve/validation").values;
  CHECK(*std::max_element(curve.begin(), curve.end()) > curve.front() + 5.0);

  io::write_policy(comm, folder.file("steps.h5"), model);
  const auto stored = io::read_policy(comm, folder.file("steps.h5"));
  REQUIRE(stored == model);
  double sum = 0.0, worst = 0.0;
  constexpr int count = 60;
  for (std::uint64_t seed = 1000; seed < 1000 + count; ++seed) {
    const auto p = test::problem_of(test::training_families(), seed);
    std::int64_t own = 0, again = 0, reference = 0;
    const auto guarded = [&](const sdk::PolicyModel& from) {
      return std::make_unique<GuardedController>(classical(), from, learner->make(from), p.tolerances.relative);
    };
    const auto times = times_of(p, guarded(model), own);
    CHECK(times_of(p, guarded(stored), again) == times);
    times_of(p, std::make_unique<StepController>(classical()), reference);
    const double ratio = static_cast<double>(own) / static_cast<double>(reference);
    sum += std::log(ratio);
    worst = std::max(worst, ratio);
  }
  INFO("attempts over those of the classical law: mean " << std::exp(sum / count) << ", worst " << worst);
  CHECK(std::exp(sum / count) < 1.05);
  CHECK(worst < 1.5);
}
