#pragma once
/// Derivatives of a case as optimisers and studies ask for them.

#include <functional>
#include <memory>

#include "ansatz/sdk/gradients.hpp"
#include "engine/adjoint/steady_adjoint.hpp"
#include "engine/solvers/case_problem.hpp"
#include "engine/solvers/gradients/time_adjoint.hpp"

namespace ansatz::solvers {

/// sdk::Gradients of finite elements.
class CaseGradients final : public sdk::Gradients {
 public:
  /// \param problem must outlive this
  explicit CaseGradients(const CaseProblem& problem);

  std::string objection(int quantity) const override;
  sdk::GradientTable solve(const sdk::Query& query, std::span<const int> quantities, sdk::Monitor& monitor) override;
  sdk::GradientTable at(const sdk::Solution& solution, std::span<const int> quantities) override;
  std::vector<double> pull_back(const sdk::Solution& solution, std::span<const double> slope) override;

  /// The solution at other parameters: by the steps of the last solve() where that was in time, else as solve(). For
  /// checks by differences. *Collective.*
  sdk::Solution again(std::span<const double> parameters, sdk::Monitor& monitor);

 private:
  sdk::Solution finite_elements(const sdk::Query& query, sdk::Monitor& monitor);
  sdk::GradientTable table(const sdk::Solution& solution, std::span<const int> quantities);
  void add_moved(const sdk::Solution& solution, std::span<const int> quantities,
                 const std::vector<adjoint::Adjoint>& adjoints, sdk::GradientTable& table);
  void move_to(std::span<const double> parameters);
  TimeAdjoint& in_time();

  const CaseProblem& problem_;
  linear::KrylovOptions options_;
  std::unique_ptr<fem::DiscreteProblem> discrete_;  ///< of the evaluation
  std::unique_ptr<StepsTaken> steps_;
  std::unique_ptr<TimeAdjoint> time_adjoint_;
  std::vector<double> of_steps_;  ///< parameters
};

/// *Collective.*
std::unique_ptr<sdk::Gradients> make_gradients(const CaseProblem& problem);

}  // namespace ansatz::solvers
