#pragma once
/// Derivatives of the quantities of a case by its parameters.

#include "ansatz/sdk/study.hpp"
#include "engine/results/run_folder.hpp"
#include "engine/solvers/gradients/case_gradients.hpp"

namespace ansatz::study {

/// The study `gradient`, at the default parameters, at the solution of the case's ansatz: prints and writes
/// gradient.h5 and gradient.csv with a row for each quantity and parameter. With `check` Taylor's test along a seeded
/// random direction d of steps e |mu|: the remainder |Q(mu + e d) - Q(mu) - e dQ/dmu d| must fall as e^2.
class GradientStudy final : public sdk::Study {
 public:
  /// \throws sdk::Error of kind case_file for what has no adjoint
  explicit GradientStudy(const solvers::CaseProblem& of_case);

  void run(sdk::StudyRun& run) override;

 private:
  sdk::GradientTable differentiate(sdk::StudyRun& run);
  void say(const sdk::GradientTable& table) const;
  void write(sdk::StudyRun& run, const sdk::GradientTable& table) const;
  void report(sdk::StudyRun& run, const sdk::GradientTable& table) const;
  void check(sdk::StudyRun& run, const sdk::GradientTable& table);
  std::string unit(std::size_t quantity, std::size_t parameter) const;

  const solvers::CaseProblem& of_case_;
  problem::Problem& problem_;
  results::RunLog& log_;
  solvers::CaseGradients gradients_;
  std::vector<int> quantities_;
};

/// Runs it. *Collective.* \throws sdk::Error
results::Summary run_gradient_study(const solvers::CaseProblem& of_case, double time_limit);

}  // namespace ansatz::study
