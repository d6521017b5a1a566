#include "engine/study/controller_training.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "engine/io/hdf5/disk.hpp"
#include "engine/io/state/policy_file.hpp"
#include "engine/report/run_report.hpp"
#include "engine/results/progress.hpp"
#include "engine/results/run_folder.hpp"
#include "engine/solvers/stepping.hpp"
#include "engine/time/learning/step_environment.hpp"
#include "engine/time/systems/ode_time_system.hpp"

namespace ansatz::study {
namespace {

/// A system with what it is seen through, for as long as an episode lives.
struct OwnedSystem {
  std::unique_ptr<sdk::OdeSystem> system;
  std::unique_ptr<time::OdeTimeSystem> in_time;
};

/// The case's system with the parameters of a seed.
time::StepProblem problem_of(const input::Case& parsed, const plugin::Registry& registry, std::uint64_t seed) {
  auto parameters = parsed.system->parameters;
  std::mt19937_64 random(seed);
  for (const auto& [name, range] : parsed.policy->vary) {
    const double share = 0x1p-64 * static_cast<double>(random());
    const double value = range.first * std::pow(range.second / range.first, share);
    const bool is_integer = parameters.schema().find(name)->initial.index() == 1;
    if (is_integer) {
      parameters.set(name, static_cast<std::int64_t>(std::llround(value)));
    } else {
      parameters.set(name, value);
    }
  }
  auto owned = std::make_shared<OwnedSystem>();
  owned->system = registry.make_ode_system(parsed.system->name, parameters);
  owned->in_time = std::make_unique<time::OdeTimeSystem>(*owned->system, solvers::jacobian_choice(*parsed.time));
  const auto& time = *parsed.time;
  time::Tolerances tolerances{*time.relative_tolerance, {time.absolute_tolerance}, {}};
  const std::shared_ptr<sdk::TimeSystem> seen(owned, owned->in_time.get());
  return {seen, time.method, time.start, time.end, owned->system->info().initial, tolerances};
}

}  // namespace

int train_controller(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
                     const base::Communicator& comm) {
  const auto folder = results::make_run_folder(parsed, options.out, comm);
  results::RunLog log(comm, folder, false, options.verbosity);
  const auto& policy = *parsed.policy;
  log.say(
      results::headline(parsed, fmt::format("training of a step controller by {}, {}", policy.learner, parsed.path)));
  const auto learner = registry.make_policy_learner(policy.learner);
  time::StepEnvironment::Options steps;
  steps.steps = policy.steps;
  steps.limits = parsed.time->limits;
  const auto make_environment = [&]() -> std::unique_ptr<sdk::Environment> {
    return std::make_unique<time::StepEnvironment>(
        [&](std::uint64_t seed) { return problem_of(parsed, registry, seed); }, steps);
  };
  results::Progress shown(log, 1.0);
  const auto model = learner->train(make_environment, *policy.options, [&](const sdk::LearningProgress& progress) {
    log.event("episode", {{"episode", std::int64_t{progress.episode}}, {"reward", progress.reward}});
    shown.line([&] {
      return fmt::format("  episode {}: reward {:.4g}  validation {:.4g}", progress.episode, progress.reward,
                         progress.validation);
    });
  });
  const auto path = (std::filesystem::path(folder) / policy.file).lexically_normal().string();
  base::agree(comm, [&] {
    if (comm.is_root()) io::make_folder(std::filesystem::path(path).parent_path().string());
  });
  io::write_policy(comm, path, model);
  log.say(fmt::format("  policy: {}\n  use it: controller = {{ type = \"rl\", model = \"...\" }}\n  time: {:.1f} s",
                      std::filesystem::absolute(path).string(), log.seconds()));
  report::RunReport(parsed, registry, comm, log, folder)
      .write({.quantities = {}, .timings = {{"training", log.seconds()}}}, nullptr);
  log.event("end", {{"policy", path}});
  return 0;
}

}  // namespace ansatz::study
