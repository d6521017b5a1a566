#include "engine/solvers/finite_elements/fem_ansatz.hpp"

#include <algorithm>

#include "engine/input/solver_infos.hpp"
#include "engine/solvers/finite_elements/fem_in_time.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/solvers/form_in_time.hpp"
#include "engine/solvers/run_monitor.hpp"
#include "engine/solvers/stepping.hpp"

namespace ansatz::solvers {
namespace {

class FemAnsatz final : public sdk::Solver {
 public:
  explicit FemAnsatz(const CaseProblem& problem) : problem_(problem) {
    const auto& parsed = problem.parsed();
    if (!parsed.time) return;
    check_stepping(parsed, problem.registry(), problem.comm(), traits_in_time(problem.problem().form()));
    check_constraints(problem.problem());
  }

  sdk::Solution solve(const sdk::Query& query, sdk::Monitor& monitor) override {
    auto& problem = problem_.problem();
    const auto* of_run = dynamic_cast<const RunMonitor*>(&monitor);
    auto& discrete = renewed(of_run != nullptr && problem_.is_of_case(input::finite_elements_info().name));
    if (!std::ranges::equal(query.parameters, problem.parameters())) problem.set_parameters(query.parameters);
    FemSolve solve(problem, discrete, problem_.registry(), problem_.log(),
                   of_run == nullptr ? nullptr : of_run->checkpoints());
    auto solution = solve.run([&](const sdk::Solution& at, std::int64_t step, bool is_last,
                                  const StepTaken* taken) { monitor.observe(at, step, is_last, taken); },
                              query.guess);
    solution.work["residual"] = solve.residual();
    return solution;
  }

 private:
  /// \param of_run that of the case
  fem::DiscreteProblem& renewed(bool of_run) {
    if (!of_run) return *(own_ = problem_.make_discrete());
    if (has_solved_) problem_.renew_discrete();
    has_solved_ = true;
    return problem_.discrete();
  }

  const CaseProblem& problem_;
  std::unique_ptr<fem::DiscreteProblem> own_;
  bool has_solved_ = false;
};

}  // namespace

std::unique_ptr<sdk::Solver> make_fem_ansatz(const CaseProblem& problem) {
  return std::make_unique<FemAnsatz>(problem);
}

}  // namespace ansatz::solvers
