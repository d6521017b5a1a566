#include <fmt/format.h>

#include <charconv>
#include <map>

#include "engine/plugin/loader.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/ode_problems.hpp"
#include "tools/bench_program/record.hpp"

namespace ansatz::bench {
namespace {

OdeRun solve(const OdeProblem& problem, const std::string& solver, double tolerance) {
  if (solver.starts_with("petsc_")) return solve_by_petsc(problem, solver.substr(6), tolerance);
  if (solver != "cvode") return solve_by_us(problem, solver, tolerance);
#ifdef ANSATZ_HAVE_SUNDIALS
  return solve_by_cvode(problem, tolerance);
#else
  throw sdk::Error(sdk::ErrorKind::usage, "this program was built without SUNDIALS", {},
                   "install libsundials-dev and build again");
#endif
}

std::map<std::string, std::string> settings_of(const Options& options) {
  std::map<std::string, std::string> settings{{"problem", "hires"}, {"solver", "bdf"}, {"tolerances", "1e-6"}};
  for (const auto& setting : options.settings) {
    const auto at = setting.find('=');
    if (at == std::string::npos || !settings.contains(setting.substr(0, at))) {
      throw sdk::Error(sdk::ErrorKind::usage, "unknown setting " + setting, "command line",
                       "problem=, solver=, tolerances=1e-4,1e-6");
    }
    settings[setting.substr(0, at)] = setting.substr(at + 1);
  }
  return settings;
}

}  // namespace

void run_integrators(const base::Communicator& comm, const Options& options) {
  const auto settings = settings_of(options);
  plugin::Registry registry(comm, plugin::search_path());
  const auto problem = make_ode_problem(settings.at("problem"), registry);
  const auto reference = solve_by_us(problem, "rodas4", settings.at("problem") == "heat" ? 1e-11 : 1e-12).y;
  nlohmann::json points = nlohmann::json::array();
  std::string rest = settings.at("tolerances") + ",";
  for (std::size_t end; (end = rest.find(',')) != std::string::npos; rest.erase(0, end + 1)) {
    const double tolerance = std::stod(rest.substr(0, end));
    auto best = solve(problem, settings.at("solver"), tolerance);
    std::vector<double> seconds{best.seconds};
    for (int k = 1; k < options.repetitions; ++k)
      seconds.push_back(solve(problem, settings.at("solver"), tolerance).seconds);
    points.push_back({{"tolerance", tolerance},
                      {"error", relative_error(problem, best.y, reference)},
                      {"seconds", median(seconds)},
                      {"steps", best.steps},
                      {"evaluations", best.evaluations},
                      {"jacobians", best.jacobians}});
  }
  Record record(comm);
  record.set("unknowns", problem.system->size());
  record.set("points", points);
  record.print();
}

}  // namespace ansatz::bench
