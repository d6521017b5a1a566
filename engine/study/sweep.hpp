#pragma once
/// Sweeps: the quantities of a case at many parameters.

#include <optional>
#include <vector>

#include "ansatz/sdk/study.hpp"
#include "engine/io/charts/sweep_file.hpp"
#include "engine/solvers/case_problem.hpp"
#include "engine/study/point_table.hpp"

namespace ansatz::study {

/// The study `sweep`. Evaluates the case's quantities at all points of `[study]` and writes the table (HDF5 and
/// sweep.csv) and, where one parameter varies, pictures of it. What the ansatz tabulates is taken from there; the rest,
/// unless it is a formula, is computed from its solutions. Points without a result: see PointTable.
class Sweep final : public sdk::Study {
 public:
  explicit Sweep(const solvers::CaseProblem& of_case);

  void run(sdk::StudyRun& run) override;
  /// What run() found.
  const io::SweepTable& result() const { return result_; }

 private:
  void set_columns(std::size_t count);
  void check_tabulation() const;
  void take_columns();
  bool is_tabulated(std::size_t k) const;
  bool needs_fields() const;
  void add_bounds(std::size_t i);
  void add_certificate(std::size_t i);
  std::vector<quantities::QuantityValue> by_field(sdk::StudyRun& run, sdk::Solver& ansatz, std::size_t i);
  std::vector<quantities::QuantityValue> by_tabulation(std::size_t i) const;

  const solvers::CaseProblem& of_case_;
  problem::Problem& problem_;
  results::RunLog& log_;
  PointTable rows_;
  const sampling::TrainingSet& points_;
  io::SweepTable& table_;
  std::optional<sdk::Tabulation> known_;
  std::optional<sdk::Certificate> certificate_;  ///< of the last solution
  io::SweepTable result_;
};

}  // namespace ansatz::study
