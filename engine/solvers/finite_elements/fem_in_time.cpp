// Solutions in time: starts, steps, their rates and events, and what is said of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/fem/motions/held_motions.hpp"
#include "engine/solvers/finite_elements/consistent_start.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
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

quantities::Solution FemSolve::transient(const Observer& observe) {
  const auto& spec = *case_.time;
  const std::int64_t steps = spec.adaptive() ? 0 : number_of_steps(case_);
  check_constraints(problem_);
  auto initial = initial_values();
  FormInTime in_time(discrete_, newton_options());
  if (spec.lumped_mass) in_time.lump_mass();
  in_time.choose_jacobian(jacobian_choice(spec));
  in_time.see_from(spec.seen_from);
  const bool restarts = checkpoints_ != nullptr && checkpoints_->restart();
  if (!restarts) {
    in_time.prescribe(spec.start, initial);  // as the first step sees it
    start_rates_ = make_consistent(in_time, std::max(spec.start, spec.seen_from), initial);
    knows_start_rates_ = discrete_.comm().max(static_cast<std::int64_t>(start_rates_.size())) > 0;
  }
  const auto stepper = make_stepper(
      case_, problem_.parameters(), registry_, discrete_.comm(), in_time, std::move(initial),
      [&](std::size_t i) { return field_of(i); }, [&](std::optional<std::size_t> i) { return describe_unknown(i); },
      [&](const std::string& line) { log_.say("  " + line); },
      [&](double t, std::vector<double>& values) { return make_consistent(in_time, t, values); });
  std::optional<WatchedEvents> events;
  if (!spec.events.empty()) events.emplace(spec.events, spec, event_functions(spec, *stepper, in_time), log_);
  std::int64_t n = 0;
  if (checkpoints_ != nullptr) {
    checkpoints_->add([&](sdk::StateArchive& archive) {
      archive.integer("step", n);
      stepper->exchange(archive);
      if (events) events->exchange(archive);
    });
  }
  if (restarts) checkpoints_->restore();
  quantities::Solution solution = current(*stepper, in_time, !restarts);
  warn_of_convection(solution);
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
    for (const auto& note : in_time.take_notes()) log_.note(note);
    log_step(spec, step, n, steps, (log_.seconds() - start) / (step.time - from));
    solution = current(*stepper, in_time, false);
    if (!free_.empty()) {
      discrete_.prescribe(stepper->time(), before);
      fem::check_balance(discrete_, free_, stepper->time(), before, solution.values, *solution.rates);
    }
    if (events) end = events->after_step(*stepper);
    if (end) solution = within_step(*stepper, in_time, end->time, end->state);
    is_last = end || stepper->time() >= spec.end;
    const StepTaken taken{begin, solution.time, [&](double t) {
                            std::vector<double> state(discrete_.size());
                            stepper->interpolate(t, state);
                            return within_step(*stepper, in_time, t, std::move(state));
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
  log_work(spec, stepper->work());
  return solution;
}

/// Quantities of the case that are events, at a time and state.
time::EventFinder::Functions FemSolve::event_functions(const input::TimeSpec& spec, time::Stepper& stepper,
                                                       FormInTime& in_time) {
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
  return [this, &stepper, &in_time, which, needs_rates](double t, std::span<const double> y, std::span<double> g) {
    quantities::Solution solution{t, {y.begin(), y.end()}, std::nullopt};
    if (needs_rates && stepper.last_step() > 0.0) {
      solution = within_step(stepper, in_time, t, std::move(solution.values));
    } else {
      if (needs_rates) solution.rates.emplace(y.size(), 0.0);
      remove_means(solution);
    }
    // Between the ends of steps a single time without a finite value is no error: EventFinder looks beside it.
    evaluate_quantities(problem_, discrete_, solution, which, g, t == stepper.time());
  };
}

/// A state within the last step with its rates, by the equations where reactions need them.
quantities::Solution FemSolve::within_step(time::Stepper& stepper, FormInTime& in_time, double t,
                                           std::vector<double> state) const {
  quantities::Solution solution{.time = t, .values = std::move(state), .parameters = problem_.parameters()};
  solution.rates.emplace(solution.values.size());
  if (rates_of_equations(stepper, in_time)) {
    in_time.equation_rates(t, solution.values, *solution.rates, solution.of_rates.emplace());
  } else if (t == stepper.time()) {
    std::ranges::copy(stepper.rate(), solution.rates->begin());
  } else {
    time::interpolate_rate(stepper, t, *solution.rates);
  }
  remove_means(solution);
  return solution;
}

quantities::Solution FemSolve::current(time::Stepper& stepper, FormInTime& in_time, bool at_start) {
  quantities::Solution solution{.time = stepper.time(),
                                .values = {stepper.state().begin(), stepper.state().end()},
                                .parameters = problem_.parameters()};
  solution.rates.emplace(solution.values.size(), 0.0);
  set_rates(stepper, in_time, solution, at_start);
  remove_means(solution);
  return solution;
}

/// Reactions have the order of the method only with rates of that order: those that the equations have at this state.
/// With multipliers these cost more than a step, and are taken where the method knows none that are as good.
bool FemSolve::rates_of_equations(const time::Stepper& stepper, const FormInTime& in_time) const {
  const bool by_method = in_time.traits().algebraic && stepper.method().info().exact_end_rate;
  return needs_rates_ && in_time.determines_rates() && !by_method;
}

void FemSolve::set_rates(time::Stepper& stepper, FormInTime& in_time, quantities::Solution& solution, bool at_start) {
  if (rates_of_equations(stepper, in_time) || (at_start && needs_rates_ && in_time.determines_rates())) {
    return in_time.equation_rates(solution.time, solution.values, *solution.rates, solution.of_rates.emplace());
  }
  if (!at_start) return (void)std::ranges::copy(stepper.rate(), solution.rates->begin());
  if (knows_start_rates_) return (void)std::ranges::copy(start_rates_, solution.rates->begin());
  // Rates of the start are known no better, and nothing else needs them.
  if (needs_rates_ && problem_.form().transient()) log_.warn("reactions at the start are those of a state at rest");
}

void FemSolve::log_step(const input::TimeSpec& spec, const time::Step& step, std::int64_t n, std::int64_t steps,
                        double seconds_per_time) {
  const double eta = seconds_per_time * (spec.end - step.time);
  const auto error = spec.adaptive()
                         ? fmt::format("  dt = {:.3e}  error {:.2f}{}", step.length, step.error,
                                       step.rejections > 0 ? fmt::format(" ({} rejected)", step.rejections) : "")
                         : std::string();
  const auto solves = step.work.iterations > 0
                          ? fmt::format("  Newton {}  linear {}  residual {:.2e}", step.work.iterations,
                                        step.work.linear_iterations, residual_)
                          : std::string();
  log_.say(fmt::format("  step {}{}  t = {:.6g} s{}{}  eta {:.0f} s", n, steps > 0 ? fmt::format("/{}", steps) : "",
                       step.time, error, solves, eta));
  log_.event("step", {{"step", n},
                      {"time", step.time},
                      {"dt", step.length},
                      {"error", step.error},
                      {"rejections", std::int64_t{step.rejections}},
                      {"newton", std::int64_t{step.work.iterations}},
                      {"linear_iterations", std::int64_t{step.work.linear_iterations}},
                      {"residual", residual_}});
}

void FemSolve::log_work(const input::TimeSpec& spec, const time::WorkCount& work) {
  log_.event("integration", {{"accepted", work.accepted}, {"rejected", work.rejected}, {"failed", work.failed}});
  if (!spec.adaptive()) return;
  log_.say(fmt::format("  {} steps accepted, {} rejected, {} not solved", work.accepted, work.rejected, work.failed));
}

std::string FemSolve::field_of(std::size_t unknown) const {
  return problem_.dofs().fields()[discrete_.fields().of[unknown]].name;
}

std::string FemSolve::describe_unknown(std::optional<std::size_t> unknown) const {
  std::string text;
  if (unknown) {
    const auto name = field_of(*unknown);
    const int f = discrete_.fields().of[*unknown];
    const auto& field = problem_.dofs().fields()[f];
    const auto x = fem::node_coordinates(problem_.mesh(), *field.nodes);
    for (std::int32_t n = 0; n < field.nodes->num_owned; ++n) {
      const auto first = static_cast<std::size_t>(problem_.dofs().node_dofs(f)[n]);
      if (*unknown < first || *unknown >= first + field.components) continue;
      const double* p = x.data() + std::size_t(n) * problem_.dim();
      text = fmt::format("{} at ({:.6g})", name, fmt::join(p, p + problem_.dim(), ", "));
    }
  }
  const auto& comm = discrete_.comm();
  const auto owner = comm.max(unknown ? std::int64_t{comm.rank()} : std::int64_t{0});
  return comm.broadcast(text, static_cast<int>(owner));
}

std::vector<double> FemSolve::initial_values() {
  const auto& spec = *case_.time;
  auto values = problem_.initial_state();
  discrete_.prescribe(spec.start, values);
  const std::vector<double> zero(values.size(), 0.0);
  free_ = fem::find_free_motions(discrete_, spec.start, values, zero,
                                 {1.0, 1.0 / (spec.adaptive() ? spec.end - spec.start : spec.step)});
  std::vector<fem::FreeMotion> by_rates;  // determined by terms that long steps lose
  std::erase_if(free_, [&](const auto& motion) { return motion.has_rate && (by_rates.push_back(motion), true); });
  for (const auto& motion : free_) {
    if (!motion.weak) continue;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the equations determine {} too weakly to be solved in time", motion.text()), {},
                     "prescribe a value, or leave out the terms that are far below the round-off of the others");
  }
  if (!free_.empty()) {
    held_ = fem::unknowns_to_hold(discrete_.dofs(), free_);
    hold({});
    announce(free_);
  }
  fem::resolve_weak_motions(discrete_, by_rates);
  if (!case_.initial.steady) return values;
  log_.say(fmt::format("  steady state at t = {:.6g} s", spec.start));
  solve_steady(spec.start, values);
  const auto perturbation = problem_.perturbation();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += perturbation[i];
  discrete_.prescribe(spec.start, values);
  return values;
}

/// Unknowns without a rate, and what they constrain, satisfy their equations at a start. \returns the rates, or nothing
std::vector<double> FemSolve::make_consistent(FormInTime& in_time, double t, std::vector<double>& values) {
  const auto options = newton_options();
  ConsistentStart start(discrete_, in_time, options, [this](const std::string& line) { log_.say(line); });
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

}  // namespace ansatz::solvers
