// Diagonally implicit, additive and Rosenbrock methods at work: orders, errors under control, mass matrices, restarts.
#include <cstdio>
#include <catch2/catch.hpp>
#include <map>

#include "engine/time/imex_tableau.hpp"
#include "engine/time/rosenbrock_tableau.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/split_problem.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

using Mild = test::SplitProblem<10>;
using Stiff = test::SplitProblem<1000000>;

/// Names of all methods of this file's families.
std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& method : implicit_methods()) all.push_back(method.name);
  for (const auto& method : imex_methods()) all.push_back(method.name);
  for (const auto& method : rosenbrock_methods()) all.push_back(method.name);
  return all;
}

/// The error at t = 1 with equal steps.
template <class Problem>
double error_of_steps(const std::string& method, int steps, JacobianChoice choice = JacobianChoice::exact) {
  const auto problem = test::ode_system<Problem>();
  OdeTimeSystem system(problem, choice);
  return Problem::error(1.0, test::in_steps(system, method, 0.0, problem.info().initial, 1.0, steps));
}

template <class Problem>
double observed_order(const std::string& method, int steps, JacobianChoice choice = JacobianChoice::exact) {
  return std::log2(error_of_steps<Problem>(method, steps, choice) / error_of_steps<Problem>(method, 2 * steps, choice));
}

}  // namespace

TEST_CASE("print") {
  for (const auto& name : names()) {
    std::string line = name + " mild:", line2 = name + " stiff:";
    for (int n = 10; n <= 320; n *= 2) {
      char buf[50];
      std::snprintf(buf, 50, " %.2e (%.2f)", error_of_steps<Mild>(name, n), observed_order<Mild>(name, n));
      line += buf;
      std::snprintf(buf, 50, " %.2e (%.2f)", error_of_steps<Stiff>(name, n), observed_order<Stiff>(name, n));
      line2 += buf;
    }
    std::puts(line.c_str()); std::puts(line2.c_str());
  }
  for (const auto& m : rosenbrock_methods()) for (auto c : {JacobianChoice::frozen, JacobianChoice::stiff}) {
    std::string line = m.name + " frozen/stiff:";
    for (int n = 10; n <= 320; n *= 2) {
      char buf[50];
      std::snprintf(buf, 50, " %.2e (%.2f)", error_of_steps<Mild>(m.name, n, c), observed_order<Mild>(m.name, n, c));
      line += buf;
    }
    std::puts(line.c_str());
  }
}
