#pragma once
/// What a run does with a case: `[study] type`. solve, train, sweep and limits are the engine's own; plugins add others
/// by Registrar::add_study().

#include "ansatz/sdk/problem.hpp"
#include "ansatz/sdk/solver.hpp"
#include "ansatz/sdk/study_info.hpp"

namespace ansatz::sdk {

/// Numbers in columns.
struct ResultTable {
  std::vector<std::string> names, units;
  std::vector<double> values;  ///< (rows, names)
};

/// A quantity of the case at a solution.
struct QuantityResult {
  std::string name, unit;
  double value = 0.0;
  std::optional<Certificate> certificate = {};
  std::string problem = {};  ///< why the value is no finite number; empty where it is one
};

/// A study's view of a run.
class StudyRun {
 public:
  virtual ~StudyRun();
  virtual const Problem& problem() const = 0;
  virtual Monitor& monitor() = 0;
  /// The ansatz of this name, trained or loaded; empty: that of [solver] type. Lives as long as the run. *Collective.*
  virtual Solver& ansatz(const std::string& name = {}) = 0;
  /// All quantities of the case, of steady solutions or at the time of one. *Collective.*
  virtual std::vector<QuantityResult> quantities(const Solution& solution) = 0;
  /// NAME.h5 and NAME.csv in the run folder. *Collective.* \throws Error of kind output.
  virtual void write(const std::string& name, const ResultTable& table) = 0;
  /// Numbers for the summary and the report, as those of a solve. *Collective.*
  virtual void report(const std::vector<QuantityResult>& results) = 0;
};

/// Made for one case; the constructor checks its options and does nothing long.
class Study {
 public:
  virtual ~Study();
  /// *Collective.* \throws Error
  virtual void run(StudyRun& run) = 0;
};

}  // namespace ansatz::sdk
