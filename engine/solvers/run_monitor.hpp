#pragma once
/// What an ansatz calls back during a run: the log, progress, charts, checkpoints, and whoever takes its solutions.

#include <string>

#include "ansatz/sdk/monitor.hpp"
#include "engine/problem/problem.hpp"
#include "engine/results/checkpoints.hpp"
#include "engine/results/progress.hpp"
#include "engine/results/run_log.hpp"
#include "engine/solvers/observer.hpp"

namespace ansatz::solvers {

/// The monitor of a run, of a training or of a point of a sweep.
class RunMonitor final : public sdk::Monitor {
 public:
  /// References must outlive this. Solutions that do not say their parameters get the problem's.
  /// \param folder of the run, for charts
  /// \param observe empty: nobody takes solutions
  /// \param checkpoints null: no states are kept
  RunMonitor(const problem::Problem& problem, results::RunLog& log, std::string folder, Observer observe = {},
             results::Checkpoints* checkpoints = nullptr);

  /// The end of the run [s]: the state there is written, too.
  void set_end(double end) { end_ = end; }
  results::Checkpoints* checkpoints() const { return checkpoints_; }
  std::int64_t num_observed() const { return observed_; }

  void say(const std::string& line) override;
  void warn(const std::string& line) override;
  void event(const std::string& name, std::initializer_list<std::pair<const char*, sdk::LogValue>> values) override;
  void progress(double share, const std::string& line) override;
  void chart(const std::string& name, const std::string& title, const std::string& x_label, const std::string& y_label,
             const std::vector<sdk::Curve>& curves, bool logarithmic) override;
  bool is_quiet() const override { return log_.is_quiet(); }
  bool state(std::function<void(sdk::StateArchive&)> exchange) override;
  void after_step(std::int64_t step, double position) override;
  /// \throws sdk::Error of kind plugin, on all ranks, for vectors of another length; of kind not_finite.
  /// \throws sdk::Error, on all ranks, of kind plugin for vectors of another length than the unknowns; of kind
  /// case_file where a quantity needs rates that the solution does not have
  void observe(const sdk::Solution& at, std::int64_t step, bool is_last, const StepTaken* taken) override;

 private:
  const problem::Problem& problem_;
  results::RunLog& log_;
  std::string folder_;
  Observer observe_;
  results::Checkpoints* checkpoints_;
  std::optional<double> end_;
  std::optional<sdk::Solution> before_;  ///< of problems in time the solution of the step before
  std::int64_t observed_ = 0;
  results::Progress progress_;
};

/// \throws sdk::Error of kind plugin, on all ranks, where vectors of a solution do not have one entry an unknown.
/// *Collective.*
void require_fitting(const problem::Problem& problem, const sdk::Solution& solution);

}  // namespace ansatz::solvers
