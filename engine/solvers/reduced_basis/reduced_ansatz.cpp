#include "engine/solvers/reduced_basis/reduced_ansatz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/input/solver_infos.hpp"
#include "engine/reduced/basis/batch.hpp"
#include "engine/solvers/own_model.hpp"
#include "engine/solvers/reduced_basis/reduced_solver.hpp"
#include "engine/solvers/stepping.hpp"

namespace ansatz::solvers {
namespace {

class ReducedAnsatz final : public sdk::Solver, public OwnModel {
 public:
  explicit ReducedAnsatz(const CaseProblem& problem) : problem_(problem) {
    if (problem.parsed().time) number_of_steps(problem.parsed());
  }

  void load_or_train() override { solve_with().prepare(); }
  void train(sdk::Monitor& /*monitor*/) override { load_or_train(); }

  sdk::Solution solve(const sdk::Query& query, sdk::Monitor& monitor) override {
    auto& problem = problem_.problem();
    if (!std::ranges::equal(query.parameters, problem.parameters())) problem.set_parameters(query.parameters);
    auto& solve = solve_with();
    solve.prepare();
    if (monitor.is_quiet() && !problem.parsed().time) return solve.lifted();
    auto solution = solve.run([&](const sdk::Solution& at, std::int64_t step, bool is_last, const StepTaken* taken) {
      monitor.observe(at, step, is_last, taken);
    });
    solution.work["residual"] = solve.residual();
    return solution;
  }

  std::optional<sdk::Tabulation> tabulate(std::span<const double> points, sdk::Monitor& monitor) override {
    auto& solve = solve_with();
    solve.prepare();
    const auto& models = solve.outputs().models();
    sampling::TrainingSet set(static_cast<int>(problem_.parameters().size()));
    set.append(points);
    auto batch = evaluate_batch(problem_.comm(), solve.model(), models, set);
    const double total = std::accumulate(batch.seconds.begin(), batch.seconds.end(), 0.0);
    monitor.say(fmt::format("{} points by the reduced model: {:.1f} us each", set.size(),
                            1e6 * total / static_cast<double>(set.size())));
    return sdk::Tabulation{.quantities = solve.outputs().known_quantities(),
                           .values = std::move(batch.values),
                           .bounds = std::move(batch.bounds),
                           .kind = batch.is_estimate ? sdk::Certificate::Kind::estimate : sdk::Certificate::Kind::bound,
                           .solution_bounds = std::move(batch.solution_bounds),
                           .seconds = std::move(batch.seconds),
                           .problems = std::move(batch.problems)};
  }

 private:
  ReducedSolve& solve_with() {
    if (solve_) return *solve_;
    if (!problem_.is_of_case(input::reduced_basis_info().name)) own_ = problem_.make_discrete();
    auto& discrete = own_ ? *own_ : problem_.discrete();
    return solve_.emplace(problem_.problem(), discrete, problem_.registry(), problem_.log(), problem_.folder());
  }

  const CaseProblem& problem_;
  std::unique_ptr<fem::DiscreteProblem> own_;
  std::optional<ReducedSolve> solve_;  ///< made at first use: the case is only checked before
};

}  // namespace

std::unique_ptr<sdk::Solver> make_reduced_ansatz(const CaseProblem& problem) {
  return std::make_unique<ReducedAnsatz>(problem);
}

}  // namespace ansatz::solvers
