#include <filesystem>
#include <random>

#include "engine/io/state/policy_file.hpp"
#include "engine/plugin/registry.hpp"
#include "tests/support/three_body_study.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/learner_options.hpp"
#include "tools/bench_program/record.hpp"

namespace ansatz::bench {
namespace {

constexpr std::uint64_t first_seed = 1000, end_seed = 1100;  // of the tests: no training sees them
constexpr int training_steps = 100, test_steps = 300;

using Features = time::HermiteStudy::Features;

/// Over the test motions: medians of the energy error and of the work, and the mean sum of rewards.
struct Result {
  double log_error, evaluations, reward;
};

/// \param choose the action for an observation
template <class Choose>
Result test(Features features, const Choose& choose) {
  const auto environment = test::three_body_study(test_steps, features);
  std::vector<double> observation(static_cast<std::size_t>(environment->observation_size())), errors, evaluations;
  double reward = 0.0;
  for (std::uint64_t seed = first_seed; seed < end_seed; ++seed) {
    environment->reset(seed, observation);
    for (bool is_done = false; !is_done;) {
      const auto outcome = environment->step(choose(observation), observation);
      reward += outcome.reward;
      is_done = outcome.done;
    }
    errors.push_back(std::log10(environment->energy_error()));
    evaluations.push_back(static_cast<double>(environment->evaluations()));
  }
  return {median(errors), median(evaluations), reward / static_cast<double>(end_seed - first_seed)};
}

nlohmann::json json_of(const Result& result) {
  return {{"log_error", result.log_error}, {"evaluations", result.evaluations}, {"reward", result.reward}};
}

/// Seconds of one decision.
double time_decision(sdk::Policy& policy, std::size_t features) {
  constexpr int count = 20000;
  std::vector<double> observation(features, 0.5);
  int sum = 0;
  const double start = MPI_Wtime();
  for (int n = 0; n < count; ++n) {
    observation[0] = 1e-4 * n;
    sum += policy.best(observation);
  }
  const double seconds = (MPI_Wtime() - start) / count;
  if (sum < 0) throw sdk::Error(sdk::ErrorKind::not_finite, "the policy has no answers", "benchmark");
  return seconds;
}

}  // namespace

void run_three_bodies(const base::Communicator& comm, const Options&) {
  Record record(comm);
  const auto environment = test::three_body_study(test_steps, Features::closest);
  auto rows = nlohmann::json::array();
  record.time("table", [&] {
    for (int action = 0; action < environment->num_actions(); ++action) {
      auto row = json_of(test(Features::closest, [&](const auto&) { return action; }));
      row["mu"] = environment->action_values()[static_cast<std::size_t>(action)];
      rows.push_back(row);
    }
  });
  std::mt19937 generator(1);
  record.set("table", rows);
  record.set("random",
             json_of(test(Features::closest, [&](const auto&) { return static_cast<int>(generator() % 10); })));
  record.print();
}

void run_three_bodies_policy(const base::Communicator& comm, const Options& options) {
  Record record(comm);
  plugin::Registry registry(comm, plugin::search_path());
  registry.load("rl_stepping");
  const auto learner = registry.make_policy_learner("dqn");
  const auto features = options.features == "closest" ? Features::closest : Features::state;
  const auto make = [&] { return test::three_body_study(training_steps, features); };
  const auto chosen = learner_options(*learner, options.settings);

  auto untrained = chosen;
  untrained.set("episodes", std::int64_t{0});
  sdk::PolicyModel model;
  record.time("training", [&] { model = learner->train(make, chosen, {}); });
  const auto policy = learner->make(model), start = learner->make(learner->train(make, untrained, {}));
  std::vector<int> taken(model.actions.size(), 0);
  record.time("test", [&] {
    record.set("trained", json_of(test(features, [&](const auto& observation) {
                 const int action = policy->best(observation);
                 ++taken[static_cast<std::size_t>(action)];
                 return action;
               })));
  });
  record.set("untrained", json_of(test(features, [&](const auto& seen) { return start->best(seen); })));
  record.set("actions", taken);
  record.set("validation", model.arrays.at("curve/validation").values);
  record.add_seconds("decision", time_decision(*policy, model.features.size()));
  if (!options.folder.empty()) {
    const auto path = std::filesystem::path(options.folder) / ("three_bodies_" + model.attribute("seed") + ".h5");
    io::write_policy(comm, path.string(), model);
  }
  record.print();
}

}  // namespace ansatz::bench
