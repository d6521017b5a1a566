#pragma once
/// Linear and nonlinear steady cases with their solutions and the estimates of their errors.

#include <algorithm>
#include <string>
#include <vector>

#include "engine/estimation/enriched.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/plugin/loader.hpp"

namespace ansatz::test {

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
    double first = 0.0;
    for (int i = 0; i < (problem.form().linear() ? 1 : 20); ++i) {
      discrete.prescribe(0.0, u);
      discrete.residual(0.0, u, std::nullopt, F);
      const double norm = linear::norm(comm, F);
      first = std::max(first, norm);
      if (norm <= 1e-12 * first) break;
      for (auto& value : F) value = -value;
      const auto& J = discrete.jacobian(0.0, u, std::nullopt, {1.0, 0.0});
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

}  // namespace ansatz::test
