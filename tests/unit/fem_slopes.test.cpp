// Derivatives of residuals and of expressions by parameters and unknowns, against differences.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/fem/evaluation/expression_slopes.hpp"
#include "engine/fem/evaluation/integrals.hpp"
#include "engine/fem/evaluation/nodal_values.hpp"
#include "engine/linear/matrices/transposed_product.hpp"
#include "tests/support/coupled_physics.hpp"
#include "tests/support/fem_problem.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

const std::vector<std::string> names{"a", "b", "c"};
const std::vector<double> values{0.7, 1.3, 0.4};

/// Every coefficient depends on a parameter, some on the solution, too.
struct Example {
  explicit Example(bool stabilise)
      : physics("coupled", "1", ""),
        mesh(perturbed_box(base::Communicator(MPI_COMM_WORLD), mesh::CellType::triangle, 3)),
        problem(mesh, physics, 2,
                {{"viscosity", "1 + a^2 + 0.1*pressure^2"},
                 {"permeability", "exp(b*x)"},
                 {"coupling", "sin(c) + a"},
                 {"force", "a*b*y + t"}},
                {{"left", {{"friction", "b + c"}, {"load", "a*c*x + b"}}}}, {}, stabilise, values, names),
        u(problem.dofs().num_local()) {
    for (std::size_t i = 0; i < u.size(); ++i)
      u[i] = 0.3 * std::sin(1.7 * static_cast<double>(i)) + 0.2 * std::cos(0.3 * static_cast<double>(i));
  }

  sdk::detail::PhysicsOf<Coupled> physics;
  mesh::Mesh mesh;
  FemProblem problem;
  std::vector<double> u;
};

/// Fourth-order difference of a vector.
template <class Numbers>
std::vector<double> difference(const Numbers& numbers, double h = 1e-3) {
  const auto a = numbers(h), b = numbers(-h), c = numbers(2.0 * h), d = numbers(-2.0 * h);
  std::vector<double> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h);
  return out;
}

double largest(const std::vector<double>& x) {
  double most = 0.0;
  for (const double value : x) most = std::max(most, std::abs(value));
  return most;
}
double off(std::vector<double> x, const std::vector<double>& y) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] -= y[i];
  return largest(x);
}

}  // namespace

TEST_CASE("residuals are differentiated by parameters through every coefficient", "[fem][gradients]") {
  for (const bool stabilise : {false, true}) {
    Example e(stabilise);
    auto& form = e.problem.form();
    const fem::FormState state{.time = 0.2, .values = e.u, .rates = e.u};
    for (int k = 0; k < 3; ++k) {
      std::vector<double> slope(form.dofs().num_owned());
      form.parameter_slope(state, k, slope);
      const auto expected = difference([&](double h) {
        auto moved = values;
        moved[k] += h;
        form.set_parameters(moved);
        std::vector<double> F(slope.size());
        form.unconstrained_residual(state, F);
        return F;
      });
      form.set_parameters(values);
      CAPTURE(stabilise, names[k]);
      CHECK(largest(expected) > 1e-3);
      CHECK(off(slope, expected) < 1e-9 * largest(expected));
    }
  }
}

TEST_CASE("integrals and values are differentiated by unknowns and parameters", "[fem][gradients]") {
  Example e(false);
  auto& form = e.problem.form();
  const auto& dofs = form.dofs();
  fem::PointEvaluator at_points(form.definition());
  fem::CellsAtPoint cells(e.mesh);
  auto symbols = sdk::SymbolTable::space_time(2);
  for (int k = 0; k < 3; ++k) symbols.add_parameter(names[k], k);
  at_points.symbols().add_to(symbols);
  const auto compile = [&](const std::string& text) { return sdk::Expression::compile(text, symbols, "test"); };
  const auto inside =
      compile("b*exp(velocity_x*seepage_y) + speed2*grad_velocity_y_x^2 + sin(c*pressure) + rate_xy*x*t");
  const auto on_side = compile("velocity_x*normal_x*a + seepage_x*normal_x + seepage_y*normal_y*pressure");
  const std::vector<double> point{0.31, 0.62};
  const auto& nodes = *dofs.fields()[1].nodes;
  const auto key = nodes.keys[nodes.num_owned / 2];
  const fem::Domain side{{}, e.mesh.sets.at("right").facets};

  const auto state_of = [&](const std::vector<double>& u) { return fem::FormState{.time = 0.3, .values = u}; };
  const auto all = [&](const std::vector<double>& u) {
    const auto at = state_of(u);
    const auto declared = fem::integrate_quantities(at_points, at);
    return std::vector<double>{fem::integrate(at_points, inside, at, {}),
                               fem::integrate(at_points, on_side, at, side),
                               fem::value_at_point(at_points, cells, inside, at, point, {}),
                               fem::values_at_nodes(at_points, inside, at, nodes, {}).values[nodes.num_owned / 2],
                               declared[0],
                               declared[1]};
  };
  const auto at = state_of(e.u);
  const std::vector<fem::Slopes> slopes{fem::integral_slopes(at_points, inside, at, {}),
                                        fem::integral_slopes(at_points, on_side, at, side),
                                        fem::point_slopes(at_points, cells, inside, at, point, {}),
                                        fem::node_slopes(at_points, inside, at, nodes, key, {}),
                                        fem::declared_slopes(at_points, at, 0),
                                        fem::declared_slopes(at_points, at, 1)};
  std::vector<double> direction(e.u.size());
  for (std::size_t i = 0; i < direction.size(); ++i) direction[i] = std::cos(0.9 * static_cast<double>(i));
  const auto along = difference([&](double h) {
    auto moved = e.u;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += h * direction[i];
    return all(moved);
  });
  for (std::size_t q = 0; q < slopes.size(); ++q) {
    double sum = 0.0;
    for (std::size_t i = 0; i < direction.size(); ++i) sum += slopes[q].unknowns[i] * direction[i];
    CAPTURE(q);
    CHECK(std::abs(along[q]) > 1e-4);
    CHECK(sum == Approx(along[q]).epsilon(1e-7));
  }
  for (int k = 0; k < 3; ++k) {
    const auto expected = difference([&](double h) {
      auto moved = values;
      moved[k] += h;
      form.set_parameters(moved);
      return all(e.u);
    });
    form.set_parameters(values);
    for (std::size_t q = 0; q < slopes.size(); ++q) {
      CAPTURE(q, names[k]);
      CHECK(std::abs(slopes[q].parameters[k] - expected[q]) < 1e-9 * (1.0 + std::abs(expected[q])));
    }
  }
}

TEST_CASE("prescribed values are differentiated by parameters, their rates too", "[fem][gradients]") {
  Example e(false);
  auto symbols = sdk::SymbolTable::space_time(2);
  for (int k = 0; k < 3; ++k) symbols.add_parameter(names[k], k);
  const fem::Dirichlet given(e.problem.dofs(),
                             {{"left", 1, 0, sdk::Expression::compile("a*exp(b*t)*y", symbols, "test")},
                              {"right", 1, 1, sdk::Expression::compile("x + t", symbols, "test")}});
  CHECK(given.depends_on(0));
  CHECK_FALSE(given.depends_on(2));
  std::vector<double> value(e.problem.dofs().num_owned(), 0.0), slope(value), rate(value), of_rate(value);
  given.apply(0.4, values, value);
  given.apply_rates(0.4, values, rate);
  given.apply_slopes(0.4, values, 1, slope);
  given.apply_slopes(0.4, values, 1, of_rate, {}, 1);
  for (std::size_t i = 0; i < value.size(); ++i) {  // g = a e^(b t) y: dg/db = t g, dg'/db = g + t g'
    const auto condition = given.condition_of_unknowns()[i];
    CHECK(slope[i] == Approx(condition == 0 ? 0.4 * value[i] : 0.0));
    CHECK(of_rate[i] == Approx(condition == 0 ? value[i] + 0.4 * rate[i] : 0.0));
  }
}

TEST_CASE("a matrix is transposed entry by entry", "[linear][gradients]") {
  Example e(false);
  std::vector<double> owned(e.u.begin(), e.u.begin() + e.problem.dofs().num_owned());
  const auto& J = e.problem.jacobian(owned);
  const auto transpose = linear::transposed(J);
  std::vector<double> by_product(owned.size()), by_matrix(owned.size());
  linear::multiply_transposed(J, owned, by_product);
  transpose->multiply(owned, by_matrix);
  CHECK(largest(by_product) > 0.1);
  CHECK(off(by_matrix, by_product) < 1e-14 * largest(by_product));
}
