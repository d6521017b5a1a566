// Linear functionals as vectors, against integrals with known values.
#include <catch2/catch.hpp>

#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::CellType;

namespace {

const std::vector<CellType> cells = tests::all_cells();

mesh::Mesh box_of(const base::Communicator& comm, std::vector<double> size, std::vector<int> cells, CellType cell) {
  mesh::BoxOptions options;
  options.size = std::move(size);
  options.cells = std::move(cells);
  options.cell = cell;
  return mesh::box(comm, options);
}

/// Diffusion with conductivity 3 and the nodal values of 1 + 2 x - y + 3 z (+ x^2 for p = 2), exact in the space.
struct Setting {
  Setting(mesh::Mesh m, const sdk::Physics& physics, int p)
      : mesh(std::move(m)),
        problem(mesh, physics, p, {{"conductivity", "3"}}, {}, {}),
        evaluator(problem.form().definition()),
        symbols(sdk::SymbolTable::space_time(mesh.dim)) {
    evaluator.add_symbols(symbols);
    const auto text = std::string(mesh.dim == 1   ? "1 + 2*x"
                                  : mesh.dim == 2 ? "1 + 2*x - y"
                                                  : "1 + 2*x - y + 3*z") +
                      (p == 2 ? " + x^2" : "");
    u = fem::interpolate(mesh, *problem.dofs().fields()[0].nodes,
                         sdk::Expression::compile(text, sdk::SymbolTable::space_time(mesh.dim), "test"), 0.0, {});
    u.resize(problem.dofs().num_owned());
  }
  sdk::Expression expression(const std::string& text) const { return sdk::Expression::compile(text, symbols, "test"); }
  double value(const fem::Functional& s) const { return linear::dot(mesh.comm, s.vector, u) + s.constant; }
  double integral(const std::string& text, const fem::Domain& domain = {}) const {
    return value(evaluator.linear_integral(expression(text), domain));
  }
  double at(const std::string& text, std::vector<double> point) const {
    return value(evaluator.linear_at_point(expression(text), point, std::nullopt));
  }

  mesh::Mesh mesh;
  FemProblem problem;
  fem::Evaluator evaluator;
  sdk::SymbolTable symbols;
  std::vector<double> u;  // owned
};

}  // namespace

TEST_CASE("Vectors of integrals, fluxes and point values give the exact values of polynomials", "[fem][functional]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : cells) {
    const Setting s(perturbed_box(comm, cell, 3), *physics, 2);
    const int dim = s.mesh.dim;
    CAPTURE(mesh::topology(cell).name);
    const double mean = 1 + 1 + 1.0 / 3 - (dim > 1 ? 0.5 : 0.0) + (dim > 2 ? 1.5 : 0.0);
    CHECK(s.integral("temperature") == Approx(mean).epsilon(1e-12));
    CHECK(s.integral("2*temperature - 5") == Approx(2 * mean - 5).epsilon(1e-12));
    CHECK(s.integral("grad_temperature_x*x") == Approx(1 + 2.0 / 3).epsilon(1e-12));
    CHECK(s.integral("flux_x") == Approx(-9.0).epsilon(1e-12));
    const fem::Domain right{{}, s.mesh.sets.at("right").facets};
    CHECK(s.integral("flux_x*normal_x + temperature", right) ==
          Approx(-12.0 + 4 - (dim > 1 ? 0.5 : 0.0) + (dim > 2 ? 1.5 : 0.0)).epsilon(1e-12));
    const std::vector<double> inside{0.41, 0.37, 0.53}, corner{0.0, 0.0, 0.0};
    const auto point = [&](const std::vector<double>& x) { return std::vector(x.begin(), x.begin() + dim); };
    const double expected = 1 + 0.82 + 0.41 * 0.41 - (dim > 1 ? 0.37 : 0.0) + (dim > 2 ? 1.59 : 0.0);
    CHECK(s.at("temperature", point(inside)) == Approx(expected).epsilon(1e-11));
    CHECK(s.at("grad_temperature_x", point(inside)) == Approx(2.82).epsilon(1e-10));
    CHECK(s.at("temperature", point(corner)) == Approx(1.0).epsilon(1e-11));
  }
}

TEST_CASE("Vectors are the integrals of the basis functions, each by its owner", "[fem][functional]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const Setting s(box_of(comm, {1.0, 1.0}, {4, 4}, CellType::quadrilateral), *physics, 1);
  const auto l = s.evaluator.linear_integral(s.expression("temperature"), {}).vector;
  // Bilinear elements of size 1/4: 1/64 at corners, 1/32 on sides, 1/16 inside.
  const auto x = fem::node_coordinates(s.mesh, *s.problem.dofs().fields()[0].nodes);
  for (std::size_t i = 0; i < l.size(); ++i) {
    double expected = 1.0 / 16;
    for (int k = 0; k < 2; ++k) {
      if (x[2 * i + k] < 1e-9 || x[2 * i + k] > 1 - 1e-9) expected /= 2;
    }
    CHECK(l[i] == Approx(expected).epsilon(1e-13));
  }
  const fem::Domain region{0, {}};
  CHECK(s.integral("temperature", region) == Approx(1.5).epsilon(1e-13));
}

TEST_CASE("Vectors of stresses take the derivatives of all components", "[fem][functional]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("elasticity");
  auto mesh = box_of(comm, {2.0, 1.0}, {4, 3}, CellType::triangle);
  FemProblem problem(mesh, *physics, 1, {{"youngs_modulus", "2.6"}, {"poisson_ratio", "0.3"}}, {}, {});
  const fem::Evaluator evaluator(problem.form().definition());
  auto symbols = sdk::SymbolTable::space_time(2);
  evaluator.add_symbols(symbols);
  // u = (0.01 x + 0.02 y, 0.03 y): strains 0.01, 0.03, shear 0.02 / 2; plane strain with mu = 1, lambda = 1.5.
  const auto& nodes = *problem.dofs().fields()[0].nodes;
  const auto x = fem::node_coordinates(mesh, nodes);
  std::vector<double> u(problem.dofs().num_owned());
  for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
    const auto first = problem.dofs().node_dofs(0)[n];
    u[first] = 0.01 * x[2 * n] + 0.02 * x[2 * n + 1];
    u[first + 1] = 0.03 * x[2 * n + 1];
  }
  const auto integral = [&](const std::string& text) {
    const auto s = evaluator.linear_integral(sdk::Expression::compile(text, symbols, "test"), {});
    return linear::dot(comm, s.vector, u) + s.constant;
  };
  CHECK(integral("stress_xx") == Approx(2.0 * (1.5 * 0.04 + 2 * 0.01)).epsilon(1e-12));
  CHECK(integral("stress_yy - stress_xy") == Approx(2.0 * (1.5 * 0.04 + 2 * 0.03 - 0.02)).epsilon(1e-12));
}
