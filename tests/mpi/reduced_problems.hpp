#pragma once
/// Problems with parameters for tests of reduced models, from the text of a case.

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"

namespace ansatz::test {

/// A source around a moving centre, which does not separate.
/// \param cells in each direction
inline std::string gaussian_source(int cells) {
  const auto n = std::to_string(cells);
  return R"toml(
plugins = ["diffusion"]
[mesh]
box = { origin = [-1.0, -1.0], size = [2.0, 2.0], cells = [)toml" +
         n + ", " + n + R"toml(], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = 1.0
source       = "exp(-2*((x - mu_x)^2 + (y - mu_y)^2))"
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
mu_x = { range = [-1.0, 1.0], default = 0.3 }
mu_y = { range = [-1.0, 1.0], default = -0.6 }
)toml";
}

/// Heat into a flow in a channel of variable length, on a mapped mesh.
inline const std::string graetz = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [2.0, 1.0], cells = [8, 4], cell = "quadrilateral" }
map = ["x < 1 ? x : 1 + length * (x - 1)", "y"]
[physics.diffusion]
conductivity = "diffusion"
velocity     = ["y * (1 - y)", 0.0]
boundary     = [{ on = "left", temperature = 0.0 }, { on = ["bottom", "top"], temperature = "x < 0.99 ? 0 : 1" }]
[parameters]
diffusion = { range = [0.05, 2.0], default = 0.1 }
length    = { range = [0.5, 4.0], default = 2.0 }
)toml";

/// A case read and set up on all ranks.
class Fixture {
 public:
  explicit Fixture(const std::string& text, const base::Communicator& comm = base::Communicator(MPI_COMM_WORLD))
      : registry_(comm, plugin::search_path()),
        parsed(input::parse_case(text, "case.toml", {}, registry_, comm)),
        problem(parsed, registry_, comm),
        box(problem::parameter_ranges(parsed)),
        reference(solvers::reference_parameters(parsed)) {}

 private:
  plugin::Registry registry_;

 public:
  input::Case parsed;
  problem::Problem problem;
  std::vector<sampling::ParameterRange> box;
  std::vector<double> reference;
  std::string reason;

  std::optional<reduced::SeparatedProblem> separate() {
    return reduced::separate(problem.form(), problem.dirichlet(), box, reason);
  }
};

/// The finite-element solution without any separation. *Collective.*
inline std::vector<double> fem_solution(Fixture& f, const std::vector<double>& mu) {
  fem::DiscreteProblem discrete(f.problem.form(), f.problem.dirichlet(), {.solver = "direct"});
  f.problem.set_parameters(mu);
  std::vector<double> u(discrete.size(), 0.0), F(u.size()), d(u.size());
  discrete.prescribe(0.0, u);
  discrete.residual(0.0, u, std::nullopt, F);
  const auto& matrix = discrete.jacobian(0.0, u, std::nullopt, {});
  discrete.solver(matrix).solve(F, d);
  linear::add_scaled(-1.0, d, u);
  return u;
}

}  // namespace ansatz::test
