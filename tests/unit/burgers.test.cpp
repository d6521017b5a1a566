// The plugin burgers: orders of convergence for manufactured solutions, with and without SUPG.
#include <catch2/catch.hpp>

#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::BoxPattern;
using mesh::CellType;

namespace {

/// u_x = 1 + s / 2, u_y = 0.8 + c / 2 with s = sin(1.3 x + 0.4 y), c = cos(0.9 x - 0.6 y), y = 0 in one dimension;
/// flux on "right", Dirichlet on the rest.
Manufactured manufactured_burgers(int dim, double viscosity) {
  const std::string y = dim == 1 ? "0" : "y", nu = std::to_string(viscosity);
  const std::string a = "(1.3*x + 0.4*" + y + ")", b = "(0.9*x - 0.6*" + y + ")";
  const std::string u = "(1 + 0.5*sin" + a + ")", v = dim == 1 ? "0" : "(0.8 + 0.5*cos" + b + ")";
  Manufactured m;
  m.symmetric = false;
  m.start = 1.0;
  const double square_u = dim == 1 ? 1.69 : 1.69 + 0.16;
  m.volume = {{"viscosity", nu},
              {"source_x", "(1.3*" + u + "+ 0.4*" + v + ")*0.5*cos" + a + "+" + nu + "*" + std::to_string(square_u) +
                               "*0.5*sin" + a}};
  m.boundary = {{"right", {{"flux_x", nu + "*0.65*cos" + a}}}};
  m.fixed = {{"left", 0, 0, u}};
  if (dim == 2) {
    m.volume["source_y"] = "(-0.9*" + u + "+ 0.6*" + v + ")*0.5*sin" + b + "+" + nu + "*1.17*0.5*cos" + b;
    m.boundary[0].coefficients["flux_y"] = "-" + nu + "*0.45*sin" + b;
    m.fixed = {};
    for (const char* side : {"left", "bottom", "top"}) {
      m.fixed.push_back({side, 0, 0, u});
      m.fixed.push_back({side, 0, 1, v});
    }
  }
  m.exact = {[](int c, const Vector3& x) {
               return c == 0 ? 1.0 + 0.5 * std::sin(1.3 * x[0] + 0.4 * x[1])
                             : 0.8 + 0.5 * std::cos(0.9 * x[0] - 0.6 * x[1]);
             },
             [](int c, const Vector3& x) {
               const double s = std::cos(1.3 * x[0] + 0.4 * x[1]), t = std::sin(0.9 * x[0] - 0.6 * x[1]);
               return c == 0 ? Vector3{0.65 * s, 0.2 * s, 0.0} : Vector3{-0.45 * t, 0.3 * t, 0.0};
             }};
  return m;
}

}  // namespace

TEST_CASE("Burgers' equation converges with order p + 1 and p on perturbed meshes", "[burgers][convergence]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("burgers");
  const std::vector<std::pair<CellType, std::vector<int>>> meshes{
      {CellType::interval, {16, 32, 64}}, {CellType::triangle, {6, 12, 24}}, {CellType::quadrilateral, {6, 12, 24}}};
  for (const auto& [cell, sizes] : meshes) {
    for (int p : {1, 2}) {
      const int dim = mesh::topology(cell).dim;
      const auto study = convergence(comm, *physics, cell, BoxPattern::right, p, sizes, manufactured_burgers(dim, 0.1));
      CAPTURE(mesh::topology(cell).name, p, study.errors.back().l2);
      CHECK(study.order_l2() == Approx(p + 1).margin(0.12));
      CHECK(study.order_h1() == Approx(p).margin(0.1));
    }
  }
}

TEST_CASE("SUPG solves Burgers' equation at high Peclet numbers with at least order p + 1/2",
          "[burgers][convergence]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("burgers");
  for (const auto cell : {CellType::interval, CellType::triangle}) {
    const int dim = mesh::topology(cell).dim;
    auto m = manufactured_burgers(dim, 1e-6);
    for (int p : {1, 2}) {
      Study study;
      for (int n : {8, 16, 32}) {
        const auto mesh = perturbed_box(comm, cell, n);
        FemProblem problem(mesh, *physics, p, m.volume, m.boundary, m.fixed, true);
        const std::vector<double> ones(problem.dofs().num_local(), 1.0);
        CHECK(problem.form().largest_peclet({.values = ones}) > 1e4);
        study.errors.push_back(errors(problem.dofs(), problem.solve(false, m.start), m.exact));
        study.sizes.push_back(1.0 / n);
      }
      CAPTURE(mesh::topology(cell).name, p);
      CHECK(study.order_l2() > p + 0.5);
      CHECK(study.order_h1() > p - 0.1);
    }
  }
}

TEST_CASE("The Peclet number of Burgers' equation is |u| h / (2 nu)", "[burgers]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("burgers");
  const auto mesh = mesh::box(comm, {.origin = {},
                                     .size = {1.0, 1.0},
                                     .cells = {4, 4},
                                     .cell = CellType::quadrilateral,
                                     .pattern = {},
                                     .periodic = {}});
  FemProblem problem(mesh, *physics, 1, {{"viscosity", "0.1"}}, {}, {});
  std::vector<double> u(problem.dofs().num_local());
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = i % 2 == 0 ? 3.0 : 4.0;
  CHECK(problem.form().largest_peclet({.values = u}) == Approx(5.0 * 0.25 / 0.2));
}
