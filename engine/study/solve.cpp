#include "engine/study/solve.hpp"

#include <fmt/format.h>

#include <cmath>

#include "engine/fem/constant_modes.hpp"
#include "engine/time/integrator.hpp"

namespace ansatz::study {
namespace {

constexpr double smallest_continuation_step = 1e-3;  // of the way

/// The form as an integrator sees it.
class FormInTime final : public time::TimeProblem {
 public:
  explicit FormInTime(fem::DiscreteProblem& discrete) : discrete_(discrete) {
    const auto& dofs = discrete.dofs();
    if (!discrete.form().algebraic_fields().empty()) algebraic_.assign(discrete.size(), 0);
    for (const int f : discrete.form().algebraic_fields()) {
      const auto& field = dofs.fields()[f];
      for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
        std::fill_n(algebraic_.begin() + dofs.node_dofs(f)[n], field.components, 1);
      }
    }
  }
  const base::Communicator& comm() const override { return discrete_.comm(); }
  std::int32_t size() const override { return discrete_.size(); }
  std::span<const std::uint8_t> algebraic() const override { return algebraic_; }
  void prescribe(double t, std::span<double> u) override { discrete_.prescribe(t, u); }
  void residual(double t, std::span<const double> u, std::span<const double> rate, std::span<double> F) override {
    discrete_.residual(t, u, rate, F);
  }
  const linear::SparseMatrix& jacobian(double t, std::span<const double> u, std::span<const double> rate,
                                       sdk::JacobianWeights weights) override {
    return discrete_.jacobian(t, u, rate, {weights.state, weights.rate, 1.0});
  }
  const linear::SparseMatrix* previous_jacobian(sdk::JacobianWeights weights) override {
    return discrete_.previous_jacobian({weights.state, weights.rate, 1.0});
  }
  void explain_not_finite(double t, std::span<const double> u, std::span<const double> rate) override {
    discrete_.explain_not_finite(t, u, rate);
  }
  linear::KrylovSolver& solver(const linear::SparseMatrix& matrix) override { return discrete_.solver(matrix); }

 private:
  fem::DiscreteProblem& discrete_;
  std::vector<std::uint8_t> algebraic_;
};

/// The steady system at one time.
class SteadySystem final : public linear::NonlinearSystem {
 public:
  SteadySystem(fem::DiscreteProblem& discrete, double t) : discrete_(discrete), time_(t) {}
  void residual(std::span<const double> u, std::span<double> F) override {
    discrete_.residual(time_, u, std::nullopt, F);
  }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    return discrete_.jacobian(time_, u, std::nullopt, {1.0, 0.0});
  }
  const linear::SparseMatrix* previous_jacobian() override { return discrete_.previous_jacobian({1.0, 0.0}); }
  void explain_not_finite(std::span<const double> u) override {
    discrete_.explain_not_finite(time_, u, std::nullopt);
  }

 private:
  fem::DiscreteProblem& discrete_;
  double time_;
};

}  // namespace

std::int64_t number_of_steps(const TimeSpec& spec) {
  const double length = spec.end - spec.start;
  const auto steps = static_cast<std::int64_t>(std::llround(length / spec.step));
  if (steps >= 1 && std::abs(double(steps) * spec.step - length) <= 1e-9 * length) return steps;
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("the time from {} to {} s is not a whole number of steps of {} s", spec.start, spec.end, spec.step),
      spec.at.text(), fmt::format("for example step = {}", length / std::max<double>(1.0, double(steps))));
}

FemSolve::FemSolve(Problem& problem, fem::DiscreteProblem& discrete, RunLog& log)
    : problem_(problem), discrete_(discrete), log_(log), case_(problem.parsed()) {}

Solution FemSolve::run(const Observer& observe) {
  if (case_.time) return transient(observe);
  auto solution = steady();
  observe(solution, 0, 0);
  return solution;
}

linear::NewtonOptions FemSolve::newton_options() const {
  linear::NewtonOptions options;
  options.relative_tolerance = case_.linear.newton_relative_tolerance;
  options.absolute_tolerance = case_.linear.newton_absolute_tolerance;
  options.max_iterations = case_.linear.newton_max_iterations;
  options.inexact = !case_.linear.relative_tolerance && !problem_.form().linear();
  options.lagged_jacobian = case_.linear.lagged_jacobian;
  return options;
}

Solution FemSolve::steady() {
  if (problem_.form().transient()) {
    log_.event("note", {{"text", std::string("no [time]: the steady state is solved for")}});
  }
  Solution solution{0.0, problem_.initial_state(), std::nullopt};
  solve_steady(0.0, solution.values);
  warn_of_convection(solution);
  remove_means(solution);
  return solution;
}

void FemSolve::solve_steady(double t, std::vector<double>& values) {
  if (case_.solver.continuation) {
    continue_to_target(t, values);
  } else {
    solve_at(t, values);
  }
}

void FemSolve::solve_at(double t, std::vector<double>& values) {
  discrete_.prescribe(t, values);
  find_constants(values, std::nullopt, {1.0, 0.0});
  const auto start = values;
  SteadySystem system(discrete_, t);
  auto& solver = discrete_.solver(system.jacobian(values));
  const auto result = linear::newton(
      discrete_.comm(), system, solver, values, newton_options(), [this](const linear::NewtonStep& s) {
        log_.say(fmt::format("  Newton {:2}: residual {:.3e}{}", s.iteration, s.norm,
                             s.iteration == 0 ? std::string()
                                              : fmt::format("  step {:.3g}  linear iterations {}", s.step_length,
                                                            s.krylov_iterations)));
        log_.event("newton", {{"iteration", std::int64_t{s.iteration}},
                              {"residual", s.norm},
                              {"linear_iterations", std::int64_t{s.krylov_iterations}}});
      });
  residual_ = result.norms.back();
  fem::check_balance(discrete_, constant_fields_, t, start, values, std::nullopt);
}

void FemSolve::continue_to_target(double t, std::vector<double>& values) {
  const auto& spec = *case_.solver.continuation;
  auto parameters = problem_.parameters();
  const auto position = std::distance(case_.parameters.begin(), case_.parameters.find(spec.parameter));
  if (std::ranges::count(problem_.map().parameters_used(), static_cast<int>(position)) > 0) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("mesh.map depends on {}, and continuation keeps the mesh", spec.parameter), spec.at.text(),
                     "continue in another parameter");
  }
  const double target = parameters[position];
  double way = 0.0, step = 1.0;  // from spec.from (0) to the target (1)
  bool at_start = spec.from == target;  // solved at the start of the way; nothing to do where it is the target
  while (way < 1.0) {
    const double next = at_start ? std::min(1.0, way + step) : 0.0;
    parameters[position] = spec.from + next * (target - spec.from);
    log_.say(fmt::format("  {} = {:.6g}", spec.parameter, parameters[position]));
    discrete_.set_parameters(parameters);
    auto trial = values;
    try {
      solve_at(t, trial);
    } catch (const sdk::Error& error) {
      const bool can_retry = error.kind() == sdk::ErrorKind::solver || error.kind() == sdk::ErrorKind::not_finite;
      step *= 0.5;
      if (!can_retry || !at_start || step < smallest_continuation_step) throw;
      log_.say(fmt::format("  no convergence: smaller step in {}", spec.parameter));
      continue;
    }
    values = std::move(trial);
    way = next;
    if (at_start) step *= 2.0;
    at_start = true;
  }
}

Solution FemSolve::transient(const Observer& observe) {
  const auto& spec = *case_.time;
  const auto steps = number_of_steps(spec);
  if (time::averages(spec.method) && problem_.form().constraints_have_rates()) {
    const int f = problem_.form().algebraic_fields().front();
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("{} takes the equation of {}, which has no rate, at the end of a step, but rates of other "
                                 "fields occur in it{}",
                                 spec.method, problem_.dofs().fields()[f].name,
                                 case_.solver.stabilise ? " by the stabilisation" : ""),
                     spec.at.text(), "use method = \"bdf2\"");
  }
  auto initial = initial_values();
  FormInTime in_time(discrete_);
  auto integrator = time::make_integrator(spec.method, in_time, spec.start, std::move(initial), newton_options());
  const auto current = [&] {
    Solution solution{integrator->time(),
                      {integrator->state().begin(), integrator->state().end()},
                      std::vector<double>(integrator->rate().begin(), integrator->rate().end())};
    remove_means(solution);
    return solution;
  };
  Solution solution = current();
  warn_of_convection(solution);
  observe(solution, 0, steps);
  const double start = log_.seconds();
  for (std::int64_t n = 1; n <= steps; ++n) {
    auto before = solution.values;
    const auto report = integrator->step(spec.step);
    // From the start time, so that round-off of the time does not add up.
    const double target = spec.start + (spec.end - spec.start) * double(n) / double(steps);
    const double eta = (log_.seconds() - start) / double(n) * double(steps - n);
    residual_ = report.newton.norms.back();
    log_.say(fmt::format("  step {}/{}  t = {:.6g} s  Newton {}  linear {}  residual {:.2e}  eta {:.0f} s", n, steps,
                         target, report.newton.iterations, report.newton.krylov_iterations, residual_, eta));
    log_.event("step", {{"step", n},
                        {"time", target},
                        {"newton", std::int64_t{report.newton.iterations}},
                        {"linear_iterations", std::int64_t{report.newton.krylov_iterations}},
                        {"residual", residual_}});
    solution = current();
    if (!constant_fields_.empty()) {
      discrete_.prescribe(integrator->time(), before);
      fem::check_balance(discrete_, constant_fields_, integrator->time(), before, solution.values, *solution.rates);
    }
    observe(solution, n, steps);
  }
  return solution;
}

std::vector<double> FemSolve::initial_values() {
  const auto& spec = *case_.time;
  auto values = problem_.initial_state();
  discrete_.prescribe(spec.start, values);
  const std::vector<double> zero(values.size(), 0.0);
  find_constants(values, zero, {1.0, 1.0 / spec.step});
  if (!case_.initial.steady) return values;
  const auto undetermined = fem::constant_modes(discrete_, spec.start, values, std::nullopt, {1.0, 0.0});
  if (!undetermined.empty()) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("there is no one steady state to start from: it determines {} up to a constant only",
                                 problem_.dofs().fields()[undetermined.front()].name),
                     case_.initial.at.text(), "give initial values instead of start = \"steady\"");
  }
  log_.say(fmt::format("  steady state at t = {:.6g} s", spec.start));
  solve_steady(spec.start, values);
  const auto perturbation = problem_.perturbation();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += perturbation[i];
  discrete_.prescribe(spec.start, values);
  return values;
}

void FemSolve::find_constants(const std::vector<double>& values, const fem::Rate& rate, const fem::Weights& weights) {
  if (!constant_fields_.empty()) return;
  const double t = case_.time ? case_.time->start : 0.0;
  constant_fields_ = fem::constant_modes(discrete_, t, values, rate, weights);
  if (constant_fields_.empty()) return;
  fem::pin_constants(discrete_, constant_fields_);
  for (const int f : constant_fields_) {
    log_.say(fmt::format("  {} is determined up to a constant: its mean is 0", problem_.dofs().fields()[f].name));
  }
}

void FemSolve::remove_means(Solution& solution) const {
  if (constant_fields_.empty()) return;
  const auto local = discrete_.with_ghosts(solution.values);
  const fem::FormState state{solution.time, local, {}};
  const double volume = problem_.evaluator().integrate(sdk::Expression(1.0), state, {});
  for (const int f : constant_fields_) {
    const auto& field = problem_.dofs().fields()[f];
    const auto value = problem_.solution_expression(field.name, "the mean of " + field.name);
    const double mean = problem_.evaluator().integrate(value, state, {}) / volume;
    const auto node_dofs = problem_.dofs().node_dofs(f);
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) solution.values[node_dofs[n]] -= mean;
  }
}

void FemSolve::warn_of_convection(const Solution& solution) {
  if (!problem_.physics().info().has_stabilisation || case_.solver.stabilise) return;
  const auto values = discrete_.with_ghosts(solution.values);
  double peclet = 0.0;
  base::agree(discrete_.comm(), [&] { peclet = problem_.form().largest_peclet({solution.time, values, {}}); });
  peclet = discrete_.comm().max(peclet);
  if (peclet <= 1.0) return;
  log_.warn(fmt::format("the cell Peclet number reaches {:.3g} > 1, the solution may oscillate: refine the mesh or set "
                        "solver.stabilisation = \"supg\"",
                        peclet));
}

}  // namespace ansatz::study
