#include "engine/solvers/finite_elements/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/fem/motions/balanced_start.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/fem/motions/motion_amplitudes.hpp"
#include "engine/solvers/finite_elements/newton_options.hpp"
#include "engine/solvers/finite_elements/steady_solve.hpp"

namespace ansatz::solvers {
namespace {

constexpr double smallest_continuation_step = 1e-3;  // of the way

}  // namespace

SteadyState::SteadyState(problem::Problem& problem, fem::DiscreteProblem& discrete, Undetermined& undetermined,
                         results::RunLog& log)
    : problem_(problem),
      discrete_(discrete),
      undetermined_(undetermined),
      log_(log),
      case_(problem.parsed()),
      newton_(newton_options(problem)) {}

void SteadyState::solve(double t, std::vector<double>& values) {
  if (case_.solver.continuation) {
    continue_to_target(t, values);
  } else {
    solve_at(t, values, true);
  }
}

void SteadyState::solve_at(double t, std::vector<double>& values, bool may_follow_path) {
  auto given = values;
  discrete_.prescribe(t, values);
  undetermined_.release();
  const auto motions = find_motions(t, given, values);
  if (motions.empty() && undetermined_.motions().empty()) return newton_at(t, given, values, may_follow_path);
  undetermined_.hold(motions);
  std::vector<fem::FreeMotion> weak, undetermined;
  for (const auto& motion : motions) (motion.weak ? weak : undetermined).push_back(motion);
  if (case_.time) undetermined_.refuse_as_start(undetermined);
  undetermined_.announce(undetermined);
  const auto start = values;
  try {
    newton_at(t, given, values, may_follow_path);
    // Where coefficients depend on the solution, a solution that moves may be none.
    const auto& searched = problem_.form().linear() ? weak : motions;
    auto unfelt = fem::find_amplitudes(discrete_, searched, t, values, [&] { newton_at(t, given, values, false); });
    if (!problem_.form().linear()) undetermined.clear();
    std::ranges::move(unfelt, std::back_inserter(undetermined));
  } catch (const sdk::Error& error) {
    if (error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite) {
      fem::explain_failure(discrete_, motions, t, start, error);
    }
    throw;
  }
  if (case_.time) undetermined_.refuse_as_start(undetermined);
  fem::remove_motions(discrete_.comm(), undetermined, values);
  fem::check_balance(discrete_, undetermined, t, start, values, std::nullopt);
  if (case_.time) {
    fem::check_balance(discrete_, undetermined_.motions(), t, start, values, std::nullopt);
    undetermined_.release();
  } else {
    undetermined_.announce(undetermined);
    undetermined_.set(std::move(undetermined));
  }
}

/// What the equations leave undetermined at values, or at others nearer to a solution, which the start is moved to.
/// \param given,values as for newton_at()
std::vector<fem::FreeMotion> SteadyState::find_motions(double t, std::span<double> given, std::vector<double>& values) {
  auto motions = fem::find_free_motions(discrete_, t, values, std::nullopt, {1.0, 0.0});
  const auto before = values;
  if (!fem::balance_start(discrete_, motions, t, values)) return motions;
  log_.say("  the integrals of the equations do not balance at the start: it is moved to where they do");
  for (std::size_t i = 0; i < values.size(); ++i) given[i] += values[i] - before[i];
  return fem::find_free_motions(discrete_, t, values, std::nullopt, {1.0, 0.0});
}

/// \param given the values before those that are prescribed were written
void SteadyState::newton_at(double t, std::span<const double> given, std::vector<double>& values,
                            bool may_follow_path) {
  SteadySolve solve(discrete_, t, newton_, log_);
  residual_ = may_follow_path ? solve.newton_or_homotopy(given, values) : solve.newton(values);
}

void SteadyState::continue_to_target(double t, std::vector<double>& values) {
  const auto& spec = *case_.solver.continuation;
  auto parameters = problem_.parameters();
  const auto position = std::distance(case_.parameters.begin(), case_.parameters.find(spec.parameter));
  if (std::ranges::count(problem_.map().parameters_used(), static_cast<int>(position)) > 0) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("mesh.map depends on {}, and continuation keeps the mesh", spec.parameter),
                     spec.at.text(), "continue in another parameter");
  }
  const double target = parameters[position];
  const auto move_to_target = [&] {
    parameters[position] = target;
    problem_.set_parameters(parameters);
  };
  double way = 0.0, step = 1.0;         // from spec.from (0) to the target (1)
  bool at_start = spec.from == target;  // solved at the start of the way; nothing to do where it is the target
  while (way < 1.0) {
    const double next = at_start ? std::min(1.0, way + step) : 0.0;
    parameters[position] = spec.from + next * (target - spec.from);
    log_.say(fmt::format("  {} = {:.6g}", spec.parameter, parameters[position]));
    problem_.set_parameters(parameters);
    auto trial = values;
    try {
      solve_at(t, trial, !at_start);
    } catch (const sdk::Error& error) {
      const bool can_retry = error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite;
      step *= 0.5;
      const bool goes_on = can_retry && at_start && step >= smallest_continuation_step;
      if (!goes_on) move_to_target();
      if (!can_retry || !at_start) throw;
      if (!goes_on) {
        throw sdk::Error(error.kind(),
                         fmt::format("{}; continuation reached {} = {:.6g}", error.what(), spec.parameter,
                                     spec.from + way * (target - spec.from)),
                         error.where(), error.hint());
      }
      log_.say(fmt::format("  no convergence: smaller step in {}", spec.parameter));
      continue;
    }
    values = std::move(trial);
    way = next;
    if (at_start) step *= 2.0;
    at_start = true;
  }
}

}  // namespace ansatz::solvers
