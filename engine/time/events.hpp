#pragma once
/// Zeros of functions along a solution.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/time/stepper.hpp"

namespace ansatz::time {

/// A zero that was found.
struct Event {
  int function = 0;
  double time = 0.0;             ///< [s]
  bool rising = false;           ///< from negative to positive
  std::vector<double> state;     ///< y there
};

/// Finds the changes of sign of g_k(t, y) between the ends of each step, by the dense output. A function that is zero at the
/// start, or touches zero within a step, is no event.
class EventFinder {
 public:
  using Functions = std::function<void(double t, std::span<const double> y, std::span<double> g)>;

  /// \param functions the same values on all ranks
  EventFinder(int count, Functions functions);

  /// Before the first step, and after the state was changed from outside. *Collective.*
  void start(const Stepper& stepper);
  /// Events of the step just taken, in the order of their times, to round-off of the time. *Collective.*
  /// \throws sdk::Error of kind not_finite where a function is not finite at the end of the step.
  std::vector<Event> after_step(Stepper& stepper);

  /// Changes of sign so far, of each function.
  const std::vector<std::int64_t>& counts() const { return counts_; }
  void exchange(sdk::StateArchive& archive);

 private:
  Event locate(Stepper& stepper, int k, double from, double to, double g_from, double g_to);

  Functions functions_;
  std::vector<double> before_, now_, scratch_;
  std::vector<std::int64_t> counts_;
  double time_ = 0.0;
};

}  // namespace ansatz::time
