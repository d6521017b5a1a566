#include "engine/solvers/finite_elements/fem_in_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/fem/motions/held_motions.hpp"
#include "engine/solvers/finite_elements/consistent_start.hpp"
#include "engine/solvers/finite_elements/convection_warning.hpp"
#include "engine/solvers/finite_elements/newton_options.hpp"
#include "engine/solvers/finite_elements/steady_state.hpp"
#include "engine/solvers/finite_elements/step_log.hpp"
#include "engine/solvers/finite_elements/unknown_names.hpp"
#include "engine/solvers/stepping.hpp"
#include "engine/time/loop/dense_rate.hpp"

namespace ansatz::solvers {

void check_constraints(problem::Problem& problem) {
  const auto& parsed = problem.parsed();
  const auto& spec = *parsed.time;
  // Crank-Nicolson takes the equations of multipliers at the new time, all else in the mean.
  if (spec.method != "crank_nicolson" || !problem.form().constraints_have_rates()) return;
  const int f = problem.form().algebraic_fields().front();
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("{} takes the equation of {}, which has no rate, at the end of a step, but rates of other "
                  "fields occur in it{}",
                  spec.method, problem.dofs().fields()[f].name, parsed.solver.stabilise ? " by the stabilisation" : ""),
      spec.at.text(), "use method = \"bdf2\"");
}

FemInTime::FemInTime(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
                     results::RunLog& log, results::Checkpoints* checkpoints)
    : problem_(problem),
      discrete_(discrete),
      registry_(registry),
      log_(log),
      checkpoints_(checkpoints),
      case_(problem.parsed()),
      undetermined_(problem, discrete, log),
      in_time_(discrete, newton_options(problem)),
      needs_rates_(std::ranges::any_of(problem.quantities(), &problem::BoundQuantity::needs_rates)) {}

quantities::Solution FemInTime::run(const Observer& observe) {
  const auto& spec = *case_.time;
  const std::int64_t steps = spec.adaptive() ? 0 : number_of_steps(case_);
  check_constraints(problem_);
  auto initial = initial_values();
  if (spec.lumped_mass) in_time_.lump_mass();
  in_time_.choose_jacobian(jacobian_choice(spec));
  in_time_.see_from(spec.seen_from);
  const bool restarts = checkpoints_ != nullptr && checkpoints_->restart();
  if (!restarts) {
    in_time_.prescribe(spec.start, initial);  // as the first step sees it
    start_rates_ = make_consistent(std::max(spec.start, spec.seen_from), initial);
    knows_start_rates_ = discrete_.comm().max(static_cast<std::int64_t>(start_rates_.size())) > 0;
  }
  const auto stepper = make_stepper(
      case_, problem_.parameters(), registry_, discrete_.comm(), in_time_, std::move(initial),
      [&](std::size_t i) { return field_of_unknown(discrete_, i); },
      [&](std::optional<std::size_t> i) { return describe_unknown(discrete_, i); },
      [&](const std::string& line) { log_.say("  " + line); },
      [&](double t, std::vector<double>& values) { return make_consistent(t, values); });
  std::optional<WatchedEvents> events;
  if (!spec.events.empty()) events.emplace(spec.events, spec, event_functions(*stepper), log_);
  std::int64_t n = 0;
  if (checkpoints_ != nullptr) {
    checkpoints_->add([&](sdk::StateArchive& archive) {
      archive.integer("step", n);
      stepper->exchange(archive);
      if (events) events->exchange(archive);
      in_time_.exchange_tuners(archive);
    });
  }
  if (restarts) checkpoints_->restore();
  quantities::Solution solution = current(*stepper, !restarts);
  warn_of_convection(problem_, discrete_, solution, log_);
  if (!restarts) observe(solution, 0, false, nullptr);
  if (!restarts && events) events->start(*stepper);
  const double start = log_.seconds(), from = stepper->time();
  bool is_last = stepper->time() >= spec.end;
  std::optional<time::Event> end;
  while (!is_last) {
    auto before = solution.values;
    const double begin = stepper->time();
    const auto step = stepper->advance(spec.end);
    ++n;
    residual_ = step.work.residual;
    for (const auto& note : in_time_.take_notes()) log_.note(note);
    log_step(log_, spec, step, n, steps, (log_.seconds() - start) / (step.time - from), residual_);
    solution = current(*stepper, false);
    if (!undetermined_.motions().empty()) {
      discrete_.prescribe(stepper->time(), before);
      fem::check_balance(discrete_, undetermined_.motions(), stepper->time(), before, solution.values, *solution.rates);
    }
    if (events) end = events->after_step(*stepper);
    if (end) solution = within_step(*stepper, end->time, end->state);
    is_last = end || stepper->time() >= spec.end;
    const StepTaken taken{begin, solution.time, [&](double t) {
                            std::vector<double> state(discrete_.size());
                            stepper->interpolate(t, state);
                            return within_step(*stepper, t, std::move(state));
                          }};
    observe(solution, n, is_last, &taken);
    if (checkpoints_ != nullptr && !is_last) checkpoints_->after_step(n, stepper->time());
  }
  if (checkpoints_ != nullptr && !end) checkpoints_->at_end(n, stepper->time());
  if (events) events->finish(*stepper, spec.start, solution.time);
  if (checkpoints_ != nullptr && end) {
    stepper->set_state(end->time, end->state);
    events->start(*stepper);
    checkpoints_->at_end(n, stepper->time());
  }
  log_work(log_, spec, stepper->work());
  return solution;
}

std::vector<double> FemInTime::initial_values() {
  const auto& spec = *case_.time;
  auto values = problem_.initial_state();
  discrete_.prescribe(spec.start, values);
  undetermined_.find_in_time(values);
  if (!case_.initial.steady) return values;
  log_.say(fmt::format("  steady state at t = {:.6g} s", spec.start));
  SteadyState steady(problem_, discrete_, undetermined_, log_);
  steady.solve(spec.start, values);
  residual_ = steady.residual();
  const auto perturbation = problem_.perturbation();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += perturbation[i];
  discrete_.prescribe(spec.start, values);
  return values;
}

/// Unknowns without a rate, and what they constrain, satisfy their equations at a start. \returns the rates, or nothing
std::vector<double> FemInTime::make_consistent(double t, std::vector<double>& values) {
  const auto options = newton_options(problem_);
  ConsistentStart start(discrete_, in_time_, options, [this](const std::string& line) { log_.say(line); });
  auto consistent = values;
  try {
    auto rates = start.make(t, consistent);
    values = std::move(consistent);
    return rates;
  } catch (const sdk::Error& error) {
    if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
    log_.warn(fmt::format("no consistent values of the unknowns without a rate at t = {:.6g} s: {}", t, error.what()));
    return {};
  }
}

/// Reactions have the order of the method only with rates of that order: those that the equations have at this state.
/// With multipliers these cost more than a step, and are taken where the method knows none that are as good.
bool FemInTime::rates_of_equations(const time::Stepper& stepper) const {
  const bool by_method = in_time_.traits().algebraic && stepper.method().info().exact_end_rate;
  return needs_rates_ && in_time_.determines_rates() && !by_method;
}

void FemInTime::set_rates(time::Stepper& stepper, quantities::Solution& solution, bool at_start) {
  if (rates_of_equations(stepper) || (at_start && needs_rates_ && in_time_.determines_rates())) {
    return in_time_.equation_rates(solution.time, solution.values, *solution.rates, solution.of_rates.emplace());
  }
  if (!at_start) return (void)std::ranges::copy(stepper.rate(), solution.rates->begin());
  if (knows_start_rates_) return (void)std::ranges::copy(start_rates_, solution.rates->begin());
  // Rates of the start are known no better, and nothing else needs them.
  if (needs_rates_ && problem_.form().transient()) log_.warn("reactions at the start are those of a state at rest");
}

quantities::Solution FemInTime::current(time::Stepper& stepper, bool at_start) {
  quantities::Solution solution{.time = stepper.time(),
                                .values = {stepper.state().begin(), stepper.state().end()},
                                .parameters = problem_.parameters()};
  solution.rates.emplace(solution.values.size(), 0.0);
  set_rates(stepper, solution, at_start);
  undetermined_.remove_means(solution);
  return solution;
}

/// A state within the last step with its rates, by the equations where reactions need them.
quantities::Solution FemInTime::within_step(time::Stepper& stepper, double t, std::vector<double> state) {
  quantities::Solution solution{.time = t, .values = std::move(state), .parameters = problem_.parameters()};
  solution.rates.emplace(solution.values.size());
  if (rates_of_equations(stepper)) {
    in_time_.equation_rates(t, solution.values, *solution.rates, solution.of_rates.emplace());
  } else if (t == stepper.time()) {
    std::ranges::copy(stepper.rate(), solution.rates->begin());
  } else {
    time::interpolate_rate(stepper, t, *solution.rates);
  }
  undetermined_.remove_means(solution);
  return solution;
}

/// Quantities of the case that are events, at a time and state.
time::EventFinder::Functions FemInTime::event_functions(time::Stepper& stepper) {
  const auto& spec = *case_.time;
  std::vector<std::size_t> which;
  bool needs_rates = false;
  for (const auto& name : spec.events) {
    const auto found =
        std::ranges::find(problem_.quantities(), name, [](const auto& quantity) { return quantity.spec.name; });
    if (found->at_end) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("the event \"{}\" has one value only, at the end of the run", name), spec.at.text(),
                       "events are of all quantities but statistics over time and formulas of these");
    }
    needs_rates |= found->needs_rates;
    which.push_back(static_cast<std::size_t>(found - problem_.quantities().begin()));
  }
  return [this, &stepper, which, needs_rates](double t, std::span<const double> y, std::span<double> g) {
    quantities::Solution solution{.time = t, .values = {y.begin(), y.end()}, .parameters = problem_.parameters()};
    if (needs_rates && stepper.last_step() > 0.0) {
      solution = within_step(stepper, t, std::move(solution.values));
    } else {
      if (needs_rates) solution.rates.emplace(y.size(), 0.0);
      undetermined_.remove_means(solution);
    }
    // Between the ends of steps a single time without a finite value is no error: EventFinder looks beside it.
    quantities::evaluate_quantities(problem_, discrete_, solution, which, g, t == stepper.time());
  };
}

}  // namespace ansatz::solvers
