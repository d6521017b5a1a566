#include "engine/time/loop/stepper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::time {
namespace {

constexpr double almost = 1e-12;     // steps that end this close to a stop, relative, end at it
constexpr double first_part = 1e-4;  // of the time to the end: first step where rates at the start are not known
constexpr double rest_part = 0.01;   // of the integration: steps without error grow to this at most
constexpr double no_error = 1e-10;   // of the tolerance: tells nothing about longer steps
constexpr double unexpected = 8.0;   // of the error that the step before lets expect: f may jump
constexpr double of_jumps = 32.0;    // an estimate is taken times this where it is that of a jump
constexpr int most_doubts = 3;       // of a step
constexpr int first_rejections =
    30;  // of a step whose length nothing has told so far: after starts, where stiff, at jumps
constexpr std::size_t reported_errors = 5;
const Tolerances without_control{1e-10, {1e-12}};  // what nonlinear solves of fixed steps are held to
constexpr double loose_tolerance = 1e-3;           // relative: methods take so few steps that errors hardly add up

/// What the error of one step may be so that those of all steps, N ~ (relative tolerance)^(-1/(p+1)), are within the
/// tolerances. A method of order p whose estimate is that of a lower order keeps a solution that is better by as much.
/// The others get tolerances times (relative tolerance)^(1/p) (Soederlind and Wang, J. Comput. Appl. Math. 185, 2006),
/// but not where unknowns have no rate and R(inf) is not 0: their errors in a step are O(h^2), do not add up, and are
/// in the estimate wherever the step changes. Held to the smaller tolerances, steps would go with h^2 as these, for
/// nothing.
Tolerances of_steps(Tolerances tolerances, const sdk::TimeMethodInfo& info, const sdk::TimeTraits& traits) {
  const bool keeps_errors = traits.algebraic && info.r_infinity > 0.0;
  if (info.embedded_order < info.order || keeps_errors || !(tolerances.relative > 0.0)) return tolerances;
  const double share = std::pow(std::min(1.0, tolerances.relative / loose_tolerance), 1.0 / info.order);
  tolerances.relative *= share;
  for (double& absolute : tolerances.absolute) absolute *= share;
  return tolerances;
}

bool is_explicit(const sdk::TimeMethodInfo& info) { return std::isnan(info.r_infinity) && !info.needs_jacobian; }

}  // namespace

Stepper::Stepper(sdk::TimeSystem& system, std::unique_ptr<sdk::TimeMethod> method, double start, std::vector<double> y0,
                 Tolerances tolerances, std::unique_ptr<StepControl> control, StepperOptions options)
    : Stepper(system, std::move(method), start, std::move(y0), std::move(options)) {
  if (method_->info().embedded_order == 0) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the method " + method_->info().name + " has no error estimate", {},
                     "give a fixed step, or choose a method with an embedded order, such as dormand_prince54");
  }
  norm_.emplace(system_, of_steps(std::move(tolerances), method_->info(), system_.traits()));
  control_ = std::move(control);
  error_.resize(y_.size());
}

Stepper::Stepper(sdk::TimeSystem& system, std::unique_ptr<sdk::TimeMethod> method, double start, std::vector<double> y0,
                 StepperOptions options)
    : system_(system),
      method_(std::move(method)),
      options_(std::move(options)),
      time_(start),
      old_time_(start),
      origin_(start),
      y_(std::move(y0)),
      old_(y_),
      new_(y_.size()) {
  norm_.emplace(system_, without_control);
  system_.look_before(never);
  system_.prescribe(start, y_);
  method_->restart();
  std::ranges::sort(options_.marks);
  stops_ = told_apart(options_.stops);
  jumps_ = told_apart(options_.jumps);
}

std::vector<Stepper::Stop> Stepper::told_apart(std::vector<double> times) {
  std::ranges::sort(times);
  std::vector<Stop> groups;
  for (const double time : times) {
    if (groups.empty() || time - groups.back().last > round_off(time)) groups.push_back({time, time});
    groups.back().last = time;
  }
  return groups;
}

/// The next mark or stop, or else the end; from now on the system sees times before the next stop only.
Stepper::Target Stepper::target_within(double stop) {
  const auto next = std::ranges::upper_bound(stops_, time_, {}, &Stop::last);
  system_.look_before(next == stops_.end() ? never : next->first);
  Target target{stop, stop};
  if (next != stops_.end() && next->first <= stop) {
    target = {next->first, stop - next->last <= round_off(stop) ? stop : next->last, true};
  }
  const auto mark = std::ranges::upper_bound(options_.marks, time_ + round_off(time_));
  if (mark != options_.marks.end() && *mark < target.time - round_off(target.time))
    target = {*mark, *mark, false, true};
  return target;
}

/// After a stop.
void Stepper::start_anew() {
  at_stop_ = has_end_rate_ = false;
  is_first_ = true;
  accepted_h_ = 0.0;
  if (system_.traits().algebraic) has_rate_ = false;  // it is that before the stop
  method_->restart();
}

void Stepper::begin(double stop) {
  if (options_.first_step > 0.0) {
    next_ = options_.first_step;
    return;
  }
  next_ = first_part * (stop - time_);
  if (system_.traits().algebraic || !knows_start_rate()) return;
  const auto f0 = rate();
  method_->start_rate(f0);
  const auto size = [&](std::span<const double> x) { return (*norm_)(x, y_, y_); };
  // The order of the first step: methods of variable order start low.
  const int order = method_->info().order - method_->info().embedded_order + method_->estimate_order();
  next_ = starting_step(y_, f0, size, order, stop - time_, [&](double h, std::span<double> y, std::span<double> out) {
    try {
      system_.prescribe(time_ + h, y);
      system_.rate(time_ + h, y, sdk::Part::all, out);
    } catch (const sdk::Error& e) {
      if (e.kind() != sdk::ErrorKind::solver && e.kind() != sdk::ErrorKind::not_finite) throw;
      std::ranges::fill(out, std::numeric_limits<double>::quiet_NaN());
    }
  });
}

/// \returns false where it is not finite, and the method does not need it. *Collective.*
bool Stepper::knows_start_rate() {
  try {
    bool any = false;
    first_not_finite(rate(), any);
    if (!any) return true;
    throw sdk::Error(sdk::ErrorKind::not_finite,
                     fmt::format("the right-hand side is not finite at the start, t = {}", time_), {},
                     "choose a method that does not evaluate it there, for example bdf or sdirk4");
  } catch (const sdk::Error& e) {
    const bool may_be_left_out = e.kind() == sdk::ErrorKind::solver || e.kind() == sdk::ErrorKind::not_finite;
    if (!may_be_left_out || method_->info().needs_mass_solves) throw;
    has_rate_ = false;
    return false;
  }
}

/// \returns the first one on this rank
/// \param any of any rank. *Collective.*
std::optional<std::size_t> Stepper::first_not_finite(std::span<const double> y, bool& any) {
  const auto found = std::ranges::find_if(y, [](double v) { return !std::isfinite(v); });
  any = system_.max(found == y.end() ? 0.0 : 1.0) > 0.0;
  return found == y.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - y.begin()));
}

/// Where f jumps within a step, the estimate is not that of the step before at this length, and falls as h with shorter
/// attempts, not as h^q. It is that of another error, and may be as little as 1/170 of it (dormand_prince54, f that
/// jumps after its second stage). So it is with embedded solutions, whose weights may cancel; not with estimates of the
/// order of the method and above, which compare the end of the step with what came before. \returns what the error
/// counts as
double Stepper::doubted(Attempts& attempts, double h, double error) const {
  if (method_->info().embedded_order >= method_->info().order) return error;
  const int q = method_->estimate_order() + 1;
  if (attempts.h == 0.0) {
    attempts.sees_jump = accepted_h_ > 0.0 && error > unexpected * accepted_error_ * std::pow(h / accepted_h_, q);
  } else if (h < attempts.h && error > 0.0 && attempts.error > 0.0) {
    const double observed = std::log(attempts.error / error) / std::log(attempts.h / h);
    attempts.fell_as_h |= observed < 0.5 * (1.0 + q);
    attempts.sees_jump = attempts.fell_as_h;
  }
  attempts.h = h;
  attempts.error = error;
  if (!attempts.sees_jump || (error <= 1.0 && attempts.doubts == most_doubts)) return error;
  if (error <= 1.0 && of_jumps * error > 1.0) ++attempts.doubts;
  return of_jumps * error;
}

/// An attempt whose error is looked at.
/// \param why it was not solved
StepFacts Stepper::attempt(double h, double stop, Attempts& attempts, std::string& why) {
  StepFacts facts{.step = h, .time = time_, .stop = stop, .method = method_.get()};
  try {
    method_->attempt(time_, h, y_, *norm_, new_, error_);
    bool any = false;
    first_not_finite(new_, any);
    if (any) throw sdk::Error(sdk::ErrorKind::not_finite, "the new state is not finite");
    facts.error = doubted(attempts, h, (*norm_)(error_, y_, new_));
  } catch (const sdk::Error& e) {
    if (e.kind() != sdk::ErrorKind::solver && e.kind() != sdk::ErrorKind::not_finite) throw;
    why = e.what();
    facts.solved = false;
    facts.error = std::numeric_limits<double>::quiet_NaN();
  }
  facts.accepted = facts.solved && facts.error <= 1.0;
  remember_error(h, facts.error);
  count_iterations();
  return facts;
}

/// An attempt of the wanted length, within the limit at this time and not beyond the target. What is left before a mark
/// is taken in two equal steps where one is not enough: a method that looks back must not meet a step that is short by
/// chance.
Stepper::Length Stepper::length_of(double wanted, const Target& target, double least) const {
  Length length{wanted};
  if (options_.max_step) {
    const double most = options_.max_step(time_);
    if (!(most > 0.0)) {
      throw sdk::Error(sdk::ErrorKind::parameter, fmt::format("the longest step at t = {} is {}", time_, most), {},
                       "it must be positive at all times");
    }
    length.h = std::min(length.h, most);
  }
  const double left = target.time - time_;
  if (length.h < left * (1.0 - almost) && left - length.h > round_off(target.time)) {
    if (!target.is_mark || 2.0 * length.h <= left || 0.5 * left < least) return length;
    length.uncut = length.h;
    length.h = 0.5 * left;
    return length;
  }
  length.at_target = true;
  if (length.h > left) length.uncut = length.h;
  length.h = left;
  return length;
}

Step Stepper::advance(double stop) {
  if (!(stop > time_))
    throw sdk::Error(sdk::ErrorKind::internal, fmt::format("from {} to {} is not a step", time_, stop), "Stepper");
  if (at_stop_) start_anew();
  if (!control_) return advance_fixed(stop);
  const auto target = target_within(stop);
  if (next_ == 0.0) {
    begin(stop);
    next_ = std::max(next_, 4.0 * round_off(time_));  // far from the origin of time
  }
  const double least = std::max(options_.min_step, round_off(time_));
  Step step;
  Attempts attempts;
  for (double wanted = next_;;) {
    const auto [h, at_target, uncut] = length_of(wanted, target, least);
    if (!(h >= least) && !at_target) fail(h, fmt::format("the step is shorter than {:.3g}", least), {});
    if (h != wanted) control_->stretched(h / wanted);
    std::string why;
    auto facts = attempt(h, stop, attempts, why);
    if (!facts.accepted) {
      facts.q = method_->estimate_order() + 1;
      const auto decision = control_->after(facts);
      ++(facts.solved ? work_.rejected : work_.failed);
      ++step.rejections;
      // What stiff unknowns are off at the start is in the estimate until steps are as short as their time scale.
      const bool may_be_off = facts.solved && !is_explicit(method_->info());
      const bool goes_on = (is_first_ || may_be_off || attempts.sees_jump) && step.rejections < first_rejections;
      if (decision.failed && !goes_on) fail(h, fmt::format("{} attempts were rejected", step.rejections), why);
      wanted = h * decision.factor;
      continue;
    }
    finish(at_target ? target.next : time_ + h, at_target && target.is_stop);
    accepted_h_ = h;
    accepted_error_ = attempts.error;
    step.error = facts.error;
    facts.q = method_->estimate_order() + 1;
    facts.error = method_->error_for_next(facts.error);
    next_ = h * control_->after(facts).factor;
    // A step that a stop cut short says little about the next one.
    if (uncut > next_ && step.rejections == 0) scale_next_step(uncut / next_);
    // At rest no estimate sees what begins within a step after its last stage, and others see it by chance.
    const double most = std::max({h, target.is_mark ? uncut : 0.0, rest_part * (stop - origin_)});
    if (step.error <= no_error && next_ > most) scale_next_step(most / next_);
    step.time = time_;
    step.length = h;
    step.work = method_->work();
    return step;
  }
}

void Stepper::scale_next_step(double factor) {
  control_->stretched(factor);
  next_ *= factor;
}

/// Length of the next fixed step. \throws sdk::Error of kind case_file where the method cannot take a shorter one.
double Stepper::fixed_length(const Target& target, bool& at_target) const {
  const double h = options_.fixed_step, left = target.time - time_;
  if (!(h > 0.0)) throw sdk::Error(sdk::ErrorKind::internal, "steps without error control need a length", "Stepper");
  const double slack = nearly_whole * std::max(h, target.time - origin_) + round_off(target.time);
  at_target = left <= h + slack;
  if (!at_target) return h;
  if (left < h - slack && method_->info().equal_steps && !is_first_) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("{} needs steps of equal length, but from t = {} to {} is less than one of {}",
                                 method_->info().name, time_, target.time, h),
                     {}, "choose an end, stops and output times that are whole numbers of steps apart");
  }
  return left;
}

/// \throws sdk::Error of kind not_finite where the new state is not.
void Stepper::attempt_fixed(double h) {
  const auto& info = method_->info();
  const auto step =
      fmt::format("step {} of {}, from t = {:.9g} to {:.9g}", work_.accepted + 1, info.name, time_, time_ + h);
  const auto hint = fmt::format("the step of {:.6g} may be too long{}: take a shorter one, or give tolerances instead",
                                h, is_explicit(info) ? " for an explicit method" : "");
  try {
    method_->attempt(time_, h, y_, *norm_, new_, {});
  } catch (const sdk::Error& e) {
    if (e.kind() != sdk::ErrorKind::solver && e.kind() != sdk::ErrorKind::not_finite) throw;
    throw sdk::Error(e.kind(), step + ": " + e.what(), e.where(),
                     e.hint().empty() || is_explicit(info) ? hint : e.hint());
  }
  bool any = false;
  const auto where = first_not_finite(new_, any);
  if (!any) return;
  const auto name = options_.name_of ? options_.name_of(where) : std::string();
  throw sdk::Error(sdk::ErrorKind::not_finite,
                   step + ": the new state is not finite" + (name.empty() ? "" : ", first in " + name), {}, hint);
}

/// The jump that a fixed step up to t ends at, or none.
const Stepper::Stop* Stepper::jump_at(double t) const {
  const double slack = nearly_whole * std::max(options_.fixed_step, t - origin_) + round_off(t);
  const auto next = std::ranges::lower_bound(jumps_, t - slack, {}, &Stop::last);
  return next != jumps_.end() && next->first <= t + slack && next->first > time_ ? &*next : nullptr;
}

Step Stepper::advance_fixed(double stop) {
  const auto target = target_within(stop);
  bool at_target = false;
  double h = fixed_length(target, at_target);
  // From the origin, so that round-off of the time does not add up.
  double end = at_target ? target.next : origin_ + static_cast<double>(fixed_steps_ + 1) * options_.fixed_step;
  bool at_stop = at_target && target.is_stop;
  if (const auto* jump = jump_at(end)) {
    system_.look_before(at_stop ? std::min(target.time, jump->first) : jump->first);
    h = jump->first - time_;
    end = stop - jump->last <= round_off(stop) ? stop : std::max(end, jump->last);
    at_target = at_stop = true;
  }
  attempt_fixed(h);
  count_iterations();
  finish(end, at_stop);
  if (at_target) {
    origin_ = time_;
    fixed_steps_ = 0;
  } else {
    ++fixed_steps_;
  }
  return {time_, h, 0.0, 0, method_->work()};
}

void Stepper::count_iterations() {
  work_.iterations += method_->work().iterations;
  work_.linear_iterations += method_->work().linear_iterations;
}

void Stepper::finish(double t, bool at_stop) {
  ++work_.accepted;
  std::swap(y_, old_);
  std::swap(y_, new_);
  old_time_ = time_;
  time_ = t;
  has_old_rate_ = has_rate_;
  std::swap(rate_, old_rate_);
  has_rate_ = is_first_ = false;
  const auto& remark = method_->work().remark;
  if (options_.say && !remark.empty() && std::ranges::count(said_, remark) == 0) {
    options_.say(fmt::format("{}, first at t = {:.6g} s", remark, old_time_));
    said_.push_back(remark);
  }
  method_->accept();
  at_stop_ = at_stop;
  if (at_stop) pass_stop();
}

/// What jumps at the time is seen from now on.
void Stepper::pass_stop() {
  before_stop_ = y_;
  system_.look_before(never);
  system_.forget();
  system_.prescribe(time_, y_);
  if (!options_.after_stop) return;
  rate_ = options_.after_stop(time_, y_);
  has_rate_ = system_.max(static_cast<double>(rate_.size())) > 0.0;
}

void Stepper::remember_error(double h, double error) {
  last_errors_.emplace_back(h, error);
  if (last_errors_.size() > reported_errors) last_errors_.erase(last_errors_.begin());
}

void Stepper::fail(double h, const std::string& why, const std::string& detail) {
  std::optional<std::size_t> worst;
  double largest = -1.0;
  for (std::size_t i = 0; i < error_.size(); ++i) {
    double e = std::abs(norm_->component(i, error_[i], y_[i], new_[i]));
    if (!std::isfinite(e)) e = std::numeric_limits<double>::infinity();
    if (e > largest) {
      largest = e;
      worst = i;
    }
  }
  const double over_all = system_.max(largest);
  if (largest < over_all) worst.reset();
  std::string text;
  if (options_.name_of) {
    text = fmt::format("{} has the largest error, {:.3g} of its tolerance", options_.name_of(worst), over_all);
  } else if (worst) {
    text = fmt::format("unknown {} has the largest error, {:.3g} of its tolerance", *worst, over_all);
  }
  text += "; last attempts (step: error):";
  for (const auto& [step, error] : last_errors_) text += fmt::format(" {:.3g}: {:.3g}", step, error);
  if (method_->work().iterations > 0) {
    text += fmt::format("; last nonlinear solve: {} iterations, contraction {:.2g}", method_->work().iterations,
                        method_->work().contraction);
  }
  if (!detail.empty()) text += "; " + detail;
  // Steps after a stop begin anew.
  const auto next = std::ranges::lower_bound(stops_, time_ - round_off(time_), {}, &Stop::last);
  const bool is_stop = next != stops_.end() && next->first - time_ <= round_off(time_);
  const std::string hint =
      is_stop ? "the problem may be singular at this stop: loosen the tolerances"
              : "the problem may jump or be singular there: add the time of a jump to stops, loosen the tolerances";
  throw sdk::Error(sdk::ErrorKind::solver,
                   fmt::format("{} cannot go on at t = {:.17g}, step {:.3g}: {}", method_->info().name, time_, h, why),
                   text,
                   hint + (is_explicit(method_->info()) ? ", or choose an implicit method where it is stiff"
                                                        : ", or take fixed steps"));
}

}  // namespace ansatz::time
