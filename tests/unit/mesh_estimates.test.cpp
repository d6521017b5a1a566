// Discretisation estimates against the true errors of problems with known solutions.
#include "engine/estimation/enriched.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <random>

#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/plugin/loader.hpp"

using namespace ansatz;

namespace {

constexpr fem::Weights steady{1.0, 0.0};

/// A case with its solution by Newton's method and its true error by an expression of the case.
struct Solved {
  explicit Solved(const std::string& text, const base::Communicator& on = base::Communicator(MPI_COMM_WORLD))
      : comm(on),
        registry(comm, plugin::search_path()),
        parsed(input::parse_case(text, "/tmp/mesh_estimates/case.toml", {}, registry, comm)),
        problem(parsed, registry, comm),
        discrete(problem.form(), problem.dirichlet(), {}),
        enriched(problem, discrete, registry, {}) {
    u.assign(discrete.size(), 0.0);
    std::vector<double> F(u.size()), d(u.size());
    for (int i = 0; i < (problem.form().linear() ? 1 : 8); ++i) {
      discrete.prescribe(0.0, u);
      discrete.residual(0.0, u, std::nullopt, F);
      for (auto& value : F) value = -value;
      const auto& J = discrete.jacobian(0.0, u, std::nullopt, steady);
      std::ranges::fill(d, 0.0);
      discrete.solver(J).solve(F, d);
      linear::add_scaled(1.0, d, u);
    }
  }
  double integral(const std::string& text) {
    const auto local = discrete.with_ghosts(u);
    return problem.evaluator().integrate(problem.solution_expression(text, "test"), {0.0, local}, {});
  }

  base::Communicator comm;
  plugin::Registry registry;
  input::Case parsed;
  problem::Problem problem;
  fem::DiscreteProblem discrete;
  estimation::Enriched enriched;
  std::vector<double> u;
};

struct Heat {
  std::string box, map, k, source, boundary, error;  ///< `error`: integrand of the squared energy error
  int order = 1;
  std::string text() const {
    return fmt::format(R"toml(
plugins = ["diffusion"]
[mesh]
box = {}
{}
[physics.diffusion]
conductivity = "{}"
source = "{}"
boundary = {}
[solver]
order = {}
quadrature_degree = 8
)toml",
                       box, map, k, source, boundary, order);
  }
};

double effectivity(Solved& s, const std::string& name, const std::string& error, const std::string& energy,
                   double scale = 1.0) {
  const auto estimate = s.enriched.estimate(s.u);
  const double truth = std::sqrt(s.integral(error)), size = std::sqrt(s.integral(energy));
  std::printf("%-44s error %.3e (%.2f %%)  estimate %.3e  effectivity %.3f  (%d its, rest %.1e; %s, %s)\n", name.c_str(),
              truth, 100.0 * truth / size, estimate.value, scale * estimate.value / truth, estimate.iterations,
              estimate.parts[1].second, estimate.norm.c_str(), estimate.method.c_str());
  CHECK(estimate.kind == sdk::Certificate::Kind::estimate);
  return scale * estimate.value / truth;
}

const std::string wavy2 = R"t(map = ["x + 0.02*sin(9*x + 17*y)*sin(3.14159265358979*x)", "y + 0.02*sin(23*x - 7*y)*sin(3.14159265358979*y)"])t";
const std::string wavy3 =
    R"t(map = ["x + 0.02*sin(9*x + 17*y + 5*z)*sin(3.14159265358979*x)", "y + 0.02*sin(23*x - 7*y)*sin(3.14159265358979*y)", "z"])t";

/// -div(k grad u) = q with u = exp(x) sin(2 y + 0.3) (+ z^2 x), k = 1 + x y / 2: inhomogeneous Dirichlet data but for a
/// flux on the right.
Heat smooth(int dim, const std::string& cell, int n, bool perturbed, int order) {
  Heat heat;
  heat.order = order;
  if (dim == 1) {
    heat.box = fmt::format("{{ size = [1.0], cells = [{}], cell = \"{}\" }}", n, cell);
    heat.map = perturbed ? "map = [\"x + 0.02*sin(40*x)*sin(3.14159265358979*x)\"]" : "";
    heat.k = "1 + x";
    heat.source = "-(2*cos(2*x) - 4*(1+x)*sin(2*x))";
    heat.boundary = R"t([{ on = "left", temperature = 0.0 }, { on = "right", heat_flux = "4*cos(2*x)" }])t";
    heat.error = "(1+x)*(grad_temperature_x - 2*cos(2*x))^2";
    return heat;
  }
  const std::string size = dim == 2 ? "[1.0, 1.0]" : "[1.0, 1.0, 1.0]";
  const std::string cells = dim == 2 ? fmt::format("[{0}, {0}]", n) : fmt::format("[{0}, {0}, {0}]", n);
  heat.box = fmt::format("{{ size = {}, cells = {}, cell = \"{}\" }}", size, cells, cell);
  heat.map = !perturbed ? "" : dim == 2 ? wavy2 : wavy3;
  heat.k = "1 + x*y/2";
  const std::string u = "exp(x)*sin(2*y+0.3)", uy = "2*exp(x)*cos(2*y+0.3)";
  heat.source = fmt::format("-(y/2*{0} + x/2*{1} - 3*(1+x*y/2)*{0})", u, uy);
  heat.boundary = fmt::format(
      R"t([{{ on = "all", temperature = "{0}" }}])t", u);
  heat.error = fmt::format("(1+x*y/2)*((grad_temperature_x - {0})^2 + (grad_temperature_y - {1})^2{2})", u, uy,
                           dim == 3 ? " + grad_temperature_z^2" : "");
  if (dim == 2) {
    heat.boundary = fmt::format(R"t([{{ on = ["left", "top", "bottom"], temperature = "{0}" }},
      {{ on = "right", heat_flux = "(1+x*y/2)*{0}" }}])t",
                                u);
  }
  return heat;
}

std::string energy_of(const Heat& heat, int dim) {
  return fmt::format("({})*(grad_temperature_x^2{}{})", heat.k, dim > 1 ? "+grad_temperature_y^2" : "",
                     dim > 2 ? "+grad_temperature_z^2" : "");
}

}  // namespace

TEST_CASE("Effectivities of order 1 are between 0.8 and 1.5 on all cells", "[estimation]") {
  struct Kind {
    int dim, n;
    std::string cell;
  };
  for (const auto& [dim, n, cell] :
       {Kind{1, 16, "interval"}, Kind{2, 16, "triangle"}, Kind{2, 16, "quadrilateral"}, Kind{3, 16, "tetrahedron"},
        Kind{3, 10, "hexahedron"}, Kind{3, 12, "prism"}}) {
    for (const bool perturbed : {false, true}) {
      const auto heat = smooth(dim, cell, n, perturbed, 1);
      Solved s(heat.text());
      CHECK(s.integral(heat.error) < 0.01 * s.integral(energy_of(heat, dim)));
      const double found = effectivity(s, cell + (perturbed ? ", perturbed" : ""), heat.error, energy_of(heat, dim));
      CHECK(found > 0.8);
      CHECK(found < 1.5);
    }
  }
}

TEST_CASE("Effectivities of order 2 are between 0.7 and 2 on all cells", "[estimation]") {
  struct Kind {
    int dim, n;
    std::string cell;
  };
  for (const auto& [dim, n, cell] :
       {Kind{1, 8, "interval"}, Kind{2, 8, "triangle"}, Kind{2, 8, "quadrilateral"}, Kind{3, 3, "tetrahedron"},
        Kind{3, 3, "hexahedron"}, Kind{3, 3, "prism"}}) {
    for (const bool perturbed : {false, true}) {
      const auto heat = smooth(dim, cell, n, perturbed, 2);
      Solved s(heat.text());
      const double found =
          effectivity(s, "order 2: " + cell + (perturbed ? ", perturbed" : ""), heat.error, energy_of(heat, dim));
      CHECK(found > 0.7);
      CHECK(found < 2.0);
    }
  }
}

TEST_CASE("An estimate sees what was added to a finite-element solution", "[estimation]") {
  const auto heat = smooth(2, "triangle", 16, true, 1);
  Solved s(heat.text());
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> bump(s.u.size());
  const auto& dofs = s.problem.dofs();
  const auto points = fem::node_coordinates(s.problem.mesh(), *dofs.fields()[0].nodes);
  SECTION("noise") {
    for (auto& value : bump) value = 0.01 * normal(random);
  }
  SECTION("a smooth function, which stars alone do not see") {
    for (std::size_t n = 0; n < bump.size(); ++n)
      bump[n] = 0.3 * std::sin(M_PI * points[2 * n]) * std::sin(M_PI * points[2 * n + 1]);
  }
  for (std::size_t i = 0; i < bump.size(); ++i) s.u[i] += s.discrete.constrained()[i] != 0 ? 0.0 : bump[i];
  const double found = effectivity(s, "with a bump", heat.error, energy_of(heat, 2));
  CHECK(found == Approx(1.0).epsilon(0.03));
}

TEST_CASE("Units change no digit of an effectivity", "[estimation]") {
  // In millimetres and with conductivities 1e6 times as large: energies are 1e6 times as large in 2-D.
  const auto heat = smooth(2, "triangle", 8, false, 1);
  Solved metres(heat.text());
  auto other = heat;
  const std::string u = "exp(x/1000)*sin(2*y/1000+0.3)", uy = "2*exp(x/1000)*cos(2*y/1000+0.3)",
                    k = "1e6*(1+x*y/2e6)";
  other.box = "{ size = [1000.0, 1000.0], cells = [8, 8], cell = \"triangle\" }";
  other.k = k;
  other.source = fmt::format("-(y/2000*{0} + x/2000*{1} - 3*(1+x*y/2e6)*{0})", u, uy);
  other.boundary = fmt::format(R"t([{{ on = ["left", "top", "bottom"], temperature = "{0}" }},
    {{ on = "right", heat_flux = "1e3*(1+x*y/2e6)*{0}" }}])t",
                               u);
  Solved millimetres(other.text());
  CHECK(millimetres.enriched.estimate(millimetres.u).value ==
        Approx(1e3 * metres.enriched.estimate(metres.u).value).epsilon(1e-7));
}

TEST_CASE("A taut bar and a plate of elasticity have effectivities near 1", "[estimation]") {
  // Plane strain, E = 2.5, nu = 0.25: lambda = mu = 1; u = (sin x cos y, 0.5 sin(x + y)) on the boundary.
  // f = -mu lap u - (lambda + mu) grad div u, div u = cos x cos y + 0.5 cos(x + y).
  const std::string fx = "2*sin(x)*cos(y) + 2*(sin(x)*cos(y) + 0.5*sin(x+y))";
  const std::string fy = "sin(x+y) + 2*(cos(x)*sin(y) + 0.5*sin(x+y))";
  const std::string e = "(grad_displacement_x_x - cos(x)*cos(y))", f = "(grad_displacement_y_y - 0.5*cos(x+y))",
                    g = "(grad_displacement_x_y + sin(x)*sin(y) + grad_displacement_y_x - 0.5*cos(x+y))";
  for (const int order : {1, 2}) {
    for (const std::string cell : {"triangle", "quadrilateral"}) {
      Solved s(fmt::format(R"toml(
plugins = ["elasticity"]
[mesh]
box = {{ size = [1.0, 1.0], cells = [{3}, {3}], cell = "{2}" }}
{5}
[physics.elasticity]
youngs_modulus = 2.5
poisson_ratio = 0.25
body_force = ["{0}", "{1}"]
boundary = [{{ on = "all", displacement = ["sin(x)*cos(y)", "0.5*sin(x+y)"] }}]
[solver]
order = {4}
quadrature_degree = 8
)toml",
                           fx, fy, cell, order == 1 ? 12 : 5, order, wavy2));
      const double found = effectivity(
          s, fmt::format("elasticity, order {}: {}", order, cell), fmt::format("({0}+{1})^2 + 2*{0}^2 + 2*{1}^2 + {2}^2", e, f, g),
          "(grad_displacement_x_x+grad_displacement_y_y)^2 + 2*grad_displacement_x_x^2 + 2*grad_displacement_y_y^2 + "
          "(grad_displacement_x_y+grad_displacement_y_x)^2");
      CHECK(found > (order == 1 ? 0.8 : 0.7));
      CHECK(found < (order == 1 ? 1.5 : 2.0));
    }
  }
}
