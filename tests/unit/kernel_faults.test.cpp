// What a form says of values that are not finite; plugins that throw are in tests/reliability/faulty_plugins.test.py.
#include <catch2/catch.hpp>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "tests/support/fem_problem.hpp"

using namespace ansatz;
using namespace ansatz::test;
using Catch::Matchers::Contains;

TEST_CASE("An unknown that is not finite is not blamed on the physics", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("helmholtz");
  const auto mesh = perturbed_box(comm, mesh::CellType::quadrilateral, 4);
  FemProblem problem(mesh, *physics, 1, {{"stiffness", "1"}, {"wave_number", "2"}}, {{"left", {{"impedance", "1"}}}},
                     {});
  std::vector<double> u(problem.dofs().num_local(), 1.0);
  CHECK_NOTHROW(problem.form().explain_not_finite({.time = 0.25, .values = u}));
  // The second field at the last point, which is a corner of one cell.
  u[problem.dofs().node_dofs(1)[24]] = std::numeric_limits<double>::quiet_NaN();
  try {
    problem.form().explain_not_finite({.time = 0.25, .values = u});
    FAIL("no error");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::not_finite);
    CHECK(std::string(error.what()) == "field u_im is not finite");
    CHECK_THAT(error.where(), Contains("region \"") && Contains("cell 15, position (0.") && Contains("time 0.25"));
  }
}
