#pragma once
/// quantities.csv: numbers at the times of a run, see io/charts/csv.hpp.

#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/quantities/time_series.hpp"

namespace ansatz::results {

/// Rank 0 writes; every row is complete when add() returns.
class SeriesFile {
 public:
  /// \param columns after the first, the time, as io::csv_label() has them. *Collective.* \throws sdk::Error of kind
  /// output.
  SeriesFile(const base::Communicator& comm, const std::string& folder, const std::vector<std::string>& columns);

  /// *Collective.* \throws sdk::Error of kind output.
  void add(double time, std::span<const double> values);
  /// The rows of a series: what a restarted run had written. *Collective.*
  void add(const quantities::TimeSeries& series);

 private:
  base::Communicator comm_;
  std::string path_;
  std::ofstream file_;
};

}  // namespace ansatz::results
