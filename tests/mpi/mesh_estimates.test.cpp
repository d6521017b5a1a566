// Discretisation estimates do not depend on the number of ranks.
#include <catch2/catch.hpp>
#include <numeric>

#include "tests/support/solved_case.hpp"

using namespace ansatz;

namespace {

std::string heat(const std::string& box, int order) {
  return "plugins = [\"diffusion\"]\n[mesh]\nbox = " + box + R"toml(
[physics.diffusion]
conductivity = "1 + x*y"
source = "exp(x)*sin(3*y)"
boundary = [{ on = ["left", "bottom"], temperature = "sin(2*x + y)" },
            { on = "right", transfer_coefficient = 2.0, ambient = "y" }]
[solver]
order = )toml" +
         std::to_string(order) + "\n";
}

}  // namespace

TEST_CASE("An estimate is the same on one rank and on all", "[estimation]") {
  const auto box = GENERATE(as<std::string>(), R"({ size = [1.0, 1.0], cells = [9, 7], cell = "triangle" })",
                            R"({ size = [1.0, 1.0], cells = [9, 7], cell = "quadrilateral" })",
                            R"({ size = [1.0, 1.0, 0.5], cells = [5, 4, 3], cell = "tetrahedron" })");
  const int order = GENERATE(1, 2);
  const bool bump = GENERATE(false, true);  // asks for the coarse correction
  const auto value_on = [&](const base::Communicator& comm) {
    test::Solved s(heat(box, order), comm);
    const auto& dofs = s.problem.dofs();
    const auto points = fem::node_coordinates(s.problem.mesh(), *dofs.fields()[0].nodes);
    for (std::size_t n = 0; bump && n < s.u.size(); ++n) {
      const double* x = points.data() + n * s.problem.dim();
      if (s.discrete.constrained()[n] == 0) s.u[n] += 0.1 * x[0] * x[1];
    }
    const auto estimate = s.enriched.estimate(s.u);
    const double sum = comm.sum(std::accumulate(estimate.by_cell.begin(), estimate.by_cell.end(), 0.0));
    CHECK(std::sqrt(sum) == Approx(estimate.value).epsilon(1e-9));
    return estimate.value;
  };
  const double together = value_on(base::Communicator(MPI_COMM_WORLD));
  const double alone = value_on(base::Communicator(MPI_COMM_SELF));
  CHECK(together == Approx(alone).epsilon(1e-8));
  CHECK(together > 0.0);
}
