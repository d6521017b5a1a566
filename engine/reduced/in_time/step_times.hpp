#pragma once
/// Times that the steps of a reduced model see, where its problem jumps in time.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/reduced/separation/thetas.hpp"

namespace ansatz::reduced {

/// Steps of equal length. Methods: "backward_euler", and "crank_nicolson", which takes the mean of all but the rates
/// over both ends of a step.
struct TimeGrid {
  std::string method = "backward_euler";
  double start = 0.0, step = 0.0;  ///< [s]
  std::int64_t steps = 0;
  double end = 0.0;  ///< [s], as it was given: `steps` steps from the start up to round-off

  /// Weight of the new time in a step.
  double implicitness() const { return method == "crank_nicolson" ? 0.5 : 1.0; }
};

/// The ends of all steps as what depends on time sees them, shape (steps + 1) each: step k ends at before[k], and step
/// k + 1 begins at after[k]. These differ where a condition on t changes at the end of a step, as with time::Stepper:
/// `before` is the largest number below the change, `after` that of the change.
struct StepTimes {
  std::vector<double> before, after;

  bool jumps(std::int64_t k) const { return before[k] != after[k]; }
};

/// Writes the times of a grid. Allocates nothing where `times` has its shape.
/// \param changes times after the start at which conditions change, ascending. Those within a step are seen where the
/// step's method looks, as with finite elements; what the start is but for round-off (`t > 0`) holds from the start.
/// \throws sdk::Error of kind parameter for a change that is at the end of a step but for more than round-off: finite
/// elements end their step at the change, and these steps are of one length.
void set_step_times(const TimeGrid& grid, std::span<const double> changes, StepTimes& times);

/// Factors of a problem in time whose conditions on t may change.
class TimeConditions {
 public:
  /// \param thetas in the parameters, with t behind them
  TimeConditions(const std::vector<const Thetas*>& thetas, int num_parameters);
  /// sdk::jump_times() of all factors, ascending. Not collective.
  /// \param mu shape (num_parameters)
  std::vector<double> changes(std::span<const double> mu, double from, double to) const;

 private:
  std::vector<sdk::Expression> factors_;  ///< that may jump, as functions of time, each once
  std::size_t num_parameters_;
};

}  // namespace ansatz::reduced
