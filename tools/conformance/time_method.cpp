#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/ode.hpp"
#include "checks.hpp"
#include "engine/time/loop/memory_archive.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"
#include "engine/time/systems/ode_time_system.hpp"
#include "method_behaviour.hpp"

namespace ansatz::conformance {
namespace {

/// A driven pendulum, q'' = -sin q + cos t: nonlinear, not autonomous.
struct Pendulum {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"q"}, {"v"}}, .initial = {1.0, 0.0}, .end = 2.0, .second_order = true};
  }
  explicit Pendulum(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S& t, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    using std::cos, std::sin;
    a[0] = cos(t) - sin(q[0]);
  }
};

time::Stepper stepper_of(const plugin::TimeMethodOffer& offer, time::OdeTimeSystem& system, int steps) {
  time::StepperOptions options;
  options.fixed_step = 2.0 / steps;
  return {system, offer.create(system), 0.0, system.system().info().initial, options};
}

double end_of(const plugin::TimeMethodOffer& offer, const sdk::OdeSystem& system, int steps) {
  time::OdeTimeSystem in_time(system);
  auto stepper = stepper_of(offer, in_time, steps);
  while (stepper.time() < 2.0) stepper.advance(2.0);
  return stepper.state()[0];
}

/// Errors within 20 tolerances on linear, driven and nonlinear problems, where an estimate may vanish by its
/// construction.
void check_estimate(Report& report, const std::string& name, const plugin::TimeMethodOffer& offer) {
  report.check(name + "its error estimate sees the errors of linear, driven and nonlinear problems", [&] {
    for (const auto& problem : estimate_problems()) {
      if (!time::suits(offer.info, time::OdeTimeSystem(*problem.system).traits())) continue;
      for (const double tolerance : {1e-3, 1e-4, 1e-5}) {
        const double error = largest_error(problem, offer.create, tolerance);
        require(error <= 20.0, fmt::format("on {} the error is {:.3g} tolerances of {:g}: another estimate, or "
                                           "embedded_order = 0 (steps of one length)",
                                           problem.name, error, tolerance));
      }
    }
  });
}

/// One of the faults of method_behaviour.hpp, on the problems that suit.
void check_behaviour(Report& report, const std::string& name, const plugin::TimeMethodOffer& offer,
                     std::string (*fault)(const MakeMethod&, const EstimateProblem&)) {
  report.check(name, [&] {
    for (const auto& problem : smooth_problems()) {
      if (!time::suits(offer.info, time::OdeTimeSystem(*problem.system).traits())) continue;
      const auto why = fault(offer.create, problem);
      require(why.empty(), why);
    }
  });
}

/// Rates at the ends of steps are those of the equations, to a part of 1e-6 that stages may leave.
void check_end_rate(Report& report, const std::string& name, const plugin::TimeMethodOffer& offer,
                    const sdk::OdeSystem& system) {
  report.check(name + "its rates at the ends of steps satisfy the equations, as it says", [&] {
    time::OdeTimeSystem in_time(system);
    auto stepper = stepper_of(offer, in_time, 40);
    std::vector<double> rate(2), expected(2);
    while (stepper.time() < 1.0) {
      stepper.advance(2.0);
      require(stepper.method().end_rate(rate), "end_rate() gives none");
      in_time.rate(stepper.time(), stepper.state(), sdk::Part::all, expected);
      for (std::size_t i = 0; i < 2; ++i) {
        require(std::abs(rate[i] - expected[i]) < 1e-6,
                fmt::format("at t = {} the rate {} is {}, not {}: exact_end_rate = false", stepper.time(), i, rate[i],
                            expected[i]));
      }
    }
  });
}

}  // namespace

void check_time_method(Report& report, const plugin::TimeMethodOffer& offer) {
  const auto name = "time integrator " + offer.name + ": ";
  const sdk::detail::OdeSystemOf<Pendulum> system("pendulum", sdk::ParameterSet(sdk::ParameterSchema()));
  time::OdeTimeSystem in_time(system);
  report.check(name + "it has a text, an order, and the name of its offer", [&] {
    require(!offer.info.doc.empty(), "its text is empty");
    require(offer.info.order >= 1, fmt::format("its order is {}", offer.info.order));
    require(offer.create(in_time)->info().name == offer.name, "the method has another name than its offer");
  });
  check_behaviour(report, name + "a restart forgets what was before", offer, fault_of_restart);
  check_behaviour(report, name + "it knows no rate of a step before the first one", offer, fault_of_early_rate);
  if (offer.info.embedded_order > 0) {
    const int failed = report.num_failed();
    check_behaviour(report, name + "its error estimate falls as its order says, and has the right sign", offer,
                    fault_of_estimate);
    if (report.num_failed() == failed) check_estimate(report, name, offer);
  }
  if (!time::suits(offer.info, in_time.traits()))
    return report.skip(name + "its order", "it needs another system than the pendulum here");
  report.check(name + "it reaches its order on a driven pendulum", [&] {
    const double coarse = end_of(offer, system, 40), middle = end_of(offer, system, 80),
                 fine = end_of(offer, system, 160);
    const double order = std::log2(std::abs((coarse - middle) / (middle - fine)));
    require(order > offer.info.order - 0.3 || std::abs(middle - fine) < 1e-11,
            fmt::format("the observed order is {:.2f}, not {}", order, offer.info.order));
  });
  if (offer.info.exact_end_rate) check_end_rate(report, name, offer, system);
  report.check(name + "a restart repeats the run bit by bit", [&] {
    auto whole = stepper_of(offer, in_time, 40);
    while (whole.time() < 1.0) whole.advance(2.0);
    time::MemoryArchive memory;
    whole.exchange(memory);
    memory.load();
    time::OdeTimeSystem other(system);
    auto again = stepper_of(offer, other, 40);
    again.exchange(memory);
    while (whole.time() < 2.0) {
      whole.advance(2.0);
      again.advance(2.0);
      require(std::ranges::equal(whole.state(), again.state()), fmt::format("they differ at t = {}", whole.time()));
    }
  });
}

}  // namespace ansatz::conformance
