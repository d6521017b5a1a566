// Every integrator where the mass depends on time and on the state, given unknowns included, and where the error is
// that of a boundary value that moves.
#include <catch2/catch.hpp>
#include <complex>

#include "tests/support/case_in_time.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;

namespace {

/// u = g (1 + x), g = 1 + sin(2 t) / 2, solves c u_t = k u_xx + c g' (1 + x) on linear elements. It is given at x = 1,
/// where it enters by the mass, too. \param capacity c, in t and temperature
std::string moving_rod(const std::string& capacity) {
  auto exact = capacity;
  const std::string name = "temperature", g = "(1 + sin(2*t)/2)";
  if (const auto at = exact.find(name); at != std::string::npos) exact.replace(at, name.size(), g + "*(1 + x)");
  return R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
[physics.diffusion]
conductivity = 0.01
capacity = ")toml" +
         capacity + R"toml("
source = "()toml" +
         exact + R"toml()*cos(2*t)*(1 + x)"
boundary = [{ on = "right", temperature = "2*)toml" +
         g + R"toml(" }, { on = "left", heat_flux = "-0.01*)toml" + g + R"toml(" }]
[initial]
temperature = "1 + x"
[time]
method = "backward_euler"
end = 1.0
step = 0.1
)toml";
}

/// The largest error at the nodes.
double error_of(test::CaseInTime& rod, std::span<const double> y, double t) {
  // The solution is that of its own initial state, 1 + x, times g.
  const auto start = rod.problem.initial_state();
  double worst = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    worst = std::max(worst, std::abs(y[i] - start[i] * (1.0 + 0.5 * std::sin(2.0 * t))));
  }
  return rod.comm.max(worst);
}

const std::vector<std::string> one_of_each_kind{"bogacki_shampine32", "ms2a",   "crank_nicolson", "esdirk4", "rodas4",
                                                "generalised_alpha",  "etd_rk4"};

/// All methods on one rank, one of each kind on more.
std::vector<sdk::TimeMethodInfo> methods_for(test::CaseInTime& problem) {
  std::vector<sdk::TimeMethodInfo> all;
  for (const auto& entry : time::time_methods()) {
    const bool wanted = problem.comm.size() == 1 || std::ranges::count(one_of_each_kind, entry.info.name) > 0;
    if (wanted && time::suits(entry.info, problem.system.traits())) all.push_back(entry.info);
  }
  return all;
}

void check_orders(const std::string& capacity) {
  test::CaseInTime rod(moving_rod(capacity));
  for (const auto& info : methods_for(rod)) {
    if (info.name == "bdf") continue;  // its order varies
    // Two halvings: terms of the orders p and p + 1 of some methods (rodas4, rktase4, generalised_alpha) cancel at
    // longer steps.
    const double coarse = error_of(rod, rod.in_steps(info.name, 1.0, 20), 1.0),
                 fine = error_of(rod, rod.in_steps(info.name, 1.0, 80), 1.0);
    INFO(info.name << ", capacity " << capacity << ": errors " << coarse << ", " << fine);
    CHECK((0.5 * std::log2(coarse / fine) > info.order - 0.35 || fine < 1e-10));
  }
}

}  // namespace

TEST_CASE("They keep them where it depends on the state alone", "[time][slow]") { check_orders("1 + 0.5*temperature"); }

TEST_CASE("They keep them where it depends on time alone", "[time][slow]") { check_orders("2 + sin(3*t)"); }

TEST_CASE("Integrators keep their orders where the mass depends on time and on the state", "[time]") {
  check_orders("1 + t + 0.2*temperature");
}

TEST_CASE("With a varying mass errors follow the tolerance", "[time][slow]") {
  test::CaseInTime rod(moving_rod("1 + t + 0.2*temperature"));
  for (const auto& info : methods_for(rod)) {
    if (info.embedded_order == 0) continue;
    auto stepper = rod.controlled(info.name, {1e-5, {1e-5}});
    while (stepper.time() < 1.0) stepper.advance(1.0);
    const double error = error_of(rod, stepper.state(), 1.0);
    INFO(info.name << ": " << error << " in " << stepper.work().accepted << " steps");
    CHECK(error < 20 * 3e-5);
  }
}

TEST_CASE("A mass that is constant is known as such, and one that varies", "[time]") {
  const auto traits = [](const char* capacity) { return test::CaseInTime(moving_rod(capacity)).system.traits(); };
  CHECK_FALSE(traits("3.0").mass_varies());
  CHECK_FALSE(traits("2 + x").mass_varies());
  CHECK(traits("2 + t").mass_of_time);
  CHECK_FALSE(traits("2 + t").mass_of_state);
  CHECK(traits("2 + temperature").mass_of_state);
  CHECK_FALSE(traits("2 + temperature").mass_of_time);
  // As flat as a probe with two states may not tell.
  CHECK(traits("1 + 1e-13*temperature").mass_of_state);
}

TEST_CASE("Errors of what a boundary value moves are within 20 tolerances with every method", "[time][slow]") {
  // One unknown between two ends at g = sin(5 t): y'/3 + g'/6 + 4 y - 4 g = 0.
  test::CaseInTime rod(R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [2], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "all", temperature = "sin(5*t)" }]
[initial]
temperature = "0.3*sin(pi*x)"
[time]
method = "backward_euler"
end = 1.0
step = 0.1
)toml");
  using Complex = std::complex<double>;
  const Complex factor = Complex(12.0, -2.5) / Complex(12.0, 5.0);
  const auto exact = [&](double t) {
    return (factor * std::exp(Complex(0.0, 5.0 * t))).imag() + (0.3 - factor.imag()) * std::exp(-12.0 * t);
  };
  for (const auto& info : methods_for(rod)) {
    if (info.embedded_order == 0) continue;
    for (const double tolerance : {1e-4, 1e-6}) {
      auto stepper = rod.controlled(info.name, {tolerance, {tolerance}});
      double worst = 0.0;
      while (stepper.time() < 1.0) {
        stepper.advance(1.0);
        std::vector<double> given(rod.system.size(), 7.0);
        rod.system.prescribe(stepper.time(), given);
        for (std::size_t i = 0; i < given.size(); ++i) {
          if (given[i] == 7.0) worst = std::max(worst, std::abs(stepper.state()[i] - exact(stepper.time())));
        }
      }
      worst = rod.comm.max(worst) / tolerance;
      INFO(info.name << ", tolerance " << tolerance << ": " << worst << " of it in " << stepper.work().accepted
                     << " steps");
      CHECK(worst < 20.0);
    }
  }
}
