// Adjoints against tangents, and transposed solves, on any number of ranks.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/adjoint/steady_adjoint.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/solvers/case_discretisation.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/solvers/gradients/time_adjoint.hpp"
#include "tests/support/bound_case.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

const std::string convected = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0, 1.0], cells = [7, 5], cell = "triangle" }
[physics.diffusion]
conductivity = "k*(1 + 0.3*temperature^2)"
velocity = ["3*v", "y"]
source = "s*x"
boundary = [{ on = "left", temperature = "g*(1 + y)" }, { on = "top", heat_flux = "k*s", transfer_coefficient = "h", ambient = 0.2 }]
[parameters]
g = { range = [0.1, 3.0], default = 0.8 }
h = { range = [0.1, 3.0], default = 1.2 }
k = { range = [0.1, 3.0], default = 0.6 }
s = { range = [0.1, 3.0], default = 1.1 }
v = { range = [0.1, 3.0], default = 0.9 }
[linear]
newton_relative_tolerance = 1e-12
[quantities]
corner  = { point = "temperature", at = [2.0, 0.3] }
mean    = { mean = "temperature*k" }
gone    = { integral = "flux_x*normal_x", on = "right" }
spread  = { deviation = "temperature" }
norm    = { norm = "temperature", type = "h1_semi" }
enters  = { reaction = "temperature", on = "left" }
coldest = { minimum = "temperature" }
sum     = { formula = "enters*s + exp(mean)" }
)toml";

const std::string flow = R"toml(
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [5, 4], cell = "quadrilateral" }
[physics.navier_stokes]
viscosity = "nu"
boundary = [{ on = "all", velocity = [0.0, 0.0] }, { on = "top", velocity = ["lid*16*x^2*(1 - x)^2", 0.0] }]
[parameters]
lid = { range = [0.1, 3.0], default = 1.0 }
nu  = { range = [0.01, 1.0], default = 0.05 }
[linear]
newton_relative_tolerance = 1e-12
[solver]
order = 2
[quantities]
eye   = { point = "velocity_x", at = [0.4, 0.6] }
level = { point = "pressure", at = [0.8, 0.2] }
)toml";

sdk::Solution solved(BoundCase& bound) {
  results::RunLog log(bound.problem.mesh().comm, {});
  log.set_quiet(true);
  fem::DiscreteProblem discrete(bound.problem.form(), bound.problem.dirichlet(), {.relative_tolerance = 1e-12});
  plugin::Registry registry(bound.problem.mesh().comm, {});
  solvers::FemSolve solve(bound.problem, discrete, registry, log);
  return solve.run([](const auto&, auto, bool, const auto*) {});
}

/// The largest difference of adjoint and tangent derivatives, relative to the largest of each quantity.
double difference(BoundCase& bound) {
  const auto solution = solved(bound);
  auto& problem = bound.problem;
  const auto& comm = problem.mesh().comm;
  adjoint::SteadyAdjoint steady(problem, adjoint::exact_options({}), solution.values);
  fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(), {});
  const auto n = problem.parameters().size();
  std::vector<std::vector<double>> tangents;
  for (std::size_t k = 0; k < n; ++k) tangents.push_back(steady.tangent(static_cast<int>(k)));
  double worst = 0.0;
  for (std::size_t i = 0; i < problem.quantities().size(); ++i) {
    const auto found = adjoint::quantity_slopes(problem, discrete, steady.equations(), solution, i);
    INFO(problem.quantities()[i].spec.name);
    REQUIRE(found.problem == "");
    const auto by_adjoint = steady.by_parameters(steady.solve(found.slopes.unknowns));
    double largest = 0.0, off = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
      const double by_tangent = linear::dot(comm, found.slopes.unknowns, tangents[k]);
      largest = std::max(largest, std::abs(by_tangent));
      off = std::max(off, std::abs(by_tangent - by_adjoint[k]));
    }
    worst = std::max(worst, off / largest);
  }
  return worst;
}

}  // namespace

TEST_CASE("adjoints and tangents give the same derivatives", "[gradients][mpi]") {
  BoundCase bound(convected);
  CHECK(difference(bound) < 1e-10);
}

TEST_CASE("the level of a pressure is 0 in the mean for derivatives, too", "[gradients][mpi]") {
  BoundCase bound(flow);
  CHECK(difference(bound) < 1e-10);
}

TEST_CASE("a transposed solve is the adjoint of a solve", "[gradients][mpi]") {
  BoundCase bound(convected);
  const auto solution = solved(bound);
  const auto space = solvers::make_case_discretisation(bound.problem, {.relative_tolerance = 1e-13});
  space->linearise(0.0, solution.values, {}, {1.0, 0.0});
  const auto n = static_cast<std::size_t>(space->num_owned());
  std::vector<double> a(n), b(n), x(n), z(n);
  const auto first = bound.problem.dofs().first_global();
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = std::sin(1.0 + double(first) + double(i));
    b[i] = std::cos(2.0 * (double(first) + double(i)));
  }
  space->solve(b, x);
  space->solve_transposed(a, z);
  CHECK(space->dot(a, x) == Approx(space->dot(z, b)).epsilon(1e-10));
}

TEST_CASE("states that are dropped are computed anew", "[gradients]") {
  solvers::StepsTaken all, few(10 * 8 * 4);
  const std::vector<double> u(8, 1.0);
  for (int i = 0; i <= 20; ++i) {
    all.add(0.1 * i, u);
    few.add(0.1 * i, u);
  }
  CHECK(all.stride() == 1);
  CHECK(few.stride() == 4);
  CHECK(few.num_steps() == 20);
  CHECK(few.state(20).size() == 8);
}
