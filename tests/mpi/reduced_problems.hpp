#pragma once
/// Problems with parameters for tests of reduced models, from the text of a case.

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"

namespace ansatz::test {

/// A case read and set up on all ranks.
class Fixture {
 public:
  explicit Fixture(const std::string& text, const base::Communicator& comm = base::Communicator(MPI_COMM_WORLD))
      : registry_(comm, plugin::search_path()),
        parsed(input::parse_case(text, "case.toml", {}, registry_, comm)),
        problem(parsed, registry_, comm),
        box(solvers::parameter_ranges(parsed)),
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
