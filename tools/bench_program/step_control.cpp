#include <cmath>

#include "engine/plugin/loader.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/record.hpp"
#include "tools/bench_program/step_controls.hpp"
#include "tools/bench_program/step_problems.hpp"

namespace ansatz::bench {
namespace {

constexpr int tolerances = 7,
              tuning_tolerances = 4;  // of a curve: the loosest of a method to its tightest, or half that far

/// Of all runs of one controller.
struct Totals {
  std::int64_t attempts = 0, rejected = 0;    ///< rejected: by the error or by a solver
  std::int64_t followed = 0, overridden = 0;  ///< proposals of the policy, and of the classical law in its place
  std::int64_t outside = 0, paused = 0;  ///< of the latter: features that its training has not seen; after rejections
  std::int64_t fused = 0;                ///< runs in which it was given up
  double work = 0.0, seconds = 0.0;      ///< also of runs that failed
};

/// The state at the end. \throws sdk::Error of kind solver or not_finite. \param stepper is left as it then is
std::span<const double> to_end(time::Stepper& stepper, const StepCase& problem) {
  while (stepper.time() < problem.end) stepper.advance(problem.end);
  return stepper.state();
}

std::vector<double> reference_of(const StepCase& problem, StepControls& controls) {
  const auto counted = problem.make();
  const double tolerance = problem.stiff ? 1e-11 : 1e-12;
  time::Stepper stepper(
      *counted.system, time::make_time_method(problem.stiff ? "rodas4" : "dormand_prince54", *counted.system), 0.0,
      problem.y0, problem.tolerances(tolerance), controls.make("law:h211b:0.9", tolerance, 0).control);
  const auto y = to_end(stepper, problem);
  return {y.begin(), y.end()};
}

/// [work, error] of an integration; null where it failed.
nlohmann::json run(const StepCase& problem, const std::string& method, double tolerance, NamedControl control,
                   std::span<const double> reference, Totals& totals) {
  const auto counted = problem.make();
  const double begin = MPI_Wtime();
  time::Stepper stepper(*counted.system, time::make_time_method(method, *counted.system), 0.0, problem.y0,
                        problem.tolerances(tolerance), std::move(control.control));
  nlohmann::json point;
  try {
    const double error = problem.error(to_end(stepper, problem), reference);
    if (std::isfinite(error)) point = {counted.work(), error};
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
  }
  totals.seconds += MPI_Wtime() - begin;
  totals.work += counted.work();
  const auto& work = stepper.work();
  totals.attempts += work.accepted + work.rejected + work.failed;
  totals.rejected += work.rejected + work.failed;
  if (control.guarded != nullptr) {
    const auto& counts = control.guarded->counts();
    totals.followed += counts.followed;
    totals.overridden += counts.classical;
    totals.outside += counts.outside;
    totals.paused += counts.paused;
    totals.fused += counts.fused ? 1 : 0;
  }
  return point;
}

/// The curve of a controller: one point a tolerance.
nlohmann::json curve(const StepCase& problem, const StepMethod& method, int count, const std::string& name,
                     StepControls& controls, std::span<const double> reference, Totals& totals) {
  auto points = nlohmann::json::array();
  for (int k = 0; k < count; ++k) {
    const double part = static_cast<double>(k) / (tolerances - 1);
    const double tolerance = std::pow(10.0, -method.least_digits - part * (method.most_digits - method.least_digits));
    points.push_back(
        run(problem, method.name, tolerance, controls.make(name, tolerance, problem.seed), reference, totals));
  }
  return points;
}

}  // namespace

void run_step_control(const base::Communicator& comm, const Options& options) {
  std::vector<std::string> names;
  std::string set = "tuning";
  for (const auto& setting : options.settings) {
    if (setting.starts_with("controller=")) {
      names.push_back(setting.substr(11));
    } else if (setting.starts_with("problems=")) {
      set = setting.substr(9);
    } else {
      throw sdk::Error(sdk::ErrorKind::usage, "unknown setting " + setting, "command line", "problems=, controller=");
    }
  }
  Record record(comm);
  plugin::Registry registry(comm, plugin::search_path());
  registry.load("rl_stepping");
  StepControls controls(comm, registry);
  auto problems = nlohmann::json::array();
  std::vector<nlohmann::json> curves(names.size(), nlohmann::json::array());
  std::vector<Totals> totals(names.size());
  for (const auto& problem : StepProblems(registry).set(set)) {
    const auto reference = reference_of(problem, controls);
    for (const auto& method : problem.methods) {
      problems.push_back({{"problem", problem.problem}, {"seed", problem.seed}, {"method", method.name}});
      for (std::size_t i = 0; i < names.size(); ++i)
        curves[i].push_back(curve(problem, method, set == "tuning" ? tuning_tolerances : tolerances, names[i], controls,
                                  reference, totals[i]));
    }
  }
  auto rows = nlohmann::json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    rows.push_back({{"controller", names[i]},
                    {"curves", curves[i]},
                    {"work", totals[i].work},
                    {"attempts", totals[i].attempts},
                    {"rejected", totals[i].rejected},
                    {"followed", totals[i].followed},
                    {"overridden", totals[i].overridden},
                    {"outside", totals[i].outside},
                    {"paused", totals[i].paused},
                    {"fused", totals[i].fused},
                    {"run_seconds", totals[i].seconds}});
  }
  record.set("problems", problems);
  record.set("controllers", rows);
  record.print();
}

}  // namespace ansatz::bench
