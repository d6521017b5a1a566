#pragma once
/// A case, discretised, as integrators see it.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/input/case_parser.hpp"
#include "engine/problem/problem.hpp"
#include "engine/solvers/form_in_time.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/methods/methods.hpp"

namespace ansatz::test {

class CaseInTime {
 public:
  /// \param text of the case file
  explicit CaseInTime(const std::string& text)
      : comm(MPI_COMM_WORLD),
        registry_(comm, plugin::search_path()),
        parsed_(input::parse_case(text, "/tmp/in_time/case.toml", {}, registry_, comm)),
        problem(parsed_, registry_, comm),
        discrete_(problem.form(), problem.dirichlet(), {}),
        system(discrete_, newton()) {}

  base::Communicator comm;

 private:
  static linear::NewtonOptions newton() {
    linear::NewtonOptions options;
    options.relative_tolerance = 1e-13;
    return options;
  }
  plugin::Registry registry_;
  input::Case parsed_;

 public:
  problem::Problem problem;

 private:
  fem::DiscreteProblem discrete_;

 public:
  solvers::FormInTime system;

  /// y(end) in equal steps from t = 0.
  std::vector<double> in_steps(const std::string& method, double end, int steps) {
    time::StepperOptions options;
    options.fixed_step = end / steps;
    time::Stepper stepper(system, time::make_time_method(method, system), 0.0, problem.initial_state(), options);
    while (stepper.time() < end) stepper.advance(end);
    return {stepper.state().begin(), stepper.state().end()};
  }
  /// With error control.
  time::Stepper controlled(const std::string& method, time::Tolerances tolerances, const std::string& law = "pi42") {
    return {system,
            time::make_time_method(method, system),
            0.0,
            problem.initial_state(),
            std::move(tolerances),
            std::make_unique<time::StepController>(time::controller_law(law), time::limit_preset("arkode_7"))};
  }
  double distance(std::span<const double> a, std::span<const double> b) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(comm.sum(sum));
  }
};

}  // namespace ansatz::test
