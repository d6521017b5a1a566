#pragma once
/// Zeros of functions along a solution.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/time/loop/pieces.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/loop/zero_search.hpp"

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
  bool zero_at_start = false;                ///< which is not an event
  double largest = 0.0;                      ///< |g| of the samples
  double nearest = 0.0, nearest_time = 0.0;  ///< least |g| of the samples, and where
  std::optional<double> pole = {};           ///< last change of sign through infinity, which is not an event
};

/// Finds the zeros of g_k(t, y) within each step, by the dense output: changes of sign, also by jumps, and touches,
/// where g comes to zero and turns back. Functions are sampled by PieceSampler, so that zeros between the ends of a
/// step are seen, and what comes near zero without a change of sign is followed down to its least |g|, or to the other
/// sign.
///
/// Changes of sign come first: all are events but those between which g is no more than round-off, of 8 epsilon of its
/// size or with fewer values than a function has; what is left between zeros of that size is one zero, which changes
/// the sign or touches as the signs before and after it say. A least |g| without a change of sign is a touch if it is
/// at most a thousandth of what |g| has been since the zero before, and either at most `tolerance` times the largest
/// |g| so far and a thousandth of the largest one in this step, or less than |g| within round-off of time beside it
/// (cusps).
///
/// A zero at the very end of a step is told by the signs before it and after it, for which the state goes on with its
/// rate, and where that tells nothing by its multiplicity. Where g becomes zero for a while, the beginning is the
/// event. A zero at the very start is none. Neither is a pole. Single times within steps at which a function is not
/// finite are skipped.
class EventFinder {
 public:
  using Functions = std::function<void(double t, std::span<const double> y, std::span<double> g)>;
  struct Options {
    double tolerance = 1e-6;         ///< of touches
    std::vector<double> stops = {};  ///< ends of steps at which functions may jump: these are seen from both sides
  };

  /// \param names of the functions, for errors
  /// \param functions the same values on all ranks
  EventFinder(std::vector<std::string> names, Functions functions, Options options);

  /// Before the first step, and after the state was changed from outside. *Collective.*
  void start(Stepper& stepper);
  /// Events of the step just taken, in the order of their times, which are exact to round-off for the dense output.
  /// *Collective.* \throws sdk::Error of kind not_finite where a function is not finite for a while within the step, or
  /// is not a number at its end.
  std::vector<Event> after_step(Stepper& stepper);
  /// After the last step: zeros at its end to round-off of the steps so far, and touches, where a step that followed
  /// would tell them from zeros just behind it. *Collective.*
  std::vector<Event> finish(Stepper& stepper);

  const std::vector<EventSummary>& summaries() const { return summaries_; }
  void exchange(sdk::StateArchive& archive);

 private:
  struct Sample : SignalSample {
    bool open = false;   ///< of a piece that is not resolved
    bool least = false;  ///< where |g| was followed to without a change of sign
    bool noise = false;  ///< no more than round-off beside zeros
  };
  /// What one step leaves to the next one.
  struct Memory {
    double sign = 0.0;        ///< before the next zero; 0: none so far
    double before_end = 0.0;  ///< value at the last sample before the end
    double largest = 0.0;     ///< |g| since the last zero, or since the start
    bool at_start = true;     ///< g has been near zero since the start of the run
    bool at_zero = false;     ///< the end is a zero that was found
    double scale = 0.0;       ///< |g| at ends of steps and at one place between them: poles are seldom there
    bool turns = false;       ///< near zero at the end, and without a slope or zero to round-off
  };
  class Walk;

  [[noreturn]] void refuse(std::size_t k, double g, double t) const;
  void evaluate(Stepper& stepper, double t, std::span<double> g);
  void skip_single_times(Stepper& stepper, double t, std::span<double> g);
  void mark_pole_at_end(Stepper& stepper, std::size_t k, double t, double& value);
  std::optional<double> finite_beside(Stepper& stepper, std::size_t k, double t, double side);
  void evaluate_state(double t, std::span<const double> y, std::span<double> g);
  Signal signal(Stepper& stepper, std::size_t k);
  double sign_after(Stepper& stepper, std::size_t k);
  double round_off(std::size_t k) const;
  void see_size(std::size_t k, double value);
  void remember(std::size_t k, const Sample& sample);
  double usual_size(std::size_t k) const;
  double threshold(std::size_t k, const std::vector<Sample>& samples) const;
  std::vector<Sample> samples_of(Stepper& stepper, std::size_t k, const std::vector<Piece>& pieces);
  void follow_down(Stepper& stepper, std::size_t k, std::vector<Sample>& samples);

  std::vector<std::string> names_;
  Functions functions_;
  Options options_;
  PieceSampler sampler_;
  std::vector<double> before_, scratch_, y_;
  std::vector<EventSummary> summaries_;
  std::vector<Memory> memories_;
  double time_ = 0.0;
  double steps_ = 0.0;  ///< taken
};

}  // namespace ansatz::time
