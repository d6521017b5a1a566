#pragma once
/// Zeros of functions along a solution.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/time/pieces.hpp"
#include "engine/time/stepper.hpp"

namespace ansatz::time {

/// A zero that was found.
struct Event {
  int function = 0;
  double time = 0.0;               ///< [s]
  bool rising = false;             ///< from negative to positive; false where the zero is a touch
  bool touching = false;           ///< the sign does not change
  std::vector<double> state = {};  ///< y there
};

/// What is known of a function so far.
struct EventSummary {
  std::int64_t zeros = 0;                    ///< that were found
  bool zero_at_start = false;                ///< which is no event
  double largest = 0.0;                      ///< |g| of the samples
  double nearest = 0.0, nearest_time = 0.0;  ///< least |g| of the samples, and where
  std::optional<double> pole = {};           ///< last change of sign through infinity, which is no event
};

/// Finds the zeros of g_k(t, y) within each step, by the dense output: changes of sign, also by jumps, and touches, where g
/// comes to zero and turns back. Functions are sampled by PieceSampler, so that zeros between the ends of a step are seen.
///
/// A least |g| without a change of sign is a touch if it is at most `tolerance` times the largest |g| so far, and a
/// thousandth of the largest one in this step (kinks are followed down to it). A zero at the very end of a step is told by its
/// multiplicity, as what follows is not known: a kink that touches exactly there counts as a change of sign. Zeros of one step
/// between which |g| stays below that are one zero. Where g becomes zero for a while, the beginning is the event. A zero at the
/// very start is none. Neither is a pole, where a single sample may be infinite.
class EventFinder {
 public:
  using Functions = std::function<void(double t, std::span<const double> y, std::span<double> g)>;
  struct Options {
    double tolerance = 1e-6;         ///< of touches
    std::vector<double> stops = {};  ///< ends of steps at which functions may jump: these are seen from both sides
  };

  /// \param names of the functions, for errors \param functions the same values on all ranks
  EventFinder(std::vector<std::string> names, Functions functions, Options options);

  /// Before the first step, and after the state was changed from outside. *Collective.*
  void start(Stepper& stepper);
  /// Events of the step just taken, in the order of their times, which are exact to round-off for the dense output.
  /// *Collective.* \throws sdk::Error of kind not_finite where a function is not finite within the step, except for poles.
  std::vector<Event> after_step(Stepper& stepper);
  /// After the last step: touches at its end, where a step that followed would tell them from zeros just behind it.
  std::vector<Event> finish(Stepper& stepper);

  const std::vector<EventSummary>& summaries() const { return summaries_; }
  void exchange(sdk::StateArchive& archive);

 private:
  struct Sample {
    double time, value;
  };
  /// What one step leaves to the next one.
  struct Memory {
    double sign = 0.0;        ///< of the last value that was not zero; 0: none so far
    double before_end = 0.0;  ///< value at the last sample before the end
    bool at_zero = true;      ///< the end is a zero that was found, or the start of the run
    bool turns = false;       ///< near zero at the end, and without a slope
  };
  class Walk;

  [[noreturn]] void refuse(std::size_t k, double g, double t) const;
  void evaluate(Stepper& stepper, double t, std::span<double> g);
  void allow_poles(Stepper& stepper, double t, std::span<const double> g);
  void evaluate_state(double t, std::span<const double> y, std::span<double> g);
  double value(Stepper& stepper, std::size_t k, double t);
  void remember(std::size_t k, const Sample& sample);
  double threshold(std::size_t k, const std::vector<Sample>& samples) const;
  std::vector<Sample> samples_of(Stepper& stepper, std::size_t k, const std::vector<Piece>& pieces);
  std::optional<double> crossing(Stepper& stepper, std::size_t k, Sample a, Sample b);
  Sample touch(Stepper& stepper, std::size_t k, double from, double to);

  std::vector<std::string> names_;
  Functions functions_;
  Options options_;
  PieceSampler sampler_;
  std::vector<double> before_, scratch_, y_;
  std::vector<EventSummary> summaries_;
  std::vector<Memory> memories_;
  double time_ = 0.0;
};

}  // namespace ansatz::time
