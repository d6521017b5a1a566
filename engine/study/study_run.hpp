#pragma once
/// A run as a study sees it.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ansatz/sdk/study.hpp"
#include "engine/certify/calibration.hpp"
#include "engine/certify/certified.hpp"
#include "engine/results/run_folder.hpp"
#include "engine/solvers/case_problem.hpp"
#include "engine/solvers/run_monitor.hpp"

namespace ansatz::study {

/// What the engine's own studies and those of plugins ask. Solutions are looked at before a study sees them.
class StudyRun final : public sdk::StudyRun {
 public:
  /// \param time_limit of the run, wall time [s]; 0: none
  StudyRun(const solvers::CaseProblem& of_case, double time_limit);

  const sdk::Problem& problem() const override { return of_case_; }
  sdk::Monitor& monitor() override { return monitor_; }
  sdk::Solver& ansatz(const std::string& name) override;
  std::vector<sdk::QuantityResult> quantities(const sdk::Solution& solution) override;
  void write(const std::string& name, const sdk::ResultTable& table) override;
  void report(const std::vector<sdk::QuantityResult>& results) override;

  /// What was reported.
  results::Summary take() { return std::move(found_); }
  /// Seconds that models took, trained or read.
  double training_seconds() const { return training_seconds_; }
  /// What became of the answers of the case's ansatz; all zero where they were not checked.
  const certify::Ledger& ledger() { return ledgers_[of_case_.parsed().solver.type]; }

  /// What is known of the answers of the case's ansatz by held-out solves; empty: nothing.
  std::map<std::string, double> calibration_numbers() const;

 private:
  const solvers::CaseProblem& of_case_;
  double time_limit_, training_seconds_ = 0.0;
  solvers::RunMonitor monitor_;
  std::map<std::string, std::unique_ptr<sdk::Solver>> ansaetze_;
  std::map<std::string, certify::Ledger> ledgers_;
  std::map<std::string, std::unique_ptr<certify::Calibration>> calibrations_;
  results::Summary found_;
};

}  // namespace ansatz::study
