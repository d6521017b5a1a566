#pragma once
/// Numbers recorded at the times of a run, and statistics of them.

#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::study {

/// Values of several quantities at ascending times.
class TimeSeries {
 public:
  /// \param values one for each quantity, always as many
  void add(double time, std::span<const double> values);

  /// For checkpoints. *Collective.*
  void exchange(sdk::StateArchive& archive);
  std::size_t size() const { return times_.size(); }
  double time(std::size_t i) const { return times_[i]; }
  double value(std::size_t i, std::size_t quantity) const { return values_[quantity][i]; }

  /// A statistic of one quantity over the recorded times t >= after:
  ///   "maximum", "minimum": of the parabolas through each local extremum and its neighbours;
  ///   "peak_to_peak": maximum - minimum;  "mean": time integral by the trapezoidal rule / length;
  ///   "frequency": whole periods / their time, between linearly interpolated upward crossings of the mean [1/unit of t].
  /// \throws sdk::Error of kind case_file with fewer than 3 times, or for a frequency with fewer than two crossings.
  double statistic(const std::string& name, std::size_t quantity, double after) const;

 private:
  std::vector<double> times_;
  std::vector<std::vector<double>> values_;  ///< by quantity
};

}  // namespace ansatz::study
