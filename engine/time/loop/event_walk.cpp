#include "engine/time/loop/event_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ansatz::time {
namespace {

constexpr double beside_others = 1e-3;  // a touch beside |g| since the zero before
constexpr double no_slope = 1.5;        // a zero of higher multiplicity has none
constexpr double followed = 1e-10;      // of the largest |g|: what tells a multiplicity
constexpr double far_above = 100.0;     // a value at the end

}  // namespace

EventFinder::Walk::Walk(EventFinder& finder, Stepper& stepper, std::size_t k, std::vector<Sample>& samples)
    : finder_(finder),
      stepper_(stepper),
      k_(k),
      samples_(samples),
      memory_(finder.memories_[k]),
      g_(finder.signal(stepper, k)),
      small_(finder.threshold(k, samples)) {}

std::vector<Event> EventFinder::Walk::run() {
  mark_noise();
  for (std::size_t i = 0; i < samples_.size(); ++i) step(i);
  at_end();
  finder_.summaries_[k_].zeros += static_cast<std::int64_t>(events_.size());
  return std::move(events_);
}

/// Values of one sign between zeros that are no more than round-off; not those that go on with the sign before the
/// step.
void EventFinder::Walk::mark_noise() {
  double before = memory_.sign;  // of the first values that have one
  for (std::size_t first = 0, end = 0; first < samples_.size(); first = end) {
    const double here = sign_of(samples_[first].value);
    while (end < samples_.size() && sign_of(samples_[end].value) == here) ++end;
    if (here == 0.0 || before == 0.0) {
      before = before == 0.0 ? here : before;
      continue;
    }
    const bool noise = (first > 0 || here != before) && is_noise(first, end);
    for (std::size_t i = first; i < end; ++i) samples_[i].noise = noise;
  }
}

bool EventFinder::Walk::is_noise(std::size_t first, std::size_t end) const {
  double peak = 0.0;
  for (std::size_t i = first; i < end; ++i) peak = std::max(peak, std::abs(samples_[i].value));
  if (peak > small_) return false;
  if (peak <= round_off()) return true;
  double from = samples_[first].time, to = samples_[end - 1].time;
  if (first > 0) from = crossing(g_, samples_[first - 1], samples_[first]).time;
  if (end < samples_.size()) to = crossing(g_, samples_[end - 1], samples_[end]).time;
  return !keeps_sign(g_, from, to, sign_of(samples_[first].value));
}

void EventFinder::Walk::step(std::size_t i) {
  const auto& sample = samples_[i];
  const double now = sign(sample);
  if (now == 0.0) {
    if (memory_.sign != 0.0 && !is_open_ && !memory_.at_zero) arrive(i);
  } else if (is_open_) {
    leave(now);
  } else if (memory_.sign != 0.0 && now != memory_.sign && !memory_.at_zero) {
    arrive(i);
    if (is_open_) leave(now);
  }
  if (now != 0.0) {
    memory_.sign = now;
    memory_.at_zero = false;
    if (sample.least) touch(sample);
  }
  memory_.largest = std::max(memory_.largest, std::abs(sample.value));
  memory_.at_start = memory_.at_start && memory_.largest <= small_;
}

/// At a zero, or a pole, between a sample and the one before.
void EventFinder::Walk::arrive(std::size_t i) {
  if (i == 0) return zero(samples_[0].time);
  const auto found = crossing(g_, samples_[i - 1], samples_[i]);
  if (!found.is_pole) return zero(found.time);
  finder_.summaries_[k_].pole = found.time;
  small_ = finder_.threshold(k_, samples_);
  memory_.largest = std::numeric_limits<double>::infinity();
}

/// A zero, or another part of the one before.
void EventFinder::Walk::zero(double t) {
  auto& summary = finder_.summaries_[k_];
  if (memory_.at_start) {
    summary.zero_at_start |= summary.zeros == 0;
  } else if (memory_.largest > round_off()) {
    events_.push_back({static_cast<int>(k_), t, false, false});
    from_sign_ = memory_.sign;
    is_open_ = true;
  } else if (!events_.empty()) {
    is_open_ = true;
  } else {
    memory_.at_zero = true;  // the one at the end of the step before
  }
  memory_.largest = 0.0;
}

void EventFinder::Walk::leave(double now) {
  set_kind(now == from_sign_);
  is_open_ = false;
}

void EventFinder::Walk::set_kind(bool touching) {
  events_.back().touching = touching;
  events_.back().rising = !touching && from_sign_ < 0.0;
}

/// A least |g| at which the sign stays, if it is near enough to zero.
void EventFinder::Walk::touch(const Sample& sample) {
  const double size = std::abs(sample.value);
  if (memory_.at_start || memory_.largest <= round_off() || size > beside_others * memory_.largest) return;
  if (size > small_ && !is_cusp(g_, sample, samples_.front().time, samples_.back().time)) return;
  events_.push_back({static_cast<int>(k_), sample.time, false, true});
  from_sign_ = memory_.sign;
  memory_.largest = 0.0;
}

/// A zero at the end is found now. Where g is no more than near zero, the next step says what comes of it, or finish().
void EventFinder::Walk::at_end() {
  const auto& last = samples_.back();
  const double begin = samples_.front().time, size = std::abs(last.value), scale = memory_.scale;
  const auto multiplicity_of = [&](double zero, double after) {
    return multiplicity(g_, zero, zero - after, std::max(followed * scale, far_above * size));
  };
  if (is_open_) {
    const double before = events_.size() > 1 ? events_[events_.size() - 2].time : begin;
    double after = finder_.sign_after(stepper_, k_);
    if (after == 0.0) {
      after = std::lround(multiplicity_of(events_.back().time, before)) % 2 == 0 ? from_sign_ : -from_sign_;
    }
    leave(after);
    memory_.sign = after;
    memory_.at_zero = true;
  }
  memory_.turns = false;
  if (sign(last) != 0.0 && !memory_.at_start && size <= beside_others * memory_.largest) {
    const double accumulated = round_off() + std::numeric_limits<double>::epsilon() * finder_.steps_ * scale;
    const double before = events_.empty() ? begin : events_.back().time;
    memory_.turns =
        size <= accumulated || (size <= small_ && before < last.time && multiplicity_of(last.time, before) >= no_slope);
  }
  memory_.before_end = samples_[samples_.size() - 2].value;
}

}  // namespace ansatz::time
