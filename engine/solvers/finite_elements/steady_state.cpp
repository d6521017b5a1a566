#include "engine/solvers/finite_elements/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

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

bool SteadyState::solve_from(double t, std::span<const double> guess, std::vector<double>& values) {
  const linear::FieldNorms norms_of(discrete_.comm(), discrete_.fields());
  const auto residual_at = [&](std::span<const double> u) {
    std::vector<double> prescribed(u.begin(), u.end()), F(u.size());
    discrete_.prescribe(t, prescribed);
    try {
      discrete_.residual(t, prescribed, std::nullopt, F);
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::not_finite) throw;
      std::ranges::fill(F, std::numeric_limits<double>::infinity());
    }
    return F;
  };
  auto of_start = residual_at(values);
  // Each field's equations weigh what they are at the start, so that no unit does.
  const auto start = norms_of.of(of_start), there = norms_of.of(residual_at(guess));
  const double ratio = linear::scaled_norm(there, start) / std::sqrt(static_cast<double>(start.size()));
  log_.event("guess", {{"residual_ratio", ratio}});
  const bool is_better = ratio < 1.0;
  log_.say(fmt::format("  a guess: its residual is {:.2e} of that of the start{}", ratio,
                       is_better ? "" : ": it is not used"));
  if (is_better) {
    auto trial = std::vector<double>(guess.begin(), guess.end());
    newton_.first_residual = std::move(of_start);
    newton_.linear_tolerance = discrete_.linear_options().relative_tolerance;
    try {
      solve_at(t, trial, false);
      newton_.first_residual.clear();
      values = std::move(trial);
      return true;
    } catch (const sdk::Error& error) {
      newton_.first_residual.clear();
      if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
      log_.say(fmt::format("  no solution from the guess ({})", error.what()));
    }
  }
  solve(t, values);
  return false;
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
  const auto count = [&] {
    work_["newton_iterations"] += static_cast<double>(solve.newton_iterations());
    work_["linear_iterations"] += static_cast<double>(solve.linear_iterations());
  };
  try {
    residual_ = may_follow_path ? solve.newton_or_homotopy(given, values) : solve.newton(values);
  } catch (...) {
    count();
    throw;
  }
  count();
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
