#pragma once
/// The report of a run: what all runs say, and what this one adds.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/charts/sweep_file.hpp"
#include "engine/quantities/time_series.hpp"
#include "engine/report/report.hpp"
#include "engine/results/run_folder.hpp"

namespace ansatz::report {

/// Filled during a run, written at its end, as report.html of the run folder; nothing where `[output] report` is false.
class RunReport {
 public:
  /// References must outlive this.
  RunReport(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm,
            const results::RunLog& log, std::string folder);

  bool is_wanted() const { return parsed_.output.report; }
  /// A line of the section on the problem.
  void add_fact(const std::string& name, const std::string& value) { facts_.push_back({name, value}); }

  /// Whether fields at this time are to be seen: those of the first and the last step, and two between.
  bool wants_pictures(double time, bool is_last);
  /// *Collective.*
  void add_pictures(const sdk::VisualMesh& mesh, const std::vector<sdk::VisualField>& fields, double time);
  void set_series(const quantities::TimeSeries& series, io::Columns columns);
  void set_sweep(const io::SweepTable& table) { sweep_ = table; }

  /// \param references those that were compared with; null: not asked for. *Collective.* \throws sdk::Error of kind
  /// output
  void write(const results::Summary& found, const std::vector<results::Reference>* references);
  /// Of a run that ends with an error; what cannot be written is left. Not collective.
  void write_failure(const sdk::Error& error);

 private:
  std::string build(const results::Summary& found, const std::vector<results::Reference>* references,
                    const sdk::Error* error);
  void add_quantities(Report& report, const results::Summary& found,
                      const std::vector<results::Reference>* references) const;
  void add_certificate(Report& report, const results::Summary& found) const;
  void add_problem(Report& report) const;
  void add_sweep(Report& report) const;
  void add_charts(Report& report) const;
  void add_costs(Report& report, const results::Summary& found) const;
  void add_provenance(Report& report) const;
  void add_files(Report& report) const;
  std::vector<std::string> new_files() const;

  const input::Case& parsed_;
  const plugin::Registry& registry_;
  base::Communicator comm_;
  const results::RunLog& log_;
  std::string folder_, started_;
  std::vector<std::vector<std::string>> facts_;
  FieldPictures pictures_;
  int num_steps_seen_ = 0;
  std::vector<io::Chart> over_time_;
  std::optional<io::SweepTable> sweep_;
  bool is_written_ = false;
};

/// Runs a body whose errors leave a report, too. *Collective.*
int with_report(RunReport& report, const std::function<int()>& body);

}  // namespace ansatz::report
