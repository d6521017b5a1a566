#include "engine/solvers/watched_events.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ansatz::solvers {
namespace {

/// Errors of a solution with error control may be this many times its tolerance; without, nothing is known of them.
constexpr double errors_of_step = 30.0, largest_tolerance = 1e-3, without_control = 1e-6;

time::EventFinder::Options options_of(const input::TimeSpec& spec) {
  const double tolerance =
      spec.adaptive() ? std::min(errors_of_step * *spec.relative_tolerance, largest_tolerance) : without_control;
  return {tolerance, spec.stops};
}

}  // namespace

WatchedEvents::WatchedEvents(std::vector<std::string> names, const input::TimeSpec& spec,
                             time::EventFinder::Functions functions, results::RunLog& log)
    : names_(std::move(names)),
      end_event_(spec.end_event),
      finder_(names_, std::move(functions), options_of(spec)),
      log_(log) {}

std::optional<time::Event> WatchedEvents::after_step(time::Stepper& stepper) {
  for (auto& event : finder_.after_step(stepper)) {
    say(event);
    ended_ = names_[event.function] == end_event_;
    if (ended_) return std::move(event);
  }
  return std::nullopt;
}

void WatchedEvents::say(const time::Event& event) const {
  const auto& name = names_[event.function];
  const std::string kind = event.touching ? "touching" : event.rising ? "rising" : "falling";
  log_.say(fmt::format("  event {} at t = {:.15g}, {}", name, event.time, kind));
  log_.event("event", {{"name", name}, {"time", event.time}, {"kind", kind}, {"rising", std::int64_t{event.rising}}});
}

void WatchedEvents::finish(time::Stepper& stepper, double from, double to) {
  if (!ended_) {
    for (const auto& event : finder_.finish(stepper)) say(event);
  }
  for (std::size_t k = 0; k < names_.size(); ++k) {
    const auto& g = finder_.summaries()[k];
    if (g.pole) {
      log_.warn(fmt::format("the event function {} goes through infinity near t = {:.9g}: that is not a zero",
                            names_[k], *g.pole));
    }
    if (g.zero_at_start)
      log_.say(fmt::format("  the event function {} is zero at the start, which is not an event", names_[k]));
    if (g.zeros > 0) continue;
    if (g.largest == 0.0) {
      log_.warn(fmt::format("the event function {} is zero all the time from t = {} to {}", names_[k], from, to));
    } else if (!g.zero_at_start) {
      log_.warn(fmt::format(
          "the event function {} never changed its sign from t = {} to {}, nor touched zero: the nearest was "
          "{:.3g} of its largest size, at t = {:.9g}",
          names_[k], from, to, g.nearest / g.largest, g.nearest_time));
    } else {
      log_.warn(fmt::format("the event function {} never changed its sign from t = {} to {} but at the start",
                            names_[k], from, to));
    }
  }
}

}  // namespace ansatz::solvers
