/// The state of a Stepper: rates at the ends of steps, the solution within them, what a checkpoint holds.
#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/error.hpp"
#include "engine/time/loop/dense_rate.hpp"
#include "engine/time/loop/same_time.hpp"
#include "engine/time/loop/stepper.hpp"

namespace ansatz::time {
namespace {

constexpr double almost = 1e-12;  // of the step: times this close to its ends are in it

}  // namespace

std::span<const double> Stepper::rate() {
  if (!has_rate_) {
    rate_.resize(y_.size());
    const bool known = (at_stop_ && find_rate_after_stop()) || method_->end_rate(rate_);
    if (!known) system_.rate(time_, y_, sdk::Part::all, rate_);
    has_rate_ = true;
  }
  return rate_;
}

/// \returns false where there is none: not every mass can be solved with. *Collective.*
bool Stepper::find_rate_after_stop() {
  if (system_.traits().algebraic) return false;
  try {
    system_.rate(time_, y_, sdk::Part::all, rate_);
    return true;
  } catch (const sdk::Error& e) {
    if (e.kind() != sdk::ErrorKind::solver && e.kind() != sdk::ErrorKind::not_finite) throw;
    return false;
  }
}

/// y' at the end of the last step, at a stop that before it.
std::span<const double> Stepper::end_rate() {
  if (!at_stop_) return rate();
  if (has_end_rate_) return end_rate_;
  end_rate_.resize(y_.size());
  has_end_rate_ = true;
  if (method_->end_rate(end_rate_)) return end_rate_;
  auto before = before_stop_;
  system_.look_before(time_);
  system_.forget();
  system_.prescribe(time_, before);
  system_.rate(time_, before, sdk::Part::all, end_rate_);
  system_.look_before(never);
  system_.forget();
  return end_rate_;
}

void Stepper::interpolate(double t, std::span<double> out) {
  const double h = time_ - old_time_, theta = (t - old_time_) / h;
  if (!(theta >= -almost && theta <= 1.0 + almost)) {
    throw sdk::Error(sdk::ErrorKind::internal,
                     fmt::format("t = {} is not in the last step, [{}, {}]", t, old_time_, time_),
                     "Stepper::interpolate");
  }
  if (theta == 1.0) return (void)std::ranges::copy(y_, out.begin());
  if (method_->interpolate(theta, out)) return system_.prescribe(t, out);
  const auto end = end_rate();
  const auto& last = at_stop_ ? before_stop_ : y_;
  if (!has_old_rate_ && system_.traits().algebraic) {
    // Rates of the start are not known where some unknowns have none: the parabola through both ends.
    const double s = theta - 1.0;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = last[i] + s * h * end[i] + s * s * (old_[i] - last[i] + h * end[i]);
    return system_.prescribe(t, out);
  }
  if (!has_old_rate_) {
    old_rate_.resize(y_.size());
    system_.rate(old_time_, old_, sdk::Part::all, old_rate_);
    has_old_rate_ = true;
  }
  Cubic{old_, old_rate_, last, end, h}.at(theta, out);
  system_.prescribe(t, out);
}

void Stepper::set_state(double t, std::span<const double> y) {
  time_ = old_time_ = origin_ = t;
  fixed_steps_ = 0;
  std::ranges::copy(y, y_.begin());
  system_.look_before(never);
  system_.prescribe(t, y_);
  has_rate_ = has_old_rate_ = has_end_rate_ = at_stop_ = false;
  is_first_ = true;
  accepted_h_ = 0.0;
  method_->restart();
}

void Stepper::exchange(sdk::StateArchive& archive) {
  archive.number("time", time_);
  archive.number("old_time", old_time_);
  archive.number("next_step", next_);
  archive.number("origin", origin_);
  archive.number("accepted_step", accepted_h_);
  archive.number("accepted_error", accepted_error_);
  archive.integer("fixed_steps", fixed_steps_);
  archive.unknowns("state", y_);
  archive.unknowns("old_state", old_);
  archive.integer("accepted_steps", work_.accepted);
  archive.integer("rejected_attempts", work_.rejected);
  archive.integer("failed_attempts", work_.failed);
  archive.integer("iterations", work_.iterations);
  archive.integer("linear_iterations", work_.linear_iterations);
  std::int64_t place = (at_stop_ ? 1 : 0) + (is_first_ ? 2 : 0);
  archive.integer("place_among_stops", place);
  at_stop_ = place % 2 != 0;
  is_first_ = place / 2 != 0;
  // The solution within the next step begins with the rate that was found here.
  std::int64_t has_rate = has_rate_ ? 1 : 0;
  archive.integer("has_state_rate", has_rate);
  rate_.resize(y_.size());
  archive.unknowns("state_rate", rate_);
  if (archive.loading()) {
    has_rate_ = has_rate != 0;
    has_old_rate_ = has_end_rate_ = false;
    before_stop_ = y_;
  }
  method_->exchange(archive);
  if (control_) control_->exchange(archive);
  system_.exchange(archive);
  if (archive.loading()) arrive_at_stop();
}

/// A run may end at a time that the one which goes on from there cannot tell from a stop behind it.
void Stepper::arrive_at_stop() {
  for (const auto* stops : {&stops_, &jumps_}) {
    const auto next = std::ranges::upper_bound(*stops, time_, {}, &Stop::last);
    if (next == stops->end() || next->first - time_ > round_off(time_)) continue;
    time_ = origin_ = next->last;
    fixed_steps_ = 0;
    at_stop_ = true;
    pass_stop();
  }
}

}  // namespace ansatz::time
