#include "engine/solvers/table/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/text.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/solvers/finite_elements/fem_ansatz.hpp"
#include "engine/solvers/reduced_basis/reduced_ansatz.hpp"

namespace ansatz::solvers {
namespace {

constexpr double missed_values = 1e-6;  // of the largest value: more is worth a warning

/// What an ansatz throws that is no sdk::Error gets its name.
template <class Work>
auto named(const std::string& name, Work work) {
  const auto failed = fmt::format("the ansatz {} failed", name);
  try {
    return work();
  } catch (const sdk::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw sdk::Error(sdk::ErrorKind::plugin, failed + ": " + error.what());
  } catch (...) {
    throw sdk::Error(sdk::ErrorKind::plugin, failed);
  }
}

/// Parameters outside of what an ansatz was trained for. Not collective.
void warn_of_extrapolation(const CaseProblem& problem, std::span<const double> parameters) {
  std::size_t k = 0;
  for (const auto& [name, spec] : problem.parsed().parameters) {
    const double value = parameters[k++];
    if (!(spec.low < spec.high) || (value >= spec.low && value <= spec.high)) continue;
    problem.log().warn(fmt::format("{} = {} is outside of [{}, {}], for which the model was trained", name, value,
                                   spec.low, spec.high));
  }
}

/// The certificate on a line, and a warning where prescribed values are missed. *Collective.*
void report(const CaseProblem& problem, const sdk::Solution& solution) {
  if (solution.certificate) {
    const auto& certificate = *solution.certificate;
    problem.log().say(fmt::format("  error to the {}: {} {:.3e} ({})",
                                  certificate.against == sdk::Certificate::Against::equation
                                      ? "solution of the equations"
                                      : "finite-element solution on this mesh",
                                  sdk::name(certificate.kind), certificate.value, certificate.norm));
  }
  auto prescribed = solution.values;
  problem.discrete().prescribe(solution.time, prescribed);
  double missed = 0.0, size = 0.0;
  for (std::size_t i = 0; i < prescribed.size(); ++i) {
    missed = std::max(missed, std::abs(prescribed[i] - solution.values[i]));
    size = std::max({size, std::abs(prescribed[i]), std::abs(solution.values[i])});
  }
  missed = problem.comm().max(missed);
  size = problem.comm().max(size);
  if (missed > missed_values * size)
    problem.log().warn(
        fmt::format("the ansatz misses prescribed values by {:.2g} of the largest value", missed / size));
}

}  // namespace

std::unique_ptr<sdk::Solver> make_ansatz(const CaseProblem& problem, const std::string& name) {
  if (name == input::finite_elements_info().name) return make_fem_ansatz(problem);
  if (name == input::reduced_basis_info().name) return make_reduced_ansatz(problem);
  const auto& offers = problem.registry().offers().solvers;
  const auto found = std::ranges::find(offers, name, &plugin::SolverOffer::name);
  if (found == offers.end()) {
    std::vector<std::string> known;
    for (const auto& info : input::solver_infos(problem.registry())) known.push_back(info.name);
    const auto meant = sdk::did_you_mean(name, known);
    throw sdk::Error(sdk::ErrorKind::parameter, fmt::format("there is no ansatz \"{}\"", name), {},
                     meant.empty() ? fmt::format("there are {}", fmt::join(known, ", ")) : meant);
  }
  const auto& given = problem.parsed().solver.options;
  const auto options = given.find(name);
  std::unique_ptr<sdk::Solver> solver;
  base::agree(problem.comm(), [&] {
    solver = found->create(problem, options == given.end()
                                        ? sdk::ParameterSet(input::find_solver(problem.registry(), name)->options)
                                        : options->second);
    if (!solver) throw sdk::Error(sdk::ErrorKind::plugin, fmt::format("the plugin made no ansatz \"{}\"", name));
  });
  return solver;
}

sdk::Solution solve(const CaseProblem& problem, const std::string& name, sdk::Solver& ansatz, sdk::Query query,
                    RunMonitor& monitor) {
  auto& bound = problem.problem();
  const std::vector<double> at(query.parameters.begin(), query.parameters.end());
  query.parameters = at;
  // What is built in reports and looks at its solutions by itself.
  const auto& offers = problem.registry().offers().solvers;
  const auto offer = std::ranges::find(offers, name, &plugin::SolverOffer::name);
  const bool is_of_plugin = offer != offers.end();
  if (bound.parameters() != at) bound.set_parameters(at);
  if (is_of_plugin && offer->info.trains) warn_of_extrapolation(problem, at);
  auto solution = named(name, [&] { return ansatz.solve(query, monitor); });
  require_fitting(bound, solution);
  if (bound.parameters() != at) bound.set_parameters(at);  // another ansatz may have been asked
  solution.parameters = at;
  quantities::require_finite(bound, solution);
  if (solution.certificate && !(solution.certificate->value >= 0.0)) {
    throw sdk::Error(sdk::ErrorKind::not_finite,
                     fmt::format("the certificate of the ansatz is {}", solution.certificate->value));
  }
  const bool is_steady = !problem.parsed().time;
  if (is_steady && !monitor.is_quiet() && !solution.work.contains("residual")) {
    auto& discrete = problem.discrete();
    std::vector<double> F(static_cast<std::size_t>(discrete.size()));
    discrete.residual(0.0, solution.values, std::nullopt, F);
    solution.work["residual"] = linear::norm(problem.comm(), F);
  }
  if (monitor.num_observed() == 0 && is_steady) monitor.observe(solution, 0, true, nullptr);
  if (is_of_plugin && !monitor.is_quiet()) report(problem, solution);
  const bool is_at_end = monitor.checkpoints() != nullptr && monitor.checkpoints()->restart();  // of what went before
  if (monitor.num_observed() == 0 && !is_at_end) {
    throw sdk::Error(sdk::ErrorKind::plugin, "the ansatz has shown no solution to Monitor::observe()", {},
                     "that is a mistake of its plugin: each of Problem::times() is wanted");
  }
  return solution;
}

}  // namespace ansatz::solvers
