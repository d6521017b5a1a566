#include "engine/solvers/gradients/case_gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/adjoint/moved_mesh.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/solvers/finite_elements/newton_options.hpp"

namespace ansatz::solvers {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw sdk::Error(sdk::ErrorKind::usage, what, "Gradients", hint);
}

}  // namespace

CaseGradients::CaseGradients(const CaseProblem& problem)
    : problem_(problem), options_(adjoint::exact_options(problem.linear_options())) {
  if (!problem.parsed().time) return;
  check_has_adjoint(problem.problem());
  const auto moves = problem.problem().map().parameters_used();
  if (moves.empty()) return;
  const auto& name = std::next(problem.parsed().parameters.begin(), moves.front())->first;
  throw sdk::Error(sdk::ErrorKind::case_file, "steps in time have no derivatives by parameters that move the mesh",
                   problem.parsed().mesh.at.text(), "make " + name + " a constant");
}

std::string CaseGradients::objection(int quantity) const {
  return adjoint::objection(problem_.problem(), static_cast<std::size_t>(quantity));
}

void CaseGradients::move_to(std::span<const double> parameters) {
  auto& problem = problem_.problem();
  if (!std::ranges::equal(parameters, problem.parameters())) problem.set_parameters(parameters);
}

sdk::Solution CaseGradients::finite_elements(const sdk::Query& query, sdk::Monitor& monitor) {
  if (query.draw != 0)
    throw sdk::Error(sdk::ErrorKind::parameter, "the case has no random fields to draw", "Gradients::solve");
  move_to(query.parameters);
  auto& problem = problem_.problem();
  const auto discrete = problem_.make_discrete();
  FemSolve solve(problem, *discrete, problem_.registry(), problem_.log());
  time_adjoint_.reset();
  steps_ = problem_.parsed().time ? std::make_unique<StepsTaken>() : nullptr;
  of_steps_ = problem.parameters();
  return solve.run([&](const sdk::Solution& at, std::int64_t step, bool is_last, const StepTaken* taken) {
    if (steps_) steps_->add(at.time, at.values);
    monitor.observe(at, step, is_last, taken);
  });
}

sdk::GradientTable CaseGradients::solve(const sdk::Query& query, std::span<const int> quantities,
                                        sdk::Monitor& monitor) {
  return table(finite_elements(query, monitor), quantities);
}

sdk::GradientTable CaseGradients::at(const sdk::Solution& solution, std::span<const int> quantities) {
  if (problem_.parsed().time)
    refuse("derivatives at a solution alone are of steady problems", "use Gradients::solve(), which sees the steps");
  move_to(solution.parameters);
  return table(solution, quantities);
}

TimeAdjoint& CaseGradients::in_time() {
  if (!steps_) refuse("there are no steps yet", "call Gradients::solve() first");
  if (of_steps_ != problem_.problem().parameters())
    refuse("the steps are of other parameters", "call Gradients::solve() at these");
  if (!time_adjoint_) {
    auto& problem = problem_.problem();
    time_adjoint_ = std::make_unique<TimeAdjoint>(problem, options_, newton_options(problem), *steps_);
  }
  return *time_adjoint_;
}

sdk::GradientTable CaseGradients::table(const sdk::Solution& solution, std::span<const int> quantities) {
  auto& problem = problem_.problem();
  const auto n = problem.parameters().size();
  const bool steady = !problem_.parsed().time;
  sdk::GradientTable out{solution, {}, std::vector<double>(quantities.size() * n, not_a_number), {}};
  if (!discrete_) discrete_ = problem_.make_discrete();
  adjoint::ResidualSlopes equations(problem);
  std::unique_ptr<adjoint::SteadyAdjoint> steady_adjoint;
  std::vector<adjoint::Adjoint> adjoints(quantities.size());
  sdk::Solution at = solution;
  at.quantities.clear();  // those of the field itself are differentiated
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    const auto found =
        adjoint::quantity_slopes(problem, *discrete_, equations, at, static_cast<std::size_t>(quantities[i]));
    out.values.push_back(found.value);
    out.problems.push_back(found.problem);
    if (!found.problem.empty()) continue;
    std::vector<double> through;
    if (steady) {
      if (!steady_adjoint)
        steady_adjoint = std::make_unique<adjoint::SteadyAdjoint>(problem, options_, solution.values);
      adjoints[i] = steady_adjoint->solve(found.slopes.unknowns);
      through = steady_adjoint->by_parameters(adjoints[i]);
    } else {
      through = in_time().by_parameters(found.slopes.unknowns);
    }
    for (std::size_t k = 0; k < n; ++k) out.slopes[i * n + k] = found.slopes.parameters[k] + through[k];
  }
  out.work["adjoint_solves"] =
      steady ? (steady_adjoint ? steady_adjoint->num_solves() : 0) : (time_adjoint_ ? time_adjoint_->num_solves() : 0);
  if (steady_adjoint && !problem.map().parameters_used().empty()) {
    if (!steady_adjoint->motions().empty())
      refuse("what the equations leave undetermined has its mean on the mesh, which parameters move",
             "prescribe " + steady_adjoint->motions().front().name + " somewhere");
    steady_adjoint.reset();
    add_moved(at, quantities, adjoints, out);
  }
  return out;
}

/// Columns of parameters that move the mesh: of Q - z . F + s . g at the fixed solution.
void CaseGradients::add_moved(const sdk::Solution& solution, std::span<const int> quantities,
                              const std::vector<adjoint::Adjoint>& adjoints, sdk::GradientTable& table) {
  auto& problem = problem_.problem();
  const auto& comm = problem.mesh().comm;
  const auto n = problem.parameters().size();
  for (const int k : problem.map().parameters_used()) {
    const auto slopes = adjoint::by_difference(problem, k, [&] {
      const auto size = solution.values.size();
      std::vector<double> F(size), given(size, 0.0), numbers;
      discrete_->residual(0.0, solution.values, std::nullopt, F);
      discrete_->prescribe(0.0, given);
      auto at = solution;
      at.parameters = problem.parameters();
      for (std::size_t i = 0; i < quantities.size(); ++i) {
        double value = 0.0;
        const std::size_t which[]{static_cast<std::size_t>(quantities[i])};
        if (table.problems[i].empty()) {
          quantities::evaluate_quantities(problem, *discrete_, at, which, std::span(&value, 1), false);
          value += linear::dot(comm, adjoints[i].prescribed, given) - linear::dot(comm, adjoints[i].z, F);
        }
        numbers.push_back(value);
      }
      return numbers;
    });
    for (std::size_t i = 0; i < quantities.size(); ++i) {
      if (table.problems[i].empty()) table.slopes[i * n + k] = slopes[i];
    }
  }
}

std::vector<double> CaseGradients::pull_back(const sdk::Solution& solution, std::span<const double> slope) {
  auto& problem = problem_.problem();
  base::agree(problem.mesh().comm, [&] {
    if (slope.size() != solution.values.size() || slope.size() != static_cast<std::size_t>(problem.dofs().num_owned()))
      throw sdk::Error(sdk::ErrorKind::internal, "a vector has another length than the owned unknowns",
                       "Gradients::pull_back");
  });
  move_to(solution.parameters);
  if (problem_.parsed().time) return in_time().by_parameters(slope);
  if (!problem.map().parameters_used().empty())
    refuse("products with the Jacobian are not there for parameters that move the mesh", "use Gradients::at()");
  adjoint::SteadyAdjoint steady(problem, options_, solution.values);
  return steady.by_parameters(steady.solve(slope));
}

sdk::Solution CaseGradients::again(std::span<const double> parameters, sdk::Monitor& monitor) {
  if (!problem_.parsed().time) return finite_elements({.parameters = parameters}, monitor);
  auto& problem = problem_.problem();
  if (!steps_) refuse("there are no steps yet", "call Gradients::solve() first");
  move_to(parameters);
  TimeAdjoint steps(problem, options_, newton_options(problem), *steps_);
  return {.time = steps_->time(steps_->num_steps()), .values = steps.replay(), .parameters = problem.parameters()};
}

std::unique_ptr<sdk::Gradients> make_gradients(const CaseProblem& problem) {
  return std::make_unique<CaseGradients>(problem);
}

}  // namespace ansatz::solvers
