#include "engine/solvers/finite_elements/fem_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/fem/motions/balanced_start.hpp"
#include "engine/fem/motions/held_motions.hpp"
#include "engine/fem/motions/motion_amplitudes.hpp"
#include "engine/solvers/finite_elements/steady_solve.hpp"

namespace ansatz::solvers {
namespace {

constexpr double smallest_continuation_step = 1e-3;  // of the way

}  // namespace

FemSolve::FemSolve(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
                   results::RunLog& log, results::Checkpoints* checkpoints)
    : problem_(problem),
      discrete_(discrete),
      registry_(registry),
      log_(log),
      checkpoints_(checkpoints),
      case_(problem.parsed()) {
  needs_rates_ = std::ranges::any_of(problem.quantities(), &problem::BoundQuantity::needs_rates);
}

quantities::Solution FemSolve::run(const Observer& observe) {
  discrete_.pin({});  // what an earlier solve held
  if (case_.time) return transient(observe);
  auto solution = steady();
  quantities::require_finite(problem_, solution);
  observe(solution, 0, true, nullptr);
  return solution;
}

linear::NewtonOptions FemSolve::newton_options() const {
  linear::NewtonOptions options;
  options.relative_tolerance = case_.linear.newton_relative_tolerance;
  options.absolute_tolerance = case_.linear.newton_absolute_tolerance;
  options.correction_tolerance = case_.linear.newton_correction_tolerance;
  options.line_search = case_.linear.line_search == "monotone" ? linear::LineSearch::monotone
                        : case_.linear.line_search == "none"   ? linear::LineSearch::none
                                                               : linear::LineSearch::nonmonotone;
  options.max_iterations = case_.linear.newton_max_iterations;
  options.nonlinear = !problem_.form().linear();
  options.inexact = options.nonlinear && !case_.linear.relative_tolerance;
  options.lagged_jacobian = case_.linear.lagged_jacobian;
  return options;
}

quantities::Solution FemSolve::steady() {
  if (problem_.form().transient()) {
    log_.event("note", {{"text", std::string("no [time]: the steady state is solved for")}});
  }
  quantities::Solution solution{.values = problem_.initial_state(), .parameters = problem_.parameters()};
  solve_steady(0.0, solution.values);
  warn_of_convection(solution);
  remove_means(solution);
  return solution;
}

void FemSolve::solve_steady(double t, std::vector<double>& values) {
  if (case_.solver.continuation) {
    continue_to_target(t, values);
  } else {
    solve_at(t, values, true);
  }
}

void FemSolve::solve_at(double t, std::vector<double>& values, bool may_follow_path) {
  auto given = values;
  discrete_.prescribe(t, values);
  if (holds_more_) hold({});
  const auto motions = find_motions(t, given, values);
  if (motions.empty() && free_.empty()) return newton_at(t, given, values, may_follow_path);
  hold(motions);
  std::vector<fem::FreeMotion> weak, undetermined;
  for (const auto& motion : motions) (motion.weak ? weak : undetermined).push_back(motion);
  if (case_.time) refuse_as_start(undetermined);
  announce(undetermined);
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
  if (case_.time) refuse_as_start(undetermined);
  fem::remove_motions(discrete_.comm(), undetermined, values);
  fem::check_balance(discrete_, undetermined, t, start, values, std::nullopt);
  if (case_.time) {
    fem::check_balance(discrete_, free_, t, start, values, std::nullopt);
    hold({});
  } else {
    announce(undetermined);
    free_ = std::move(undetermined);
  }
}

/// What the equations leave undetermined at values, or at others nearer to a solution, which the start is moved to.
/// \param given,values as for newton_at()
std::vector<fem::FreeMotion> FemSolve::find_motions(double t, std::span<double> given, std::vector<double>& values) {
  auto motions = fem::find_free_motions(discrete_, t, values, std::nullopt, {1.0, 0.0});
  const auto before = values;
  if (!fem::balance_start(discrete_, motions, t, values)) return motions;
  log_.say("  the integrals of the equations do not balance at the start: it is moved to where they do");
  for (std::size_t i = 0; i < values.size(); ++i) given[i] += values[i] - before[i];
  return fem::find_free_motions(discrete_, t, values, std::nullopt, {1.0, 0.0});
}

/// \param given the values before those that are prescribed were written
void FemSolve::newton_at(double t, std::span<const double> given, std::vector<double>& values, bool may_follow_path) {
  const auto options = newton_options();
  SteadySolve solve(discrete_, t, options, log_);
  residual_ = may_follow_path ? solve.newton_or_homotopy(given, values) : solve.newton(values);
}

/// Holds the motions that are held throughout and these.
void FemSolve::hold(const std::vector<fem::FreeMotion>& more) {
  auto unknowns = held_;
  for (const auto unknown : fem::unknowns_to_hold(discrete_.dofs(), more)) unknowns.push_back(unknown);
  discrete_.pin(unknowns);
  holds_more_ = !more.empty();
}

void FemSolve::announce(const std::vector<fem::FreeMotion>& motions) {
  if (announced_) return;
  for (const auto& motion : motions) {
    log_.say(fmt::format("  {} is determined up to {}{}: its mean{} is 0", motion.name, motion.motion, motion.where,
                         motion.where.empty() ? "" : " there"));
    announced_ = true;
  }
}

void FemSolve::refuse_as_start(const std::vector<fem::FreeMotion>& motions) const {
  if (motions.empty()) return;
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("there is no one steady state to start from: it determines {} only", motions.front().text()),
      case_.initial.at.text(), "give initial values instead of start = \"steady\"");
}

void FemSolve::continue_to_target(double t, std::vector<double>& values) {
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

void FemSolve::remove_means(quantities::Solution& solution) const {
  fem::remove_motions(discrete_.comm(), free_, solution.values);
  if (solution.of_rates) fem::remove_motions(discrete_.comm(), free_, *solution.of_rates);
}

void FemSolve::warn_of_convection(const quantities::Solution& solution) {
  if (!problem_.physics().info().has_stabilisation || case_.solver.stabilise) return;
  const auto values = discrete_.with_ghosts(solution.values);
  double peclet = 0.0;
  base::agree(discrete_.comm(), [&] { peclet = problem_.form().largest_peclet({solution.time, values, {}}); });
  peclet = discrete_.comm().max(peclet);
  if (peclet <= 1.0) return;
  log_.warn(
      fmt::format("the cell Peclet number reaches {:.3g} > 1, the solution may oscillate: refine the mesh or set "
                  "solver.stabilisation = \"supg\"",
                  peclet));
}

}  // namespace ansatz::solvers
