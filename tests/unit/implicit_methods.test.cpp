// Diagonally implicit, additive and Rosenbrock methods at work: orders, errors under control, mass matrices, restarts.
#include <catch2/catch.hpp>

#include "engine/time/loop/memory_archive.hpp"
#include "engine/time/tableaus/imex_tableau.hpp"
#include "engine/time/tableaus/rosenbrock_tableau.hpp"
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

/// x'' = (1 - x^2) x' / eps - x / eps with eps = 1e-6.
struct VanDerPol {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"x"}, {"v"}}, .initial = {2.0, 0.0}}; }
  explicit VanDerPol(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = y[1];
    f[1] = 1e6 * ((1.0 - y[0] * y[0]) * y[1] - y[0]);
  }
};

/// With error control, to the end.
template <class Problem>
Stepper controlled_run(sdk::TimeSystem& system, const std::string& method, double tolerance, double end) {
  const auto problem = test::ode_system<Problem>();
  auto stepper = test::controlled(system, method, 0.0, problem.info().initial, {tolerance, {tolerance}});
  while (stepper.time() < end) stepper.advance(end);
  return stepper;
}

}  // namespace

TEST_CASE("Implicit methods converge with their order", "[time]") {
  for (const auto& name : names()) {
    const int order = find_time_method(name).info.order, steps = order <= 3 ? 80 : (order == 4 ? 40 : 10);
    const double observed = observed_order<Mild>(name, steps);
    INFO(name << ": " << observed);
    CHECK(observed > order - 0.2);
    CHECK(observed < order + 1.0);
  }
}

TEST_CASE("Implicit methods keep their order where an unknown is given in time", "[time]") {
  const auto problem = test::ode_system<Mild>();
  for (const auto& name : names()) {
    const int order = find_time_method(name).info.order, steps = order <= 3 ? 80 : (order == 4 ? 40 : 10);
    double errors[2];
    for (int k = 0; k < 2; ++k) {
      test::WithGiven system(problem);
      errors[k] = Mild::error(1.0, test::in_steps(system, name, 0.0, problem.info().initial, 1.0, steps << k));
    }
    INFO(name << ": errors " << errors[0] << ", " << errors[1]);
    CHECK(std::log2(errors[0] / errors[1]) > order - 0.2);
  }
}

TEST_CASE("W-methods keep their order with an old or incomplete Jacobian, Rosenbrock methods lose it", "[time]") {
  for (const auto& method : rosenbrock_methods()) {
    for (const auto choice : {JacobianChoice::frozen, JacobianChoice::stiff}) {
      const double observed = observed_order<Mild>(method.name, 40, choice);
      INFO(method.name << ": " << observed);
      if (method.w_method) {
        CHECK(observed > method.order - 0.2);
      } else {
        CHECK(observed < 1.2);
      }
    }
    CHECK(find_time_method(method.name).info.needs_exact_jacobian == !method.w_method);
  }
}

TEST_CASE("Steps far above the fast time scale are stable, and exact where methods are stiffly accurate", "[time]") {
  // Stiffly accurate methods have errors O(h^p) + O(epsilon h^q) with the stage order q (Hairer and Wanner, VI.1); here
  // the fast unknowns give the solution all to themselves: epsilon = 1e-6, h = 0.05.
  for (const auto& name : names()) {
    const double error = error_of_steps<Stiff>(name, 20);
    INFO(name << ": " << error);
    bool stiffly_accurate = false;
    for (const auto& method : implicit_methods()) stiffly_accurate |= method.name == name;
    for (const auto& method : rosenbrock_methods()) stiffly_accurate |= method.name == name && method.stiffly_accurate;
    CHECK(error < (stiffly_accurate ? 1e-6 : 5e-3));
  }
}

TEST_CASE("Errors of implicit methods follow the tolerance", "[time]") {
  for (const auto& name : names()) {
    for (const double tolerance : {1e-4, 1e-6}) {
      const auto problem = test::ode_system<Mild>();
      OdeTimeSystem system(problem);
      const double error = Mild::error(1.0, controlled_run<Mild>(system, name, tolerance, 1.0).state());
      INFO(name << ", tolerance " << tolerance << ": error " << error);
      CHECK(error < 20.0 * tolerance);
    }
  }
}

TEST_CASE("Stiffness costs implicit methods few steps", "[time]") {
  for (const auto& name : names()) {
    if (name == "ark3") continue;
    const auto problem = test::ode_system<Stiff>();
    OdeTimeSystem system(problem);
    const auto run = controlled_run<Stiff>(system, name, 1e-6, 1.0);
    INFO(name << ": " << run.work().accepted << " steps");
    CHECK(Stiff::error(1.0, run.state()) < 1e-6);
    CHECK(run.work().accepted < 2500);  // explicit ones: more than 300 000
    CHECK(run.work().rejected < 20);
    CHECK(run.work().failed == 0);
  }
}

TEST_CASE("The equation of van der Pol ends where the test set for initial-value problems says", "[time]") {
  for (const char* name : {"esdirk4", "ark4_esdirk", "esdirk5", "ros34pw2", "rodas3", "rodas4"}) {
    const auto problem = test::ode_system<VanDerPol>();
    OdeTimeSystem system(problem);
    const auto run = controlled_run<VanDerPol>(system, name, 1e-8, 2.0);
    const double error = std::max(std::abs(run.state()[0] / 1.706167732170469 - 1.0),
                                  std::abs(run.state()[1] / -0.8928097010248125 - 1.0));
    INFO(name << ": scd " << -std::log10(error) << ", " << run.work().accepted << " steps");
    CHECK(error < 1e-7);
    CHECK(system.work().jacobians <= run.work().accepted + run.work().rejected);
  }
}

TEST_CASE("A mass matrix on both sides changes nothing", "[time]") {
  const auto problem = test::ode_system<Mild>();
  for (const auto& name : names()) {
    OdeTimeSystem plain(problem), inner(problem);
    test::WithMass system(inner);
    const auto& initial = problem.info().initial;
    const auto expected = test::in_steps(plain, name, 0.0, initial, 1.0, 20),
               result = test::in_steps(system, name, 0.0, initial, 1.0, 20);
    INFO(name);
    for (std::size_t i = 0; i < 2; ++i) CHECK(result[i] == Approx(expected[i]).epsilon(1e-10));
  }
}

TEST_CASE("A mass of time and state on both sides changes nothing, with any method", "[time]") {
  const auto problem = test::ode_system<Mild>();
  for (const auto& entry : time_methods()) {
    const auto& name = entry.info.name;
    OdeTimeSystem plain(problem), inner(problem);
    test::WithVaryingMass system(inner);
    if (!suits(entry.info, plain.traits())) continue;
    const auto& initial = problem.info().initial;
    const auto expected = test::in_steps(plain, name, 0.0, initial, 1.0, 40),
               result = test::in_steps(system, name, 0.0, initial, 1.0, 40);
    INFO(name);
    for (std::size_t i = 0; i < 2; ++i) CHECK(result[i] == Approx(expected[i]).epsilon(1e-9));
  }
}

TEST_CASE("Methods that do not say so are refused where the mass varies", "[time]") {
  sdk::TimeTraits varies;
  varies.mass_of_state = true;
  sdk::TimeMethodInfo unsaid;
  unsaid.name = "unsaid";
  CHECK_FALSE(suits(unsaid, varies));
  CHECK(test::error_of([&] { check_suits(unsaid, varies); }).report().find("mass") != std::string::npos);
  CHECK(suits(unsaid, {}));
  CHECK(suits(find_time_method("rodas4").info, varies));
}

TEST_CASE("Implicit methods go on bit by bit after a restart", "[time]") {
  const auto problem = test::ode_system<Mild>();
  for (const auto& name : names()) {
    const auto start = [&](sdk::TimeSystem& system) {
      return test::controlled(system, name, 0.0, problem.info().initial, {1e-5, {1e-5}});
    };
    OdeTimeSystem first(problem), second(problem);
    auto run = start(first), again = start(second);
    for (int n = 0; n < 7; ++n) run.advance(10.0);
    MemoryArchive archive;
    run.exchange(archive);
    archive.load();
    again.exchange(archive);
    for (int n = 0; n < 7; ++n) {
      run.advance(10.0);
      again.advance(10.0);
    }
    INFO(name);
    CHECK(run.time() == again.time());
    CHECK(std::ranges::equal(run.state(), again.state()));
  }
}

TEST_CASE("Methods say what they need, and refuse systems without it", "[time]") {
  sdk::TimeTraits algebraic, plain;
  algebraic.algebraic = true;
  for (const char* name : {"sdirk2", "sdirk4"}) CHECK(suits(find_time_method(name).info, algebraic));
  for (const char* name : {"tr_bdf2", "esdirk3", "esdirk4", "esdirk5", "ros3p", "ros34pw2", "rodas3", "rodas4"}) {
    CHECK_FALSE(suits(find_time_method(name).info, algebraic));
    CHECK(suits(find_time_method(name).info, plain));
  }
  CHECK_FALSE(suits(find_time_method("ark3").info, plain));
  CHECK(find_time_method("ros3p").info.r_infinity == Approx(0.7320508075688772));
}
