#include "engine/time/stepper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {
namespace {

constexpr double least_step = 16.0 * std::numeric_limits<double>::epsilon();  // beside the time
constexpr double almost = 1e-12;  // steps that end this close to a stop, relative, end at it
constexpr std::size_t reported_errors = 5;
const Tolerances without_control{1e-10, {1e-12}};  // what nonlinear solves of fixed steps are held to
constexpr double loose_tolerance = 1e-3;  // relative: methods take so few steps that errors hardly add up

/// What the error of one step may be so that those of all steps, N ~ (relative tolerance)^(-1/(p+1)), are within the
/// tolerances. A method of order p whose estimate is that of a lower order keeps a solution that is better by as much.
/// The others get tolerances times (relative tolerance)^(1/p) (Soederlind and Wang, J. Comput. Appl. Math. 185, 2006).
Tolerances of_steps(Tolerances tolerances, const sdk::TimeMethodInfo& info) {
  if (info.embedded_order < info.order || !(tolerances.relative > 0.0)) return tolerances;
  const double share = std::pow(std::min(1.0, tolerances.relative / loose_tolerance), 1.0 / info.order);
  tolerances.relative *= share;
  for (double& absolute : tolerances.absolute) absolute *= share;
  return tolerances;
}

}  // namespace

Stepper::Stepper(sdk::TimeSystem& system, std::unique_ptr<sdk::TimeMethod> method, double start, std::vector<double> y0,
                 Tolerances tolerances, std::unique_ptr<StepControl> control, StepperOptions options)
    : Stepper(system, std::move(method), start, std::move(y0), std::move(options)) {
  if (method_->info().embedded_order == 0) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the method " + method_->info().name + " has no error estimate", {},
                     "give a fixed step, or choose a method with an embedded order, such as dormand_prince54");
  }
  norm_.emplace(system_, of_steps(std::move(tolerances), method_->info()));
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
  system_.prescribe(start, y_);
  method_->restart();
  std::ranges::sort(options_.stops);
}

double Stepper::next_stop(double stop) const {
  const auto next = std::ranges::upper_bound(options_.stops, time_ + almost * std::abs(time_));
  return next == options_.stops.end() ? stop : std::min(stop, *next);
}

void Stepper::begin(double stop) {
  if (options_.first_step > 0.0) {
    next_ = options_.first_step;
    return;
  }
  if (system_.traits().algebraic) {
    next_ = 1e-4 * (stop - time_);
    return;
  }
  const auto f0 = rate();
  if (system_.max(std::ranges::all_of(f0, [](double v) { return std::isfinite(v); }) ? 0.0 : 1.0) > 0.0) {
    throw sdk::Error(sdk::ErrorKind::not_finite, fmt::format("the right-hand side is not finite at the start, t = {}", time_));
  }
  method_->start_rate(f0);
  const auto size = [&](std::span<const double> x) { return (*norm_)(x, y_, y_); };
  // The order of the first step: methods of variable order start low.
  const int order = method_->info().order - method_->info().embedded_order + method_->estimate_order();
  next_ = starting_step(y_, f0, size, order,
                        [&](double h, std::span<double> y, std::span<double> out) {
                          system_.prescribe(time_ + h, y);
                          system_.rate(time_ + h, y, sdk::Part::all, out);
                        });
  next_ = std::min(next_, stop - time_);
}

/// An attempt whose error is looked at. \param why it was not solved
StepFacts Stepper::attempt(double h, double stop, std::string& why) {
  StepFacts facts{.step = h, .time = time_, .stop = stop, .method = method_.get()};
  try {
    method_->attempt(time_, h, y_, *norm_, new_, error_);
    facts.error = (*norm_)(error_, y_, new_);
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

/// An attempt of the wanted length, within the limit at this time and not beyond the target.
Stepper::Length Stepper::length_of(double wanted, double target) const {
  Length length{wanted};
  if (options_.max_step) {
    const double most = options_.max_step(time_);
    if (!(most > 0.0)) {
      throw sdk::Error(sdk::ErrorKind::parameter, fmt::format("the longest step at t = {} is {}", time_, most), {},
                       "it must be positive at all times");
    }
    length.h = std::min(length.h, most);
  }
  const double left = target - time_;
  if (length.h < left * (1.0 - almost)) return length;
  length.at_target = true;
  if (length.h > left) length.uncut = length.h;
  length.h = left;
  return length;
}

Step Stepper::advance(double stop) {
  if (!(stop > time_)) throw sdk::Error(sdk::ErrorKind::internal, fmt::format("from {} to {} is no step", time_, stop), "Stepper");
  if (!control_) return advance_fixed(stop);
  const double target = next_stop(stop);
  if (next_ == 0.0) begin(target);
  const double least = std::max(options_.min_step, least_step * std::abs(time_));
  Step step;
  for (double wanted = next_;;) {
    const auto [h, at_target, uncut] = length_of(wanted, target);
    if (!(h >= least) && !at_target) fail(h, fmt::format("the step is shorter than {:.3g}", least), {});
    if (h != wanted) control_->stretched(h / wanted);
    std::string why;
    auto facts = attempt(h, stop, why);
    if (!facts.accepted) {
      facts.q = method_->estimate_order() + 1;
      const auto decision = control_->after(facts);
      ++(facts.solved ? work_.rejected : work_.failed);
      ++step.rejections;
      if (decision.failed) fail(h, fmt::format("{} attempts were rejected", step.rejections), why);
      wanted = h * decision.factor;
      continue;
    }
    finish(at_target ? target : time_ + h);
    step.error = facts.error;
    facts.q = method_->estimate_order() + 1;
    facts.error = method_->error_for_next(facts.error);
    next_ = h * control_->after(facts).factor;
    // A step that a stop cut short says little about the next one.
    if (uncut > next_ && step.rejections == 0) scale_next_step(uncut / next_);
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

Step Stepper::advance_fixed(double stop) {
  const double target = next_stop(stop), left = target - time_;
  double h = options_.fixed_step;
  if (!(h > 0.0)) throw sdk::Error(sdk::ErrorKind::internal, "steps without error control need a length", "Stepper");
  const bool at_target = h >= left * (1.0 - 1e-9);
  if (at_target && h <= left * (1.0 + 1e-9)) {
    h = left;
  } else if (at_target) {
    if (method_->info().equal_steps) {
      throw sdk::Error(sdk::ErrorKind::solver, method_->info().name + " needs steps of equal length", {},
                       "choose an end time that is a whole number of steps");
    }
    h = left;
  }
  method_->attempt(time_, h, y_, *norm_, new_, {});
  count_iterations();
  // From the origin, so that round-off of the time does not add up.
  finish(at_target ? target : origin_ + static_cast<double>(fixed_steps_ + 1) * options_.fixed_step);
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

void Stepper::finish(double t) {
  ++work_.accepted;
  std::swap(y_, old_);
  std::swap(y_, new_);
  old_time_ = time_;
  time_ = t;
  has_old_rate_ = has_rate_;
  std::swap(rate_, old_rate_);
  has_rate_ = false;
  method_->accept();
}

std::span<const double> Stepper::rate() {
  if (!has_rate_) {
    rate_.resize(y_.size());
    if (!method_->end_rate(rate_)) system_.rate(time_, y_, sdk::Part::all, rate_);
    has_rate_ = true;
  }
  return rate_;
}

void Stepper::interpolate(double t, std::span<double> out) {
  const double h = time_ - old_time_, theta = (t - old_time_) / h;
  if (!(theta >= -almost && theta <= 1.0 + almost)) {
    throw sdk::Error(sdk::ErrorKind::internal, fmt::format("t = {} is not in the last step, [{}, {}]", t, old_time_, time_),
                     "Stepper::interpolate");
  }
  if (theta == 1.0) return (void)std::ranges::copy(y_, out.begin());
  if (method_->interpolate(theta, out)) return system_.prescribe(t, out);
  rate();
  if (!has_old_rate_ && system_.traits().algebraic) {
    // Rates of the start are not known where some unknowns have none: the parabola through both ends.
    const double s = theta - 1.0;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = y_[i] + s * h * rate_[i] + s * s * (old_[i] - y_[i] + h * rate_[i]);
    return system_.prescribe(t, out);
  }
  if (!has_old_rate_) {
    old_rate_.resize(y_.size());
    system_.rate(old_time_, old_, sdk::Part::all, old_rate_);
    has_old_rate_ = true;
  }
  const double a = (1.0 + 2.0 * theta) * (1.0 - theta) * (1.0 - theta), b = theta * (1.0 - theta) * (1.0 - theta) * h,
               c = theta * theta * (3.0 - 2.0 * theta), d = theta * theta * (theta - 1.0) * h;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a * old_[i] + b * old_rate_[i] + c * y_[i] + d * rate_[i];
  system_.prescribe(t, out);
}

void Stepper::set_state(double t, std::span<const double> y) {
  time_ = old_time_ = origin_ = t;
  fixed_steps_ = 0;
  std::ranges::copy(y, y_.begin());
  system_.prescribe(t, y_);
  has_rate_ = has_old_rate_ = false;
  method_->restart();
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
  throw sdk::Error(sdk::ErrorKind::solver,
                   fmt::format("{} cannot go on at t = {:.17g}, step {:.3g}: {}", method_->info().name, time_, h, why), text,
                   method_->info().needs_jacobian
                       ? "the problem may be singular there, or its data may jump: loosen the tolerances, or end a step at the "
                         "jump by stops"
                       : "the problem may be stiff or singular there: loosen the tolerances, or choose an implicit method");
}

void Stepper::exchange(sdk::StateArchive& archive) {
  archive.number("time", time_);
  archive.number("old_time", old_time_);
  archive.number("next_step", next_);
  archive.number("origin", origin_);
  archive.integer("fixed_steps", fixed_steps_);
  archive.unknowns("state", y_);
  archive.unknowns("old_state", old_);
  archive.integer("accepted_steps", work_.accepted);
  archive.integer("rejected_attempts", work_.rejected);
  archive.integer("failed_attempts", work_.failed);
  archive.integer("iterations", work_.iterations);
  archive.integer("linear_iterations", work_.linear_iterations);
  if (archive.loading()) has_rate_ = has_old_rate_ = false;
  method_->exchange(archive);
  if (control_) control_->exchange(archive);
  system_.exchange(archive);
}

}  // namespace ansatz::time
