// Fields without a rate: which they are, and their own weight in a Jacobian.
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/fem_problem.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

mesh::Mesh small_box() { return perturbed_box(base::Communicator(MPI_COMM_SELF), mesh::CellType::triangle, 2); }

}  // namespace

TEST_CASE("Fields without a rate are found, and rates of others in their equations", "[fem]") {
  const auto mesh = small_box();
  const LoadedPhysics flow("navier_stokes"), conduction("diffusion");
  FemProblem taylor_hood(mesh, *flow, 2, {{"viscosity", "0.1"}}, {}, {});
  CHECK(taylor_hood.form().algebraic_fields() == std::vector<int>{1});
  CHECK_FALSE(taylor_hood.form().constraints_have_rates());
  FemProblem stabilised(mesh, *flow, 2, {{"viscosity", "0.1"}}, {}, {}, true);
  CHECK(stabilised.form().algebraic_fields() == std::vector<int>{1});
  CHECK(stabilised.form().constraints_have_rates());
  FemProblem heat(mesh, *conduction, 1, {{"conductivity", "1"}}, {}, {}, true);
  CHECK(heat.form().algebraic_fields().empty());
  CHECK_FALSE(heat.form().constraints_have_rates());
}

TEST_CASE("Rows and columns of a pressure have their own weight in a Jacobian", "[fem]") {
  const auto mesh = small_box();
  const LoadedPhysics flow("navier_stokes");
  FemProblem problem(mesh, *flow, 2, {{"viscosity", "0.1"}, {"density", "2 + x"}}, {}, {{"left", 0, 0, "0"}});
  const auto& dofs = problem.dofs();
  auto& form = problem.form();
  std::vector<std::uint8_t> is_pressure(dofs.num_local(), 0);
  for (const auto first : dofs.node_dofs(1)) is_pressure[first] = 1;
  std::vector<double> u(dofs.num_local());
  std::mt19937 random(1);
  for (auto& x : u) x = std::uniform_real_distribution<>(-1.0, 1.0)(random);

  const auto entries = [&](fem::Weights weights) {
    linear::SparseMatrix matrix(mesh.comm, form.sparsity().pattern, 1);
    form.jacobian({.time = 0.0, .values = u}, weights, matrix);
    return std::vector<double>(matrix.diagonal_values().begin(), matrix.diagonal_values().end());
  };
  const auto whole = entries({0.5, 3.0}), steady = entries({1.0, 0.0}), apart = entries({0.5, 3.0, 1.0});
  const auto& pattern = *form.sparsity().pattern;
  double of_velocity = 0.0, of_pressure = 0.0;
  for (std::int32_t row = 0; row < pattern.num_owned; ++row) {
    for (auto k = pattern.diag_offsets[row]; k < pattern.diag_offsets[row + 1]; ++k) {
      const bool pressure = is_pressure[row] != 0 || is_pressure[pattern.diag_columns[k]] != 0;
      CHECK(apart[k] == Approx(pressure ? steady[k] : whole[k]).margin(1e-14));
      (pressure ? of_pressure : of_velocity) += std::abs(apart[k]);
    }
  }
  CHECK(of_velocity > 1.0);
  CHECK(of_pressure > 0.1);
}
