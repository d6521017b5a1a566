#include "engine/time/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

EventFinder::EventFinder(int count, Functions functions)
    : functions_(std::move(functions)), before_(count), now_(count), scratch_(count), counts_(count, 0) {}

void EventFinder::start(const Stepper& stepper) {
  time_ = stepper.time();
  functions_(time_, stepper.state(), before_);
}

std::vector<Event> EventFinder::after_step(Stepper& stepper) {
  functions_(stepper.time(), stepper.state(), now_);
  std::vector<Event> events;
  for (std::size_t k = 0; k < now_.size(); ++k) {
    if (!std::isfinite(now_[k])) {
      throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("event function {} is {} at t = {}", k, now_[k], stepper.time()));
    }
    // A zero at the very end belongs to this step, one at its start to the step before.
    const bool changed = (before_[k] < 0.0 && now_[k] >= 0.0) || (before_[k] > 0.0 && now_[k] <= 0.0);
    if (!changed) continue;
    ++counts_[k];
    events.push_back(locate(stepper, static_cast<int>(k), time_, stepper.time(), before_[k], now_[k]));
  }
  std::ranges::stable_sort(events, {}, &Event::time);
  std::swap(before_, now_);
  time_ = stepper.time();
  return events;
}

/// The Illinois method: secants, with the weight of an end that stays halved.
Event EventFinder::locate(Stepper& stepper, int k, double from, double to, double g_from, double g_to) {
  const bool rising = g_from < 0.0;
  std::vector<double> y(stepper.state().begin(), stepper.state().end());
  double a = from, b = to, ga = g_from, gb = g_to;
  const double small = 4.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(from), std::abs(to));
  int kept = 0;  // -1: a stayed, 1: b stayed
  for (int i = 0; i < 100 && std::abs(b - a) > small && gb != 0.0; ++i) {
    double t = b - gb * (b - a) / (gb - ga);
    if (!(t > a && t < b)) t = 0.5 * (a + b);
    stepper.interpolate(t, y);
    functions_(t, y, scratch_);
    const double g = scratch_[k];
    if ((g < 0.0) == (ga < 0.0) && g != 0.0) {
      a = t;
      ga = g;
      if (kept == 1) gb *= 0.5;
      kept = 1;
    } else {
      b = t;
      gb = g;
      if (kept == -1) ga *= 0.5;
      kept = -1;
    }
  }
  stepper.interpolate(b, y);
  return {k, b, rising, std::move(y)};
}

void EventFinder::exchange(sdk::StateArchive& archive) {
  std::vector<double> counts(counts_.begin(), counts_.end());
  archive.numbers("event_counts", counts);
  archive.numbers("event_values", before_);
  archive.number("event_time", time_);
  for (std::size_t k = 0; k < counts_.size() && k < counts.size(); ++k) counts_[k] = static_cast<std::int64_t>(counts[k]);
}

}  // namespace ansatz::time
