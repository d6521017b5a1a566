#include <catch2/catch.hpp>

#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/mesh/refinement/refine.hpp"
#include "tests/support/cells.hpp"
#include "tests/support/manufactured.hpp"

using namespace ansatz;
using namespace ansatz::test;
using mesh::CellType;

namespace {

/// Diffusion on a mesh with the nodal values of 1 + 2 x - y + 3 z + (p = 2) x^2.
struct Setting {
  Setting(mesh::Mesh m, const sdk::Physics& physics, int p)
      : mesh(std::move(m)),
        problem(mesh, physics, p, {{"conductivity", "3"}, {"capacity", "2"}}, {}, {}),
        evaluator(problem.form().definition()),
        symbols(sdk::SymbolTable::space_time(mesh.dim)) {
    evaluator.add_symbols(symbols);
    const auto text = std::string(mesh.dim == 1   ? "1 + 2*x"
                                  : mesh.dim == 2 ? "1 + 2*x - y"
                                                  : "1 + 2*x - y + 3*z") +
                      (p == 2 ? " + x^2" : "");
    u = fem::interpolate(mesh, *problem.dofs().fields()[0].nodes,
                         sdk::Expression::compile(text, sdk::SymbolTable::space_time(mesh.dim), "test"), 0.0, {});
  }
  sdk::Expression expression(const std::string& text) const { return sdk::Expression::compile(text, symbols, "test"); }
  double integral(const std::string& text, const fem::Domain& domain = {}) const {
    return evaluator.integrate(expression(text), {.time = 0.5, .values = u}, domain);
  }

  mesh::Mesh mesh;
  FemProblem problem;
  fem::Evaluator evaluator;
  sdk::SymbolTable symbols;
  std::vector<double> u;  // local: nodes of a scalar field are its unknowns
};

const std::vector<CellType> cells = tests::all_cells();

}  // namespace

TEST_CASE("Integrals of the solution, its gradient and derived fields have their exact values", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : cells) {
    const Setting s(perturbed_box(comm, cell, 3), *physics, 2);
    const int dim = s.mesh.dim;
    CAPTURE(mesh::topology(cell).name);
    // Means over the unit box: x 1/2, x^2 1/3.
    const double mean = 1 + 1 + 1.0 / 3 - (dim > 1 ? 0.5 : 0.0) + (dim > 2 ? 1.5 : 0.0);
    CHECK(s.integral("1") == Approx(1.0).epsilon(1e-13));
    CHECK(s.integral("temperature") == Approx(mean).epsilon(1e-12));
    CHECK(s.integral("grad_temperature_x*x*t") == Approx(0.5 * (1 + 2.0 / 3)).epsilon(1e-12));
    CHECK(s.integral("flux_x") == Approx(-3.0 * 3.0).epsilon(1e-12));
    CHECK(s.evaluator.quantities({.values = s.u})[0] == Approx(2.0 * mean).epsilon(1e-12));
    // The same by the tests' own quadrature, for an integrand that is no polynomial.
    double own = 0.0;
    for_each_point(s.problem.dofs(), s.u, [&](const FieldPoint& p) {
      own += p.weight * (p.values[0] * p.values[0] + std::pow(p.gradients[0][0], 3) * p.x[0]);
    });
    CHECK(s.integral("temperature^2 + grad_temperature_x^3*x") == Approx(comm.sum(own)).epsilon(1e-9));
    // Boundaries: u_x = 4 at x = 1, outward normals, measure.
    const fem::Domain right{{}, s.mesh.sets.at("right").facets}, left{{}, s.mesh.sets.at("left").facets};
    const fem::Domain all{{}, s.mesh.sets.at("all").facets};
    CHECK(s.integral("1", all) == Approx(2.0 * dim).epsilon(1e-12));
    CHECK(s.integral("grad_temperature_x*normal_x", right) == Approx(4.0).epsilon(1e-12));
    CHECK(s.integral("grad_temperature_x*normal_x", left) == Approx(-2.0).epsilon(1e-12));
    CHECK(s.integral("flux_x*normal_x + temperature", right) ==
          Approx(-12.0 + 4 - (dim > 1 ? 0.5 : 0.0) + (dim > 2 ? 1.5 : 0.0)).epsilon(1e-12));
  }
}

TEST_CASE("Regions and lists of facets restrict integrals", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  mesh::BoxOptions options{{}, {2.0, 1.0}, {4, 4}, CellType::triangle};
  const Setting s(mesh::with_block_regions(mesh::box(comm, options), std::vector<int>{2, 1}), *physics, 1);
  CHECK(s.integral("1", {.region = 0}) == Approx(1.0));
  CHECK(s.integral("x", {.region = 1}) == Approx(1.5));
  CHECK(s.integral("x", {.region = 1, .facets = s.mesh.sets.at("bottom").facets}) == Approx(1.5));
  CHECK(s.integral("normal_y", {.region = 0, .facets = s.mesh.sets.at("bottom").facets}) == Approx(-1.0));
}

TEST_CASE("Values at points are found in any cell, on facets and at corners", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : cells) {
    const Setting s(perturbed_box(comm, cell, 3), *physics, 2);
    CAPTURE(mesh::topology(cell).name);
    const auto dim = static_cast<std::size_t>(s.mesh.dim);
    for (const auto& x :
         {Vector3{0.37, 0.61, 0.23}, Vector3{0.0, 0.0, 0.0}, Vector3{1.0, 1.0, 1.0}, Vector3{1.0, 0.5, 0.71}}) {
      const double exact = 1 + 2 * x[0] + x[0] * x[0] - (dim > 1 ? x[1] : 0.0) + (dim > 2 ? 3 * x[2] : 0.0);
      const std::span<const double> point(x.data(), dim);
      const fem::FormState state{.values = s.u};
      CHECK(s.evaluator.at_point(s.expression("temperature"), state, point, {}) == Approx(exact).epsilon(1e-11));
      CHECK(s.evaluator.at_point(s.expression("flux_x"), state, point, {}) ==
            Approx(-3.0 * (2 + 2 * x[0])).epsilon(1e-9));
    }
    const std::vector<double> outside(dim, 1.01);
    CHECK_THROWS_AS(s.evaluator.at_point(s.expression("x"), {.values = s.u}, outside, {}), sdk::Error);
  }
}

TEST_CASE("Values at points follow the points of the mesh when these move", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : cells) {
    Setting s(perturbed_box(comm, cell, 3), *physics, 2);
    CAPTURE(mesh::topology(cell).name);
    const auto dim = static_cast<std::size_t>(s.mesh.dim);
    const std::vector<double> near{0.37, 0.61, 0.23}, far{1.48, 2.44, 0.92};  // 4 near
    const auto value = [&](const std::string& text, const std::vector<double>& x) {
      return s.evaluator.at_point(s.expression(text), {.values = s.u}, std::span(x).first(dim), {});
    };
    const double before = value("temperature", near);
    CHECK_THROWS_AS(value("x", far), sdk::Error);
    for (double& x : s.mesh.points) x *= 4.0;
    CHECK(value("temperature", far) == Approx(before).epsilon(1e-11));
    CHECK(value("x", far) == Approx(far[0]).epsilon(1e-12));
    for (double& x : s.mesh.points) x /= 4.0;
    CHECK(value("temperature", near) == before);
    CHECK_THROWS_AS(value("x", far), sdk::Error);
  }
}

TEST_CASE("Nodal values are means over the adjacent cells of a region", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  mesh::BoxOptions options{{}, {2.0}, {4}, CellType::interval};
  const Setting s(mesh::with_block_regions(mesh::box(comm, options), std::vector<int>{2}), *physics, 1);
  // u = |x - 1|: slope -1 left of x = 1, +1 right of it.
  const auto& nodes = *s.problem.dofs().fields()[0].nodes;
  const auto u = fem::interpolate(
      s.mesh, nodes, sdk::Expression::compile("abs(x - 1)", sdk::SymbolTable::space_time(1), "t"), 0.0, {});
  const auto x = fem::node_coordinates(s.mesh, nodes);
  const auto slope = s.expression("grad_temperature_x");
  const auto everywhere = s.evaluator.at_nodes(slope, {.values = u}, nodes, {});
  const auto right = s.evaluator.at_nodes(slope, {.values = u}, nodes, 1);
  REQUIRE(everywhere.values.size() == static_cast<std::size_t>(nodes.num_owned));
  for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
    CAPTURE(x[n]);
    CHECK(everywhere.values[n] == Approx(x[n] < 0.9 ? -1.0 : (x[n] > 1.1 ? 1.0 : 0.0)).margin(1e-14));
    CHECK(everywhere.known[n] == 1);
    REQUIRE(right.known[n] == (x[n] > 0.9));
    if (right.known[n] == 1) CHECK(right.values[n] == Approx(1.0).margin(1e-14));
  }
}

TEST_CASE("A prescribed or interpolated value that is not finite is an error with its place", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = perturbed_box(comm, CellType::quadrilateral, 4);
  const auto text_of = [&](const std::function<void()>& work) {
    try {
      base::agree(comm, work);
    } catch (const sdk::Error& error) {
      CHECK(error.kind() == sdk::ErrorKind::not_finite);
      return error.report();
    }
    FAIL_CHECK("no error");
    return std::string();
  };
  const auto compile = [](const std::string& text) {
    return sdk::Expression::compile(text, sdk::SymbolTable::space_time(2), "test");
  };
  const auto dofs = make_dofs(mesh, *physics, 1);
  const auto prescribed = text_of([&] {
    const fem::Dirichlet dirichlet(*dofs, {{"left", 0, 0, compile("1/(y - 0.5)")}});
    std::vector<double> u(dofs->num_owned());
    dirichlet.apply(2.0, {}, u);
  });
  CHECK(prescribed.find("left") != std::string::npos);
  CHECK(prescribed.find("(0, 0.5, 0)") != std::string::npos);
  CHECK(prescribed.find("time 2") != std::string::npos);
  const auto interpolated =
      text_of([&] { fem::interpolate(mesh, *dofs->fields()[0].nodes, compile("log(x)"), 0.0, {}); });
  CHECK(interpolated.find("log(x)") != std::string::npos);
  const auto source = text_of([&] {
    FemProblem problem(mesh, *physics, 1, {{"conductivity", "0.6 - x"}}, {}, {});
    const std::vector<double> u(problem.dofs().num_local(), 0.0);
    std::vector<double> F(problem.dofs().num_owned());
    problem.form().residual({.time = 3.0, .values = u}, F);
  });
  for (const auto* part :
       {"conductivity", "-0.", "> 0", "W/(m K)", "domain", "cell", "position", "time 3", "0.6 - x"}) {
    CAPTURE(source, part);
    CHECK(source.find(part) != std::string::npos);
  }
}

TEST_CASE("A set that the mesh does not have is an error with a suggestion on all ranks", "[fem][evaluator]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = perturbed_box(comm, CellType::triangle, 2);
  const auto dofs = make_dofs(mesh, *physics, 1);
  try {
    const fem::Dirichlet dirichlet(*dofs, {{"lft", 0, 0, sdk::Expression(1.0)}});
    FAIL_CHECK("no error");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::mesh);
    CHECK(error.hint().find("left") != std::string::npos);
  }
}

TEST_CASE("Fields of known values drive coefficients, in the residual and in the stabilisation", "[fem]") {
  // The same problem with the coefficient as a nodal field of degree 1 and as the expression that it interpolates.
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  for (const auto cell : {CellType::triangle, CellType::quadrilateral}) {
    const auto mesh = perturbed_box(comm, cell, 4);
    const auto residual = [&](bool by_data) {
      fem::FormDefinition d;
      d.physics = &*physics;
      d.dofs = make_dofs(mesh, *physics, 2);
      auto symbols = symbols_of(*physics, 2);
      symbols.add_data("known", 1);
      symbols.add_data("other", 0);
      auto table = coefficients(*physics, 2, {{"conductivity", "1"}, {"velocity_x", "20"}});
      const auto k = sdk::Expression::compile(by_data ? "known^2" : "(2 + x - 0.5*y)^2", symbols, "test");
      table[0] = table[3] = k;  // xx and yy
      d.coefficients = {table};
      const auto nodes = std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, 1));
      const auto values = [&](const char* text) {
        return fem::interpolate(mesh, *nodes, sdk::Expression::compile(text, sdk::SymbolTable::space_time(2), "test"),
                                0.0, {});
      };
      d.data = {{nodes, values("1")}, {nodes, values("2 + x - 0.5*y")}};
      d.stabilise = true;
      fem::Form form(std::move(d));
      const auto u =
          fem::interpolate(mesh, *form.dofs().fields()[0].nodes,
                           sdk::Expression::compile("sin(3*x + y)", sdk::SymbolTable::space_time(2), "test"), 0.0, {});
      std::vector<double> F(form.dofs().num_owned());
      form.residual({.values = u}, F);
      return F;
    };
    const auto a = residual(true), b = residual(false);
    double gap = 0.0, size = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      gap = std::max(gap, std::abs(a[i] - b[i]));
      size = std::max(size, std::abs(b[i]));
    }
    CHECK(comm.max(gap) < 1e-12);
    CHECK(comm.max(size) > 0.1);
  }
}

TEST_CASE("More parameters than kernels hold are refused", "[fem]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const LoadedPhysics physics("diffusion");
  const auto mesh = perturbed_box(comm, CellType::interval, 4);
  const auto make = [&](int n) {
    FemProblem(mesh, *physics, 1, {{"conductivity", "1"}}, {}, {}, false, std::vector<double>(n, 1.0));
  };
  CHECK_NOTHROW(make(32));
  CHECK_THROWS_AS(make(33), sdk::Error);
}
