#pragma once
/// The table of a study of many parameters: filled point by point, then written and drawn.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/charts/sweep_file.hpp"
#include "engine/problem/problem.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/results/run_log.hpp"
#include "engine/sampling/training_set.hpp"

namespace ansatz::study {

/// One row for each of study_points(). A point without a solution, or a quantity without a finite value there, is
/// not-a-number, with its reason (SweepTable::problems), and a warning; the other points are kept.
class PointTable {
 public:
  /// \param ansatz SweepTable::ansatz. References must outlive this.
  PointTable(const problem::Problem& problem, results::RunLog& log, const std::string& ansatz);

  const sampling::TrainingSet& points() const { return points_; }
  io::SweepTable& table() { return table_; }
  void add_column(const std::string& name, const std::string& unit);
  /// Adds the quantities of point i, which may throw for this point; by turns from the first one.
  void add_row(std::size_t i, const std::function<std::vector<quantities::QuantityValue>(std::size_t i)>& quantities);

  /// All rows are there: says so, writes the table as `study.file` (HDF5 and text) and, where one parameter varies,
  /// pictures of it.
  /// \param study its name in the log
  /// \param start of its work [s] of the log
  /// *Collective.*
  io::SweepTable finish(const std::string& study, double start, const std::string& folder);

 private:
  void add_problem(std::size_t i, std::string problem);
  void write(const std::string& folder);
  int only_varying() const;
  void draw(const std::string& study, const std::string& folder);

  const problem::Problem& problem_;
  results::RunLog& log_;
  sampling::TrainingSet points_;
  io::SweepTable table_;
};

/// The quantities of the case at mu from those that are known, and the formulas of them; without a finite value where
/// neither is. Not collective.
/// \param known (num_case_quantities) nothing: a formula
std::vector<quantities::QuantityValue> with_formulas(const problem::Problem& problem, std::span<const double> mu,
                                                     const std::vector<std::optional<double>>& known);

}  // namespace ansatz::study
