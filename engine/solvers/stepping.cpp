#include "engine/solvers/stepping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/expression.hpp"
#include "engine/io/state/policy_file.hpp"
#include "engine/time/control/bandit_controller.hpp"
#include "engine/time/learning/guarded_controller.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::solvers {
namespace {

time::Tolerances tolerances_of(const input::TimeSpec& spec, std::size_t size,
                               const std::function<std::string(std::size_t)>& unknown_of) {
  time::Tolerances tolerances{*spec.relative_tolerance, {spec.absolute_tolerance}, {}};
  if (spec.absolute_tolerances.empty() && spec.weights.empty()) return tolerances;
  tolerances.absolute.assign(size, spec.absolute_tolerance);
  tolerances.weights.assign(size, 1.0);
  for (std::size_t i = 0; i < size; ++i) {
    const auto name = unknown_of(i);
    if (const auto found = spec.absolute_tolerances.find(name); found != spec.absolute_tolerances.end()) {
      tolerances.absolute[i] = found->second;
    }
    if (const auto found = spec.weights.find(name); found != spec.weights.end()) tolerances.weights[i] = found->second;
  }
  return tolerances;
}

std::function<double(double)> longest_step(const input::Case& parsed, std::span<const double> parameters) {
  if (!parsed.time->max_step) return {};
  sdk::SymbolTable symbols;
  symbols.add_time("t");
  int index = 0;
  for (const auto& [name, parameter] : parsed.parameters) symbols.add_parameter(name, index++);
  for (const auto& [name, value] : parsed.constants) symbols.add_constant(name, value);
  const auto& value = *parsed.time->max_step;
  const auto expression = sdk::Expression::compile(value.components[0], symbols, value.at.text());
  return [expression, values = std::vector<double>(parameters.begin(), parameters.end())](double t) {
    return expression.evaluate(sdk::ExpressionInputs<double>{nullptr, t, values.data(), nullptr, nullptr});
  };
}

sdk::PolicyModel read_controller(const input::TimeSpec& spec, const base::Communicator& comm) {
  auto model = io::read_policy(comm, spec.controller_model);
  sdk::require_features(model, time::step_features(), time::step_actions(), spec.controller_model);
  return model;
}

/// The policy of a file under its guards.
std::unique_ptr<time::StepControl> learned_control(const input::TimeSpec& spec, const plugin::Registry& registry,
                                                   const base::Communicator& comm, sdk::TimeSystem& system) {
  const auto model = read_controller(spec, comm);
  const auto learner = registry.make_policy_learner(model.learner);
  return std::make_unique<time::GuardedController>(
      time::StepController(time::controller_law(time::corrected_law), time::limit_preset(spec.limits)), model,
      learner->make(model), *spec.relative_tolerance, time::Guards{}, [&system](double x) { return system.max(x); });
}

std::unique_ptr<time::StepControl> make_control(const input::TimeSpec& spec, const plugin::Registry& registry,
                                                const base::Communicator& comm, sdk::TimeSystem& system) {
  auto learned = spec.controller_model.empty() ? nullptr : learned_control(spec, registry, comm, system);
  if (spec.controller == "rl") return learned;
  if (spec.controller == "bandit") {
    return time::make_bandit_controller(time::limit_preset(spec.limits), std::move(learned),
                                        static_cast<std::uint64_t>(spec.controller_seed));
  }
  return std::make_unique<time::StepController>(time::controller_law(spec.controller), time::limit_preset(spec.limits));
}

/// visit(from, to) between start, stops, output times and end.
void for_stretches(const input::Case& parsed, const std::function<void(double, double)>& visit) {
  auto times = parsed.time->stops;
  times.insert(times.end(), parsed.output.times.begin(), parsed.output.times.end());
  times.push_back(parsed.time->end);
  std::ranges::sort(times);
  double from = parsed.time->start;
  for (const double to : times) {
    if (to - from <= time::round_off(to)) continue;
    visit(from, to);
    from = to;
  }
}

void check_equal_steps(const input::Case& parsed) {
  const auto& spec = *parsed.time;
  for_stretches(parsed, [&](double from, double to) {
    if (time::whole_steps(from, to, spec.step)) return;
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("{} needs steps of equal length, but from t = {} to {} is not a whole number of steps of {} s",
                    spec.method, from, to, spec.step),
        spec.at.text(),
        "choose a step that fits the stops and output times, or another method, for example crank_nicolson");
  });
}

/// The method, and what the spec asks of it.
void check_method(const input::Case& parsed, std::span<const time::MethodEntry> more, const sdk::TimeTraits& traits) {
  const auto& spec = *parsed.time;
  const auto& method = time::find_time_method(spec.method, more).info;
  try {
    time::check_suits(method, traits, more);
  } catch (const sdk::Error& error) {
    throw sdk::Error(error.kind(), error.what(), spec.at.text(), error.hint());
  }
  if (method.needs_exact_jacobian && spec.jacobian != "exact") {
    throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("the method {} needs the exact Jacobian", spec.method),
                     spec.at.text(), "set jacobian = \"exact\", or choose a W-method such as ros34pw2 or ms3a");
  }
  if (spec.lumped_mass && method.needs_jacobian) {
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        fmt::format("the method {} solves equations with the consistent mass: a lumped one is for explicit methods",
                    spec.method),
        spec.at.text(), "remove mass = \"lumped\", or choose an explicit method such as bogacki_shampine32");
  }
  if (spec.jacobian == "stiff" && !traits.splits) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the equations have no stiff part of their own", spec.at.text(),
                     "set jacobian = \"exact\" or \"frozen\"");
  }
  if (!spec.adaptive() && method.equal_steps) check_equal_steps(parsed);
}

}  // namespace

std::int64_t number_of_steps(const input::Case& parsed) {
  const auto& spec = *parsed.time;
  const double length = spec.end - spec.start;
  if (time::whole_steps(spec.start, spec.end, spec.step)) {
    std::int64_t steps = 0;
    for_stretches(parsed, [&](double from, double to) {
      const auto whole = time::whole_steps(from, to, spec.step);
      steps += whole ? *whole : static_cast<std::int64_t>(std::ceil((to - from) / spec.step));
    });
    return steps;
  }
  const auto steps = static_cast<std::int64_t>(std::llround(length / spec.step));
  throw sdk::Error(
      sdk::ErrorKind::case_file,
      fmt::format("the time from {} to {} s is not a whole number of steps of {} s", spec.start, spec.end, spec.step),
      spec.at.text(), fmt::format("for example step = {}", length / std::max<double>(1.0, double(steps))));
}

std::vector<double> step_times(const input::Case& parsed) {
  const auto& spec = *parsed.time;
  std::vector<double> times{spec.start};
  for_stretches(parsed, [&](double from, double to) {
    if (!spec.adaptive()) {
      const auto whole = time::whole_steps(from, to, spec.step);
      const auto steps = whole ? *whole : static_cast<std::int64_t>(std::ceil((to - from) / spec.step));
      for (std::int64_t k = 1; k < steps; ++k) times.push_back(from + static_cast<double>(k) * spec.step);
    }
    times.push_back(to);
  });
  return times;
}

bool ends_step(const input::Case& parsed, double t) {
  bool ends = false;
  for_stretches(parsed, [&](double from, double to) {
    const bool is_within = t > from && t <= to;
    ends |= time::same_time(t, to) || (is_within && time::whole_steps(from, t, parsed.time->step).has_value());
  });
  return ends;
}

bool is_written(const input::Case& parsed, std::int64_t step, double t, bool is_last) {
  const auto& output = parsed.output;
  if (step == 0 || is_last || (output.every > 0 && step % output.every == 0)) return true;
  // Fixed steps of reduced bases end there up to what time::whole_steps() allows.
  return std::ranges::any_of(output.times, [&](double wanted) {
    const double slack = time::nearly_whole * std::max(parsed.time->step, wanted - parsed.time->start);
    return time::same_time(wanted, t) || std::abs(wanted - t) <= slack;
  });
}

time::JacobianChoice jacobian_choice(const input::TimeSpec& spec) {
  return spec.jacobian == "frozen"  ? time::JacobianChoice::frozen
         : spec.jacobian == "stiff" ? time::JacobianChoice::stiff
                                    : time::JacobianChoice::exact;
}

std::vector<time::MethodEntry> methods_of_plugins(const plugin::Registry& registry) {
  std::vector<time::MethodEntry> entries;
  for (const auto& offer : registry.offers().time_methods) entries.push_back({offer.info, offer.create});
  return entries;
}

void check_stepping(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
                    const sdk::TimeTraits& traits) {
  const auto& spec = *parsed.time;
  check_method(parsed, methods_of_plugins(registry), traits);
  if (!spec.adaptive()) number_of_steps(parsed);
  if (spec.controller_model.empty()) return;
  const auto model = read_controller(spec, comm);
  registry.make_policy_learner(model.learner)->make(model);
}

std::unique_ptr<time::Stepper> make_stepper(
    const input::Case& parsed, std::span<const double> parameters, const plugin::Registry& registry,
    const base::Communicator& comm, sdk::TimeSystem& system, std::vector<double> initial,
    const std::function<std::string(std::size_t)>& unknown_of,
    std::function<std::string(std::optional<std::size_t>)> name_of, std::function<void(const std::string&)> say,
    std::function<std::vector<double>(double, std::vector<double>&)> after_stop) {
  const auto& spec = *parsed.time;
  const auto more = methods_of_plugins(registry);
  check_method(parsed, more, system.traits());
  auto method = time::make_time_method(spec.method, system, more);
  time::StepperOptions options;
  options.fixed_step = spec.step;
  options.first_step = spec.first_step;
  options.min_step = spec.min_step;
  options.max_step = longest_step(parsed, parameters);
  options.stops = spec.stops;
  options.jumps = spec.jumps;
  options.marks = parsed.output.times;
  options.name_of = std::move(name_of);
  options.say = std::move(say);
  options.after_stop = std::move(after_stop);
  if (!spec.adaptive()) {
    return std::make_unique<time::Stepper>(system, std::move(method), spec.start, std::move(initial),
                                           std::move(options));
  }
  auto control = make_control(spec, registry, comm, system);
  return std::make_unique<time::Stepper>(system, std::move(method), spec.start, std::move(initial),
                                         tolerances_of(spec, system.size(), unknown_of), std::move(control),
                                         std::move(options));
}

}  // namespace ansatz::solvers
