// The derivative by time of discretised equations, beside differences.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/input/case_parser.hpp"
#include "engine/problem/problem.hpp"
#include "engine/solvers/form_in_time.hpp"

using namespace ansatz;

namespace {

const std::string moving = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [3, 3], cell = "CELL" }
[physics.diffusion]
conductivity = "1 + 0.5*sin(t)*x + temperature^2"
capacity = "2 + x*t"
velocity = ["30*cos(t)", "x + t"]
reaction = "0.1 + t^2"
source = "x*exp(t) + tanh(temperature*t)"
boundary = [
  { on = "left", temperature = "sin(3*t)*(1 + y)" },
  { on = "right", heat_flux = "t^3*y" },
  { on = "top", transfer_coefficient = "1 + t", ambient = "cos(5*t)" },
]
[initial]
temperature = "x*y"
[solver]
order = ORDER
STABILISE
[time]
method = "rodas4"
end = 1.0
relative_tolerance = 1e-6
)toml";

std::string with(std::string text, const std::string& name, const std::string& value) {
  return text.replace(text.find(name), name.size(), value);
}

}  // namespace

TEST_CASE("The derivative by time is exact, with boundary terms, stabilisation and prescribed values that move",
          "[time][mpi]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  for (const auto& [cell, order, stabilise] :
       {std::tuple("triangle", "1", ""), {"quadrilateral", "2", ""}, {"triangle", "2", "stabilisation = \"supg\""}}) {
    const auto text = with(with(with(moving, "CELL", cell), "ORDER", order), "STABILISE", stabilise);
    const auto parsed = input::parse_case(text, "/tmp/moving/case.toml", {}, registry, comm);
    problem::Problem problem(parsed, registry, comm);
    fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(), {});
    solvers::FormInTime system(discrete, {});
    const double t = 0.7;
    auto u = problem.initial_state();
    system.prescribe(t, u);
    std::vector<double> exact(system.size());
    system.time_derivative(t, u, exact);

    // Of fourth order in the step.
    const auto f = [&](double at) {
      auto moved = u;
      std::vector<double> out(system.size());
      system.prescribe(at, moved);
      system.f(at, moved, sdk::Part::all, out);
      return out;
    };
    const double h = 1e-3;
    const auto a = f(t - 2.0 * h), b = f(t - h), c = f(t + h), d = f(t + 2.0 * h);
    double largest = 0.0, difference = 0.0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double expected = (a[i] - 8.0 * b[i] + 8.0 * c[i] - d[i]) / (12.0 * h);
      largest = std::max(largest, std::abs(exact[i]));
      difference = std::max(difference, std::abs(exact[i] - expected));
    }
    INFO(cell << " of order " << order << " " << stabilise);
    CHECK(comm.max(largest) > 0.1);
    CHECK(comm.max(difference) < 1e-8 * comm.max(largest));
  }
}
