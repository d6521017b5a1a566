#include "tools/bench_program/ode_problems.hpp"

#include <mpi.h>

#include <cmath>

#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"
#include "engine/time/systems/ode_time_system.hpp"

namespace ansatz::bench {
namespace {

/// u' = laplacian u + source on the unit square, u = 0 on its boundary, differences on 40 x 40 points.
struct HeatSquare {
  static constexpr int points = 40;
  static constexpr double weight = (points + 1.0) * (points + 1.0), pi = 3.14159265358979323846;

  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info{.end = 0.2, .band = sdk::OdeInfo::Band{points, points}};
    info.components.resize(points * points);
    for (int j = 1; j <= points; ++j) {
      for (int i = 1; i <= points; ++i) {
        const double x = i / (points + 1.0), y = j / (points + 1.0);
        info.initial.push_back(std::sin(pi * x) * std::sin(2.0 * pi * y) + 16.0 * x * (1.0 - x) * y * (1.0 - y));
      }
    }
    return info;
  }
  explicit HeatSquare(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::cos;
    const S source = 10.0 * cos(20.0 * t);
    for (int j = 0; j < points; ++j) {
      for (int i = 0; i < points; ++i) {
        const int k = j * points + i;
        S sum = -4.0 * y[k] + source / weight;
        if (i > 0) sum += y[k - 1];
        if (i + 1 < points) sum += y[k + 1];
        if (j > 0) sum += y[k - points];
        if (j + 1 < points) sum += y[k + points];
        f[k] = weight * sum;
      }
    }
  }
};

}  // namespace

OdeProblem make_ode_problem(const std::string& name, plugin::Registry& registry) {
  OdeProblem problem;
  const auto of_plugin = [&](const std::string& system, const std::map<std::string, std::int64_t>& integers) {
    registry.load("reaction_kinetics");
    for (const auto& offer : registry.offers().ode_systems) {
      if (offer.name != system) continue;
      sdk::ParameterSet parameters(offer.parameters);
      for (const auto& [key, value] : integers) parameters.set(key, value);
      return registry.make_ode_system(system, parameters);
    }
    throw sdk::Error(sdk::ErrorKind::plugin, "the plugin reaction_kinetics has no system " + system);
  };
  if (name == "rober") {
    problem.system = of_plugin("rober", {});
    problem.floor = {1e-8, 1e-12, 1e-4};
  } else if (name == "hires") {
    problem.system = of_plugin("hires", {});
    problem.floor.assign(8, 1e-4);
  } else if (name == "brusselator") {
    problem.system = of_plugin("brusselator_1d", {{"points", 500}});
    problem.floor.assign(problem.system->size(), 1.0);
  } else if (name == "heat") {
    problem.system = std::make_unique<sdk::detail::OdeSystemOf<HeatSquare>>("heat", sdk::ParameterSet({}));
    problem.floor.assign(problem.system->size(), 0.1);
  } else {
    throw sdk::Error(sdk::ErrorKind::usage, "there is no problem " + name, "command line",
                     "rober, hires, brusselator or heat");
  }
  problem.end = problem.system->info().end;
  return problem;
}

double relative_error(const OdeProblem& problem, std::span<const double> y, std::span<const double> reference) {
  double sum = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double e = (y[i] - reference[i]) / (problem.floor[i] + std::abs(reference[i]));
    sum += e * e;
  }
  return std::sqrt(sum / static_cast<double>(y.size()));
}

OdeRun solve_by_us(const OdeProblem& problem, const std::string& method, double tolerance) {
  const auto begin = MPI_Wtime();
  time::OdeTimeSystem system(*problem.system);
  time::Tolerances tolerances{tolerance, problem.floor, {}};
  for (double& a : tolerances.absolute) a *= tolerance;
  time::Stepper stepper(
      system, time::make_time_method(method, system), 0.0, problem.system->info().initial, tolerances,
      std::make_unique<time::StepController>(time::controller_law("h211b"), time::limit_preset("arkode_7")));
  while (stepper.time() < problem.end) stepper.advance(problem.end);
  const auto& work = system.work();
  return {{stepper.state().begin(), stepper.state().end()},
          MPI_Wtime() - begin,
          stepper.work().accepted,
          work.evaluations,
          work.jacobians};
}

}  // namespace ansatz::bench
