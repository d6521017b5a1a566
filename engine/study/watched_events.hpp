#pragma once
/// The events of a run: found, reported, and one of them may end it.

#include <optional>
#include <string>
#include <vector>

#include "engine/study/run_log.hpp"
#include "engine/time/events.hpp"

namespace ansatz::study {

/// Changes of sign of named functions along a run.
class WatchedEvents {
 public:
  /// \param end_event the name of the one that ends the run; empty: none \param functions as of EventFinder
  WatchedEvents(std::vector<std::string> names, std::string end_event, time::EventFinder::Functions functions, RunLog& log);

  /// As EventFinder::start(). *Collective.*
  void start(const time::Stepper& stepper) { finder_.start(stepper); }
  /// Reports the events of the step just taken. \returns the one that ends the run. *Collective.*
  /// \throws sdk::Error as EventFinder::after_step().
  std::optional<time::Event> after_step(time::Stepper& stepper);
  /// Warns of functions that have not changed their sign from one time to the other.
  void warn_of_none(double from, double to);
  void exchange(sdk::StateArchive& archive) { finder_.exchange(archive); }

 private:
  std::vector<std::string> names_;
  std::string end_event_;
  time::EventFinder finder_;
  RunLog& log_;
};

}  // namespace ansatz::study
