#include "engine/solvers/finite_elements/convection_warning.hpp"

#include <fmt/format.h>

namespace ansatz::solvers {

void warn_of_convection(problem::Problem& problem, const fem::DiscreteProblem& discrete,
                        const quantities::Solution& solution, results::RunLog& log) {
  if (!problem.physics().info().has_stabilisation || problem.parsed().solver.stabilise) return;
  const auto values = discrete.with_ghosts(solution.values);
  double peclet = 0.0;
  base::agree(discrete.comm(), [&] { peclet = problem.form().largest_peclet({solution.time, values, {}}); });
  peclet = discrete.comm().max(peclet);
  if (peclet <= 1.0) return;
  log.warn(
      fmt::format("the cell Peclet number reaches {:.3g} > 1, the solution may oscillate: refine the mesh or set "
                  "solver.stabilisation = \"supg\"",
                  peclet));
}

}  // namespace ansatz::solvers
