#include "engine/solvers/finite_elements/fem_solver.hpp"

#include "engine/solvers/finite_elements/convection_warning.hpp"
#include "engine/solvers/finite_elements/fem_in_time.hpp"
#include "engine/solvers/finite_elements/steady_state.hpp"

namespace ansatz::solvers {

quantities::Solution FemSolve::run(const Observer& observe, std::span<const double> guess) {
  return problem_.parsed().time ? in_time(observe) : steady(observe, guess);
}

quantities::Solution FemSolve::in_time(const Observer& observe) {
  FemInTime run(problem_, discrete_, registry_, log_, checkpoints_);
  auto solution = run.run(observe);
  residual_ = run.residual();
  return solution;
}

quantities::Solution FemSolve::steady(const Observer& observe, std::span<const double> guess) {
  if (problem_.form().transient()) {
    log_.event("note", {{"text", std::string("no [time]: the steady state is solved for")}});
  }
  Undetermined undetermined(problem_, discrete_, log_);
  SteadyState state(problem_, discrete_, undetermined, log_);
  quantities::Solution solution{.values = problem_.initial_state(), .parameters = problem_.parameters()};
  const bool has_guess = problem_.mesh().comm.max(static_cast<std::int64_t>(guess.size())) > 0;
  if (has_guess) {
    solution.work["from_guess"] = state.solve_from(0.0, guess, solution.values) ? 1.0 : 0.0;
  } else {
    state.solve(0.0, solution.values);
  }
  solution.work.insert(state.work().begin(), state.work().end());
  residual_ = state.residual();
  warn_of_convection(problem_, discrete_, solution, log_);
  undetermined.remove_means(solution);
  quantities::require_finite(problem_, solution);
  observe(solution, 0, true, nullptr);
  return solution;
}

}  // namespace ansatz::solvers
