#pragma once
/// The events of a run: found, reported, and one of them may end it.

#include <optional>
#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/results/run_log.hpp"
#include "engine/time/loop/events.hpp"

namespace ansatz::solvers {

/// Zeros of named functions along a run.
class WatchedEvents {
 public:
  /// \param spec tolerances, stops and the event that ends the run
  /// \param functions as of EventFinder
  WatchedEvents(std::vector<std::string> names, const input::TimeSpec& spec, time::EventFinder::Functions functions,
                results::RunLog& log);

  /// As EventFinder::start(). *Collective.*
  void start(time::Stepper& stepper) { finder_.start(stepper); }
  /// Reports the events of the step just taken. \returns the one that ends the run. *Collective.*
  /// \throws sdk::Error as EventFinder::after_step().
  std::optional<time::Event> after_step(time::Stepper& stepper);
  /// After the last step: reports events at its end, which functions had no zero from one time to the other, how close
  /// they came, and what is no zero.
  void finish(time::Stepper& stepper, double from, double to);
  void exchange(sdk::StateArchive& archive) { finder_.exchange(archive); }

 private:
  void say(const time::Event& event) const;

  std::vector<std::string> names_;
  std::string end_event_;
  bool ended_ = false;  ///< the run, by that event
  time::EventFinder finder_;
  results::RunLog& log_;
};

}  // namespace ansatz::solvers
