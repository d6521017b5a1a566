#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "engine/io/state/policy_file.hpp"
#include "engine/plugin/loader.hpp"
#include "engine/time/learning/guarded_controller.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/learner_options.hpp"
#include "tools/bench_program/record.hpp"
#include "tools/bench_program/step_problems.hpp"

namespace ansatz::bench {
namespace {

constexpr std::uint64_t validation_seed = 200, test_seed = 1000, reward_seeds = 40;

/// The episodes of the study, and the work of all that were begun.
class Episodes {
 public:
  explicit Episodes(const StepProblems& problems) : problems_(problems) {}

  std::unique_ptr<time::StepEnvironment> make() {
    return std::make_unique<time::StepEnvironment>(
        [this](std::uint64_t seed) {
          CountedSystem system;
          auto episode = problems_.episode(seed, system);
          begun_.push_back(std::move(system));
          return episode;
        },
        time::StepEnvironment::Options());
  }
  double work() const {
    double sum = 0.0;
    for (const auto& system : begun_) sum += system.work();
    return sum;
  }

 private:
  const StepProblems& problems_;
  std::vector<CountedSystem> begun_;
};

/// Mean over the episodes from a seed on of the sums of rewards. \param choose the action for an observation
template <class Choose>
double mean_reward(const StepProblems& problems, std::uint64_t first, const Choose& choose) {
  Episodes episodes(problems);
  const auto environment = episodes.make();
  std::vector<double> observation(static_cast<std::size_t>(environment->observation_size()));
  double sum = 0.0;
  for (std::uint64_t seed = first; seed < first + reward_seeds; ++seed) {
    environment->reset(seed, observation);
    for (bool is_done = false; !is_done;) {
      const auto outcome = environment->step(choose(observation), observation);
      sum += outcome.reward;
      is_done = outcome.done;
    }
  }
  return sum / static_cast<double>(reward_seeds);
}

template <class Choose>
nlohmann::json rewards(const StepProblems& problems, const Choose& choose) {
  return {{"validation", mean_reward(problems, validation_seed, choose)},
          {"test_a", mean_reward(problems, test_seed, choose)}};
}

/// Seconds of one decision of a controller after accepted steps.
double time_decision(time::StepControl& control) {
  constexpr int count = 100000;
  time::StepFacts facts{.q = 5, .step = 1e-3, .stop = 1e3};
  double sum = 0.0;
  const double start = MPI_Wtime();
  for (int n = 0; n < count; ++n) {
    facts.error = 0.3 + 0.4 * (n % 17) / 17.0;
    facts.time += facts.step;
    sum += control.after(facts).factor;
  }
  const double seconds = (MPI_Wtime() - start) / count;
  if (!std::isfinite(sum)) throw sdk::Error(sdk::ErrorKind::not_finite, "the controller has no answers", "benchmark");
  return seconds;
}

}  // namespace

void run_step_training(const base::Communicator& comm, const Options& options) {
  Record record(comm);
  plugin::Registry registry(comm, plugin::search_path());
  registry.load("rl_stepping");
  const StepProblems problems(registry);
  const auto learner = registry.make_policy_learner("dqn");
  const auto chosen = learner_options(*learner, options.settings);
  auto none = chosen;
  none.set("episodes", std::int64_t{0});

  Episodes episodes(problems);
  sdk::PolicyModel model;
  record.time("training", [&] { model = learner->train([&] { return episodes.make(); }, chosen, {}); });
  record.set("training_work", episodes.work());
  Episodes unused(problems);
  const auto policy = learner->make(model),
             untrained = learner->make(learner->train([&] { return unused.make(); }, none, {}));
  std::mt19937 generator(1);
  record.set("trained", rewards(problems, [&](const auto& seen) { return policy->best(seen); }));
  record.set("untrained", rewards(problems, [&](const auto& seen) { return untrained->best(seen); }));
  record.set("random",
             rewards(problems, [&](const auto&) { return static_cast<int>(generator() % model.actions.size()); }));
  record.set("curve", nlohmann::json{{"episode", model.arrays.at("curve/validated").values},
                                     {"validation", model.arrays.at("curve/validation").values}});

  const int as_it_is = static_cast<int>(std::ranges::find(model.actions, 0.0) - model.actions.begin());
  record.set("classical", rewards(problems, [&](const auto&) { return as_it_is; }));

  const time::StepController law(time::controller_law(time::corrected_law), time::limit_preset("arkode_7"));
  auto classical = law;
  auto wide = model;  // so that the policy is asked each time
  for (double& low : wide.arrays.at("features/low").values) low = -1e300;
  for (double& high : wide.arrays.at("features/high").values) high = 1e300;
  time::GuardedController guarded(law, wide, learner->make(model), 1e-6, {.fuse_excess = 1e300});
  record.add_seconds("decision", time_decision(guarded) - time_decision(classical));
  if (!options.folder.empty()) {
    const auto path = std::filesystem::path(options.folder) / ("steps_" + model.attribute("seed") + ".h5");
    io::write_policy(comm, path.string(), model);
    record.set("policy", path.string());
  }
  record.print();
}

}  // namespace ansatz::bench
