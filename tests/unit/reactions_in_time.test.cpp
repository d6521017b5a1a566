// Reactions over time with every integrator: of its order, and those of the equations at the start.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/input/case_parser.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/time/methods/methods.hpp"
#include "tests/io_support.hpp"

using namespace ansatz;

namespace {

// u = x^2 sin t, which quadratic elements hold: c u_t = k u_xx + q, so that the flux into the right end is 2 k sin t.
const std::string heat = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [2], cell = "interval" }
[physics.diffusion]
conductivity = 0.02
source = "x^2*cos(t) - 0.04*sin(t)"
boundary = [{ on = "left", temperature = 0.0 }, { on = "right", temperature = "sin(t)" }]
[solver]
order = 2
[initial]
temperature = 0.0
[time]
method = "METHOD"
end = 0.5
step = 0.1
[quantities]
r = { reaction = "temperature", on = "right" }
)toml";

// u = (y^2 sin t, 0), p = (x - 1/2) cos t, with density 1 and viscosity 0.1. The force on the top is that of friction,
// 0.2 sin t, and on the left that of the pressure there, -cos t / 2.
const std::string flow = R"toml(
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [2, 2], cell = "triangle" }
[physics.navier_stokes]
density = 1.0
viscosity = 0.1
body_force = ["y^2*cos(t) + cos(t) - 0.2*sin(t)", 0.0]
boundary = [{ on = "all", velocity = ["y^2*sin(t)", 0.0] }]
[solver]
order = 2
[time]
method = "METHOD"
end = 0.5
step = 0.1
[linear]
newton_relative_tolerance = 1e-13
[quantities]
r = { reaction = "velocity_x", on = "top" }
left = { reaction = "velocity_x", on = "left" }
)toml";

/// A quantity at each step.
std::vector<double> over_time(std::string text, const std::string& method, int steps,
                              const std::string& quantity = "r") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  text.replace(text.find("METHOD"), 6, method);
  const auto parsed =
      input::parse_case(text, "/tmp/case.toml", {"time.step=" + std::to_string(0.5 / steps)}, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(), {.relative_tolerance = 1e-13});
  const test::TemporaryFolder folder(comm);
  results::RunLog log(comm, folder.path());
  log.set_quiet(true);
  std::vector<double> values;
  solvers::FemSolve(problem, discrete, registry, log)
      .run([&](const quantities::Solution& at, std::int64_t, bool, const solvers::StepTaken*) {
        const auto all = quantities::evaluate_quantities(problem, discrete, at, nullptr);
        values.push_back(std::ranges::find(all, quantity, &quantities::QuantityValue::name)->value);
      });
  return values;
}

/// Observed order at the end.
struct Observed {
  double order, error;
};

template <class Exact>
Observed observed(const std::string& text, const std::string& method, const Exact& exact,
                  const std::string& quantity = "r", int steps = 5) {
  const double coarse = std::abs(over_time(text, method, steps, quantity).back() - exact(0.5));
  const double fine = std::abs(over_time(text, method, 2 * steps, quantity).back() - exact(0.5));
  return {std::log2(coarse / fine), fine};
}

double entering(double t) { return 0.04 * std::sin(t); }

}  // namespace

TEST_CASE("Reactions are of the order of the integrator", "[study][reaction]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::vector<std::string> one_of_a_kind{"crank_nicolson", "sdirk2", "rk4", "ros34pw2"};
  sdk::TimeTraits traits;
  traits.identity_mass = false;
  for (const auto& entry : time::time_methods()) {
    if (!time::suits(entry.info, traits) || entry.info.name == "bdf") continue;  // its order varies
    if (comm.size() > 1 && std::ranges::count(one_of_a_kind, entry.info.name) == 0) continue;
    // Where the error is small enough for its first term to count.
    Observed found{};
    for (int steps = 5; steps <= 40 && !(found.order > entry.info.order - 0.3); steps *= 2) {
      found = observed(heat, entry.info.name, entering, "r", steps);
      if (found.error < 1e-12) break;
    }
    INFO(entry.info.name << ": order " << found.order << " of " << entry.info.order << ", error " << found.error);
    CHECK((found.order > entry.info.order - 0.3 || found.error < 1e-12));
  }
}

TEST_CASE("A reaction at the start has the rate of the equations", "[study][reaction]") {
  for (const auto* method : {"crank_nicolson", "bdf2", "bdf", "esdirk4", "rk4"}) {
    CAPTURE(method);
    CHECK(std::abs(over_time(heat, method, 5).front()) < 1e-13);
  }
}

TEST_CASE("Reactions follow their exact values at all steps, also the first", "[study][reaction]") {
  for (const auto* method : {"crank_nicolson", "bdf2", "generalised_alpha", "sdirk4"}) {
    const auto values = over_time(heat, method, 10);
    REQUIRE(values.size() == 11);
    for (std::size_t n = 0; n < values.size(); ++n) {
      CAPTURE(method, n);
      CHECK(std::abs(values[n] - entering(0.05 * static_cast<double>(n))) < 4e-5);
    }
  }
}

TEST_CASE("Forces on a flow are of the order of the integrator and right at the start", "[study][reaction]") {
  const auto friction = [](double t) { return 0.2 * std::sin(t); };
  const auto pressure = [](double t) { return -0.5 * std::cos(t); };
  const std::map<std::string, int> orders{
      {"backward_euler", 1}, {"crank_nicolson", 2}, {"bdf2", 2}, {"sdirk2", 2}, {"generalised_alpha", 2}};
  for (const auto& [method, order] : orders) {
    for (const auto& [quantity, exact] :
         {std::pair<std::string, double (*)(double)>{"r", +friction}, {"left", +pressure}}) {
      const auto found = observed(flow, method, exact, quantity);
      INFO(method << ", " << quantity << ": order " << found.order << " of " << order << ", error " << found.error);
      CHECK((found.order > order - 0.3 || found.error < 1e-9));
    }
    CAPTURE(method);
    CHECK(over_time(flow, method, 5, "r").front() == Approx(0.0).margin(1e-8));
    CHECK(over_time(flow, method, 5, "left").front() == Approx(-0.5).epsilon(1e-8));
  }
}
