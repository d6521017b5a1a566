#pragma once
/// Numbers recorded at the times of a run.

#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::quantities {

/// Values of several quantities at ascending times.
class TimeSeries {
 public:
  /// \param values one for each quantity, always as many
  void add(double time, std::span<const double> values);

  /// For checkpoints. *Collective.*
  void exchange(const std::string& name, sdk::StateArchive& archive);
  std::size_t size() const { return times_.size(); }
  double time(std::size_t i) const { return times_[i]; }
  std::size_t num_quantities() const { return values_.size(); }
  double value(std::size_t i, std::size_t quantity) const { return values_[quantity][i]; }

 private:
  std::vector<double> times_;
  std::vector<std::vector<double>> values_;  ///< by quantity
};

}  // namespace ansatz::quantities
