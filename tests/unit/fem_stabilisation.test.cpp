// Convection at cell Peclet numbers far above 1.
#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::CellType;

TEST_CASE("SUPG converges with at least order p + 1/2 at high Peclet numbers", "[fem][convergence]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  // u = sin(1.3 x + 0.4) exp(0.5 y), b = (1, 0.5), k = 1e-6.
  Manufactured m;
  const std::string u = "sin(1.3*x+0.4)*exp(0.5*y)";
  m.volume = {{"conductivity", "1e-6"},
              {"velocity_x", "1"},
              {"velocity_y", "0.5"},
              {"source", "1.3*cos(1.3*x+0.4)*exp(0.5*y) + 0.25*" + u + " + 1e-6*(1.69 - 0.25)*" + u}};
  m.fixed = {{"all", 0, 0, u}};
  m.symmetric = false;
  m.exact = {[](int, const Vector3& x) { return std::sin(1.3 * x[0] + 0.4) * std::exp(0.5 * x[1]); },
             [](int, const Vector3& x) {
               return Vector3{1.3 * std::cos(1.3 * x[0] + 0.4) * std::exp(0.5 * x[1]),
                              0.5 * std::sin(1.3 * x[0] + 0.4) * std::exp(0.5 * x[1]), 0.0};
             }};
  for (const auto cell : {CellType::triangle, CellType::quadrilateral}) {
    for (int p : {1, 2}) {
      Study study;
      for (int n : {8, 16, 32}) {
        const auto mesh = perturbed_box(comm, cell, n);
        FemProblem problem(mesh, *physics, p, m.volume, {}, m.fixed, true);
        const std::vector<double> zero(problem.dofs().num_local(), 0.0);
        CHECK(problem.form().largest_peclet({.values = zero}) > 1e4);
        CHECK(problem.form().linear());
        study.errors.push_back(errors(problem.dofs(), problem.solve(false), m.exact));
        study.sizes.push_back(1.0 / n);
      }
      if (std::getenv("ANSATZ_PRINT_ORDERS") != nullptr) {
        std::printf("SUPG %s %d: L2 %.3f H1 %.3f\n", mesh::topology(cell).name, p, study.order_l2(), study.order_h1());
      }
      CAPTURE(mesh::topology(cell).name, p);
      CHECK(study.order_l2() > p + 0.5);
      CHECK(study.order_h1() > p - 0.1);
    }
  }
}

TEST_CASE("SUPG keeps a solution with boundary layers within its bounds where Galerkin does not", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  // b . grad u = 1, u = 0 all around: 0 <= u <= min(x, 2 y) <= 1.
  for (const auto cell : {CellType::triangle, CellType::quadrilateral}) {
    const auto mesh = perturbed_box(comm, cell, 16);
    const auto largest = [&](bool stabilise) {
      FemProblem problem(mesh, *physics, 1,
                         {{"conductivity", "1e-6"}, {"velocity_x", "1"}, {"velocity_y", "0.5"}, {"source", "1"}}, {},
                         {{"all", 0, 0, "0"}}, stabilise);
      double value = 0.0;
      for (const double x : problem.solve(false)) value = std::max(value, std::abs(x));
      return value;
    };
    CAPTURE(mesh::topology(cell).name);
    const double stable = largest(true), galerkin = largest(false);
    CHECK(stable < 1.7);
    CHECK(galerkin > 5.0);
  }
}

TEST_CASE("The Peclet number of a form is |b| h / (2 k) for the largest cell", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = mesh::box(comm, {.size = {1.0, 1.0}, .cells = {4, 4}, .cell = CellType::quadrilateral});
  FemProblem problem(mesh, *physics, 1, {{"conductivity", "0.1"}, {"velocity_x", "3"}, {"velocity_y", "4"}}, {}, {});
  const std::vector<double> zero(problem.dofs().num_local(), 0.0);
  CHECK(problem.form().largest_peclet({.values = zero}) == Approx(5.0 * 0.25 / 0.2));
}
