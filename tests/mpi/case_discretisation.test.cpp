// The finite-element space of a case as ansaetze see it, against the engine itself and against what is exact.
#include "engine/solvers/case_discretisation.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/problem/places/point_sets.hpp"
#include "tests/support/bound_case.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

const std::string nonlinear = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0, 1.0], cells = [5, 3], cell = "triangle" }
[physics.diffusion]
conductivity = "k + temperature^2"
velocity = [1.0, "y"]
boundary = [{ on = "left", temperature = "1 + y + t" }, { on = "top", heat_flux = "k*t", transfer_coefficient = 2.0, ambient = 0.0 }]
[parameters]
k = { range = [1.0, 10.0], default = 2.0 }
[initial]
temperature = "x*y"
[time]
method = "bdf2"
end = 1.0
step = 0.1
[solver]
order = 2
)toml";

const std::string flow = R"toml(
plugins = ["navier_stokes"]
[mesh]
box = { size = [1.0, 1.0], cells = [4, 3], cell = "quadrilateral" }
[physics.navier_stokes]
viscosity = 0.1
boundary = [{ on = ["left", "bottom"], velocity = [1.0, 0.0] }]
[solver]
order = 2
)toml";

const std::string bar = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [2], cell = "interval" }
[physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = 1.0 }]
[time]
method = "bdf2"
end = 1.0
step = 0.1
)toml";

/// Numbers between -1 and 1 that do not depend on the ranks' number: of the nodes' places.
std::vector<double> numbers(const sdk::Discretisation& space, double turn) {
  std::vector<double> u(space.num_owned());
  for (const auto& field : space.fields()) {
    const std::size_t n = field.first.size(), dim = n == 0 ? 0 : field.coordinates.size() / n;
    for (std::size_t i = 0; i < n; ++i) {
      double place = turn;
      for (std::size_t k = 0; k < dim; ++k)
        place += (1.7 + 2.3 * static_cast<double>(k)) * field.coordinates[i * dim + k];
      for (int c = 0; c < field.components; ++c) u[field.first[i] + c] = std::cos(3.0 * place + c);
    }
  }
  return u;
}

std::vector<double> minus(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

double norm(sdk::Discretisation& space, const std::vector<double>& a) { return std::sqrt(space.dot(a, a)); }

/// 1 where the value is prescribed.
std::vector<std::uint8_t> flags(const problem::Problem& problem) { return problem.dirichlet().constrained(); }

}  // namespace

TEST_CASE("The residual of the view is the engine's to the bit", "[solvers][discretisation]") {
  for (const auto& text : {nonlinear, flow, bar}) {
    BoundCase c(text);
    const auto space = solvers::make_case_discretisation(c.problem, {});
    fem::DiscreteProblem engine(c.problem.form(), c.problem.dirichlet(), {});
    auto u = numbers(*space, 0.1);
    const auto rate = numbers(*space, 0.7);
    space->prescribe(0.3, u);
    std::vector<double> F(u.size()), expected(u.size());
    for (const bool with_rate : {false, true}) {
      space->residual(0.3, u, with_rate ? std::span<const double>(rate) : std::span<const double>(), F);
      engine.residual(0.3, u, with_rate ? fem::Rate(rate) : std::nullopt, expected);
      CHECK(F == expected);
    }
    CHECK(norm(*space, F) > 0.01);
    CHECK(space->num_owned() == c.problem.dofs().num_owned());
    CHECK(space->num_global() == c.problem.dofs().num_global());
    CHECK(space->num_history() == 0);
    CHECK(space->initial() == c.problem.initial_state());
  }
}

TEST_CASE("The Jacobian is the slope of the residual, and agrees with its transpose and its inverse",
          "[solvers][discretisation]") {
  for (const auto& text : {nonlinear, flow, bar}) {
    BoundCase c(text);
    const auto space = solvers::make_case_discretisation(c.problem, {.solver = "direct"});
    auto u = numbers(*space, 0.1);
    const auto rate = numbers(*space, 0.7);
    auto v = numbers(*space, 1.9), w = numbers(*space, 2.8);
    space->prescribe(0.3, u);
    const sdk::JacobianWeights weights{0.8, text == flow ? 3.0 : 2.0};
    space->linearise(0.3, u, rate, weights);
    std::vector<double> Jv(u.size()), Jtw(u.size()), x(u.size());
    space->apply(v, Jv);
    space->apply_transposed(w, Jtw);
    CHECK(space->dot(Jv, w) == Approx(space->dot(v, Jtw)).epsilon(1e-12));
    CHECK(norm(*space, minus(Jtw, Jv)) > 0.01);
    space->solve(Jv, x);
    CHECK(norm(*space, minus(x, v)) <= 1e-9 * norm(*space, v));
    // Of values that are not prescribed.
    const auto given = flags(c.problem);
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (given[i] != 0) CHECK(Jv[i] == v[i]);
      if (given[i] != 0) v[i] = 0.0;
    }
    space->apply(v, Jv);
    const double h = 1e-4;
    std::vector<double> above(u.size()), below(u.size());
    for (const double sign : {1.0, -1.0}) {
      auto moved = u, moved_rate = rate;
      for (std::size_t i = 0; i < u.size(); ++i) {
        moved[i] += sign * h * weights.state * v[i];
        moved_rate[i] += sign * h * weights.rate * v[i];
      }
      space->residual(0.3, moved, moved_rate, sign > 0.0 ? above : below);
    }
    for (std::size_t i = 0; i < u.size(); ++i) above[i] = (above[i] - below[i]) / (2.0 * h);
    CHECK(norm(*space, minus(above, Jv)) <= 1e-6 * norm(*space, Jv));
  }
}

TEST_CASE("Products integrate fields exactly", "[solvers][discretisation]") {
  BoundCase c(nonlinear);
  const auto space = solvers::make_case_discretisation(c.problem, {});
  const auto fields = space->fields();
  REQUIRE(fields.size() == 1);
  CHECK(fields[0].name == "temperature");
  CHECK(fields[0].unit == "K");
  CHECK(fields[0].is_nodal);
  std::vector<double> u(space->num_owned()), one(u.size(), 1.0), Mu(u.size()), Xu(u.size());
  for (std::size_t i = 0; i < fields[0].first.size(); ++i) {
    const double x = fields[0].coordinates[2 * i], y = fields[0].coordinates[2 * i + 1];
    u[fields[0].first[i]] = x * x + x * y;
  }
  space->mass(u, Mu);
  space->h1(u, Xu);
  CHECK(space->dot(Mu, one) == Approx(8.0 / 3.0 + 1.0).epsilon(1e-13));
  // int (x^2 + x y)^2 = 32/5 + 2 * 4/2 + 8/9 on [0, 2] x [0, 1]
  const double square = 32.0 / 5.0 + 4.0 + 8.0 / 9.0;
  CHECK(space->dot(Mu, u) == Approx(square).epsilon(1e-13));
  // int (2 x + y)^2 + x^2, and L = 2
  const double gradients = 4.0 * 8.0 / 3.0 + 4.0 * 2.0 * 0.5 + 2.0 / 3.0 + 8.0 / 3.0;
  CHECK(space->dot(Xu, u) == Approx(gradients + square / 4.0).epsilon(1e-13));
}

TEST_CASE("The Riesz representative has the norm of its functional", "[solvers][discretisation]") {
  // More unknowns than are solved for directly.
  const auto large = [](int cells, const std::string& physics) {
    return "plugins = [\"diffusion\", \"elasticity\"]\n[mesh]\nbox = { size = [1.0, 1.0], cells = [" +
           std::to_string(cells) + ", " + std::to_string(cells) + "], cell = \"quadrilateral\" }\n" + physics;
  };
  for (const auto& text : {nonlinear, flow, bar, large(72, R"toml([physics.diffusion]
conductivity = 1.0
boundary = [{ on = "left", temperature = 0.0 }]
)toml"),
                           large(50, R"toml([physics.elasticity]
youngs_modulus = 1.0
poisson_ratio = 0.3
boundary = [{ on = "left", displacement_x = 0.0 }]
)toml")}) {
    BoundCase c(text);
    const auto space = solvers::make_case_discretisation(c.problem, {});
    auto F = numbers(*space, 0.4);
    std::vector<double> z(F.size()), Xz(F.size());
    space->riesz(F, z);
    space->h1(z, Xz);
    const auto given = flags(c.problem);
    for (std::size_t i = 0; i < F.size(); ++i) {
      if (given[i] == 0) continue;
      CHECK(z[i] == 0.0);
      F[i] = Xz[i] = 0.0;
    }
    CHECK(norm(*space, minus(Xz, F)) <= 1e-10 * norm(*space, F));
    CHECK(space->dot(F, z) == Approx(space->dot(Xz, z)).epsilon(1e-9));
    CHECK(space->dot(F, z) > 0.0);
  }
}

TEST_CASE("Interpolated quadratics are evaluated exactly, with their gradients", "[solvers][discretisation]") {
  BoundCase c(flow);
  const auto space = solvers::make_case_discretisation(c.problem, {});
  // Velocities of degree 2, pressures of degree 1.
  const auto value = [](int c, double x, double y) {
    return c == 0 ? x * x - y + 2.0 * x * y : c == 1 ? 1.0 + y * y - 3.0 * x : 4.0 - x + 2.0 * y;
  };
  const auto slope = [](int c, int k, double x, double y) {
    if (c == 0) return k == 0 ? 2.0 * x + 2.0 * y : 2.0 * x - 1.0;
    if (c == 1) return k == 0 ? -3.0 : 2.0 * y;
    return k == 0 ? -1.0 : 2.0;
  };
  std::vector<double> u(space->num_owned());
  int first = 0;
  for (const auto& field : space->fields()) {
    for (std::size_t i = 0; i < field.first.size(); ++i) {
      for (int k = 0; k < field.components; ++k)
        u[field.first[i] + k] = value(first + k, field.coordinates[2 * i], field.coordinates[2 * i + 1]);
    }
    first += field.components;
  }
  const problem::Sites sites(c.problem);
  std::vector<sdk::PointSet> sets;
  for (std::size_t s = 0; s < sites.all().size(); ++s) {
    sets.push_back(problem::sample(c.problem, sites, static_cast<int>(s), {"sobol", 60}));
    sets.push_back(problem::quadrature(c.problem, sites, static_cast<int>(s), 3));
  }
  std::vector<std::int64_t> ignored;
  sets.push_back(problem::locate(c.problem, std::vector{0.5, 0.5, 1.0, 1.0, 0.1, 0.9}, ignored));
  for (const auto& points : sets) {
    const std::size_t n = points.size(2);
    std::vector<double> out(n * 9);
    space->evaluate(u, points, out);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = points.positions[2 * i], y = points.positions[2 * i + 1];
      for (int k = 0; k < 3; ++k) {
        CHECK(out[9 * i + 3 * k] == Approx(value(k, x, y)).margin(1e-12));
        for (int j = 0; j < 2; ++j) CHECK(out[9 * i + 3 * k + 1 + j] == Approx(slope(k, j, x, y)).margin(1e-11));
      }
    }
  }
}

TEST_CASE("Parameters move the problem, and what is of others is refused", "[solvers][discretisation]") {
  BoundCase c(R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0], cells = [4], cell = "interval" }
map = ["length*x"]
[physics.diffusion]
conductivity = "k"
boundary = [{ on = "right", temperature = "x" }]
[parameters]
k      = { range = [1.0, 10.0], default = 2.0 }
length = { range = [1.0, 3.0], default = 1.0 }
)toml");
  const auto space = solvers::make_case_discretisation(c.problem, {.solver = "direct"});
  const std::size_t n = space->num_owned();
  std::vector<double> u(n, 0.0), one(n, 1.0), out(n);
  const auto kind = [&](const std::vector<double>& parameters, std::uint64_t draw) {
    return kind_of([&] { space->set_parameters(parameters, draw); });
  };
  CHECK(kind({1.0}, 0) == sdk::ErrorKind::parameter);
  CHECK(kind({1.0, std::nan("")}, 0) == sdk::ErrorKind::parameter);
  CHECK(kind({1.0, 1.0}, 3) == sdk::ErrorKind::parameter);
  CHECK(kind_of([&] { space->apply(u, out); }) == sdk::ErrorKind::internal);
  space->mass(one, out);
  CHECK(space->dot(out, one) == Approx(1.0).epsilon(1e-14));
  space->linearise(0.0, u, {}, {1.0, 0.0});
  space->set_parameters(std::vector{5.0, 3.0});
  CHECK(kind_of([&] { space->apply(u, out); }) == sdk::ErrorKind::internal);
  CHECK(kind_of([&] { space->solve(u, out); }) == sdk::ErrorKind::internal);
  space->mass(one, out);
  CHECK(space->dot(out, one) == Approx(3.0).epsilon(1e-14));
  space->prescribe(0.0, u);
  CHECK(c.problem.mesh().comm.sum(std::accumulate(u.begin(), u.end(), 0.0)) == Approx(3.0).epsilon(1e-14));
  // u = x - 3 has the flux 5 at its left end, where nothing else is given: F = 5 * (-1) there.
  const auto field = space->fields()[0];
  for (std::size_t i = 0; i < field.first.size(); ++i) u[field.first[i]] = field.coordinates[i] - 3.0;
  space->residual(0.0, u, {}, out);
  CHECK(c.problem.mesh().comm.sum(std::accumulate(out.begin(), out.end(), 0.0)) == Approx(-5.0).epsilon(1e-13));
  CHECK(kind_of([&] {
          std::vector<double> longer(n + 1);
          space->residual(0.0, longer, {}, out);
        }) == sdk::ErrorKind::internal);
}
