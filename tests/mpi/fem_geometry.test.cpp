// Second-order geometry: areas, normals, and orders of convergence on a quarter of an annulus.
#include <catch2/catch.hpp>

#include "tests/support/cells.hpp"
#include "tests/support/curved_mesh.hpp"
#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::CellType;

namespace {

mesh::Mesh annulus_mesh(const base::Communicator& comm, CellType cell, int n) {
  return curved(perturbed_box(comm, cell, n, mesh::BoxPattern::right, 0.05), annulus);
}

}  // namespace

TEST_CASE("Integrals over a curved mesh converge to area, arc length and the divergence theorem", "[fem][geometry]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : {CellType::triangle, CellType::quadrilateral, CellType::tetrahedron}) {
    const int dim = mesh::topology(cell).dim;
    std::vector<double> area, arc, gap;
    for (int n : {2, 4}) {
      const auto mesh = annulus_mesh(comm, cell, n);
      FemProblem problem(mesh, *physics, 1, {{"conductivity", "1"}}, {}, {});
      const fem::Evaluator evaluator(problem.form().definition());
      auto symbols = sdk::SymbolTable::space_time(dim);
      evaluator.add_symbols(symbols);
      const auto integral = [&](const std::string& text, const char* set) {
        const std::vector<double> zero(problem.dofs().num_local(), 0.0);
        fem::Domain domain;
        if (set != nullptr) domain.facets = mesh.sets.at(set).facets;
        return evaluator.integrate(sdk::Expression::compile(text, symbols, "test"), {.values = zero}, domain);
      };
      area.push_back(std::abs(integral("1", nullptr) - 0.75 * std::numbers::pi));
      arc.push_back(std::abs(integral("1", "right") - std::numbers::pi));
      // Normals point outwards: the flux of (x, y) through the whole boundary is twice the volume, on this very mesh.
      gap.push_back(std::abs(integral("x*normal_x + y*normal_y", "all") - 2.0 * integral("1", nullptr)));
    }
    CAPTURE(mesh::topology(cell).name);
    CHECK(area[0] > 8.0 * area[1]);
    CHECK(area[1] < 2e-3);
    CHECK(arc[0] > 8.0 * arc[1]);
    CHECK(arc[1] < 2e-3);
    CHECK(gap[0] < 1e-12);
    CHECK(gap[1] < 1e-12);
  }
}

TEST_CASE("Second-order geometry keeps order 3 on a curved boundary with a flux condition",
          "[fem][geometry][convergence]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  // Harmonic u = exp(x) cos(y); the flux through the outer arc r = 2 by the normal (x, y) / r.
  const std::string u = "exp(x)*cos(y)";
  Manufactured m;
  m.volume = {{"conductivity", "1"}};
  m.boundary = {{"right", {{"heat_flux", "exp(x)*(cos(y)*x - sin(y)*y)/sqrt(x^2 + y^2)"}}}};
  m.fixed = {{"left", 0, 0, u}, {"bottom", 0, 0, u}, {"top", 0, 0, u}};
  m.exact = {[](int, const Vector3& x) { return std::exp(x[0]) * std::cos(x[1]); },
             [](int, const Vector3& x) {
               return Vector3{std::exp(x[0]) * std::cos(x[1]), -std::exp(x[0]) * std::sin(x[1]), 0.0};
             }};
  for (const auto cell : {CellType::triangle, CellType::quadrilateral}) {
    Study study;
    for (int n : {4, 8, 16}) {
      study.errors.push_back(solve_manufactured(annulus_mesh(comm, cell, n), *physics, 2, m));
      study.sizes.push_back(1.0 / n);
    }
    CAPTURE(mesh::topology(cell).name);
    if (std::getenv("ANSATZ_PRINT_ORDERS") != nullptr && comm.is_root()) {
      std::printf("annulus %s L2 %.3f H1 %.3f\n", mesh::topology(cell).name, study.order_l2(), study.order_h1());
    }
    CHECK(study.order_l2() == Approx(3.0).margin(0.1));
    CHECK(study.order_h1() == Approx(2.0).margin(0.1));
  }
}

TEST_CASE(
    "Second derivatives are those of quadratic functions on skewed cells, and zero for linear ones on curved cells",
    "[fem][geometry]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  // Stabilisation sees second derivatives: with u in the space exactly, the strong residual of -div(K grad u) = q is 0
  // at every point, so SUPG adds nothing and the discrete solution is exact.
  for (const auto cell : tests::all_cells()) {
    const int dim = mesh::topology(cell).dim;
    for (const bool bent : {false, true}) {
      if (bent && (dim == 1 || dim == 3)) continue;
      const auto mesh = bent ? annulus_mesh(comm, cell, 3) : perturbed_box(comm, cell, 3);
      const double s = bent ? 0.0 : 1.0;
      std::string u = dim == 1 ? "1 + 2*x" : dim == 2 ? "1 + 2*x - y" : "1 + 2*x - y + 3*z";
      // b = (1, 2, 1), K = 0.01 with xy entry 0.003: q = b . grad u - 0.02 u_xx.. by hand.
      std::string source = dim == 1 ? "2" : dim == 2 ? "0" : "3";
      if (!bent) {
        u += dim == 1 ? "+ x^2" : "+ x^2 + x*y - 3*y^2";
        source += dim == 1 ? "+ 2*x - 0.02" : "+ (2*x + y) + 2*(x - 6*y) - (0.02 - 0.06) - 0.003";
      }
      Texts volume{{"conductivity", "0.01"}, {"velocity_x", "1"}, {"source", source}};
      if (dim > 1) volume.insert({{"velocity_y", "2"}, {"conductivity_xy", "0.003"}});
      if (dim > 2) volume["velocity_z"] = "1";
      FemProblem problem(mesh, *physics, 2, volume, {}, {{"all", 0, 0, u}}, true);
      const auto v = problem.solve(false);
      CAPTURE(mesh::topology(cell).name, bent);
      CHECK(problem.form().linear());
      CHECK(problem.result.iterations == 1);
      CHECK(nodal_error(problem.dofs(), v,
                        {[&](int, const Vector3& x) {
                           const double linear = 1 + 2 * x[0] - (dim > 1 ? x[1] : 0.0) + (dim > 2 ? 3 * x[2] : 0.0);
                           return linear + s * (x[0] * x[0] + (dim > 1 ? x[0] * x[1] - 3 * x[1] * x[1] : 0.0));
                         },
                         {}}) < 1e-10);
    }
  }
}
