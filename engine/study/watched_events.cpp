#include "engine/study/watched_events.hpp"

#include <fmt/format.h>

namespace ansatz::study {

WatchedEvents::WatchedEvents(std::vector<std::string> names, std::string end_event, time::EventFinder::Functions functions,
                             RunLog& log)
    : names_(std::move(names)),
      end_event_(std::move(end_event)),
      finder_(static_cast<int>(names_.size()), std::move(functions)),
      log_(log) {}

std::optional<time::Event> WatchedEvents::after_step(time::Stepper& stepper) {
  for (auto& event : finder_.after_step(stepper)) {
    const auto& name = names_[event.function];
    log_.say(fmt::format("  event {} at t = {:.15g}, {}", name, event.time, event.rising ? "rising" : "falling"));
    log_.event("event", {{"name", name}, {"time", event.time}, {"rising", std::int64_t{event.rising}}});
    if (name == end_event_) return std::move(event);
  }
  return std::nullopt;
}

void WatchedEvents::warn_of_none(double from, double to) {
  for (std::size_t k = 0; k < names_.size(); ++k) {
    if (finder_.counts()[k] > 0) continue;
    log_.warn(fmt::format("the event function {} never changed its sign from t = {} to {}", names_[k], from, to));
  }
}

}  // namespace ansatz::study
