#include "engine/time/methods/bdf_method.hpp"

#include <algorithm>
#include <cmath>

#include "engine/time/methods/method_families.hpp"
#include "engine/time/systems/stored_length.hpp"

namespace ansatz::time {
namespace {

constexpr double bias_up = 10.0 / 6.0;   // on the error at a higher order before it is compared
constexpr double iteration_share = 0.5;  // of what the estimate lets pass, that iterations may
constexpr int start_states = 3;          // that the first step leaves; each later one adds one

}  // namespace

BdfMethod::BdfMethod(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system, int max_order)
    : info_(info),
      system_(system),
      max_order_(max_order),
      start_(system),
      history_(std::max(max_order + 2, start_states + 1)),
      first_(system.size()),
      half_(system.size()),
      new_(system.size()),
      known_(system.size()),
      difference_(system.size()),
      scale_(system.size()) {}

void BdfMethod::attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm,
                        std::span<double> y_new, std::span<double> error) {
  attempt_order_ = order_of_next_attempt();
  attempt_step_ = h;
  ++attempts_;
  work_ = {};
  is_controlled_ = estimates_error(system_, error);
  if (history_.size() == 0) {
    std::ranges::copy(y, first_.begin());
    start_.attempt(t, h, y, norm, half_, y_new, error, work_);
    errors_ = {none, 0.0, none};
  } else {
    const int q = attempt_order_;
    history_.value(q + 1, h, y_new);
    system_.prescribe(t + h, y_new);
    auto times = history_.times(-h, q);
    times.insert(times.begin(), 0.0);
    const auto weights = rate_weights(times);
    combine(std::span(weights).subspan(1), history_.states(), known_);
    // The estimate is a fraction of y_new - prediction, and so it is of errors of the iteration.
    const double loose = std::max(1.0, iteration_share / estimate_factor(q, h));
    const auto scale = norm.scale(y);
    for (std::size_t i = 0; i < scale.size(); ++i) scale_[i] = loose * scale[i];
    sdk::TimeSystem::Stage stage;
    stage.time = t + h;
    stage.shift = weights[0];
    stage.known = known_;
    stage.scale = scale_;
    add(work_, system_.solve_stage(stage, y_new));
    compare_orders(t + h, h, norm, y, y_new, error);
  }
  std::ranges::copy(y_new, new_.begin());
}

/// Local error of a step of this order over y_new - prediction.
double BdfMethod::estimate_factor(int order, double h) const {
  const auto times = history_.times(-h, order + 1);
  double shift = 0.0;
  for (int i = 0; i < order; ++i) shift -= 1.0 / times[i];
  return -1.0 / (shift * times[order]);
}

/// The local error of a step of this order that gave y_new.
void BdfMethod::estimate(int order, double end, double h, std::span<const double> y_new, std::span<double> out) {
  history_.value(order + 1, h, out);
  system_.prescribe(end, out);  // what is given has no error
  const double factor = estimate_factor(order, h);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = factor * (y_new[i] - out[i]);
}

void BdfMethod::compare_orders(double end, double h, const sdk::ErrorNorm& norm, std::span<const double> y,
                               std::span<const double> y_new, std::span<double> error) {
  const int q = attempt_order_;
  const auto size = [&](int order, std::span<double> out) {
    estimate(order, end, h, y_new, out);
    return norm(out, y, y_new);
  };
  const bool may_rise = q < max_order_ && q == order_ && steps_at_order_ >= q;
  errors_.fill(none);
  if (q > 1) errors_[0] = size(q - 1, difference_);
  if (may_rise && history_.size() >= q + 2) errors_[2] = size(q + 1, difference_);
  errors_[1] = size(q, is_controlled_ ? error : std::span<double>(difference_));
}

void BdfMethod::accept() {
  if (history_.size() == 0) {
    history_.add(first_, 0.0);
    history_.add(half_, 0.5 * attempt_step_);
    history_.add(new_, 0.5 * attempt_step_);
  } else {
    history_.add(new_, attempt_step_);
  }

  steps_at_order_ = attempt_order_ == order_ ? steps_at_order_ + 1 : 1;
  last_order_ = order_ = attempt_order_;
  attempts_ = 0;
  const auto merit = [&](int order, double error) {
    return is_controlled_ ? std::pow(std::max(error, 1e-30), -1.0 / (order + 1)) : 1.0 / error;
  };
  double best = merit(order_, errors_[1]);
  int chosen = 0;
  for (const int change : {-1, 1}) {
    const double error = errors_[1 + change] * (change > 0 ? bias_up : 1.0);
    if (error == none || merit(last_order_ + change, error) <= best) continue;
    best = merit(last_order_ + change, error);
    chosen = change;
  }
  next_error_ = chosen == 0 ? -1.0 : errors_[1 + chosen];
  order_ = last_order_ + chosen;
  if (chosen != 0) steps_at_order_ = 0;
}

double BdfMethod::error_for_next(double error) const { return next_error_ < 0.0 ? error : next_error_; }

void BdfMethod::restart() {
  history_.clear();
  order_ = last_order_ = 1;
  steps_at_order_ = attempts_ = 0;
  next_error_ = -1.0;
}

bool BdfMethod::end_rate(std::span<double> out) const {
  if (history_.size() == 0) return false;
  history_.rate(last_order_ + 1, out);
  return true;
}

bool BdfMethod::interpolate(double theta, std::span<double> out) const {
  if (history_.size() == 0) return false;
  const bool is_first = history_.size() == start_states;
  const double h = is_first ? history_.spacing(0) + history_.spacing(1) : history_.spacing(0);
  history_.value(is_first ? start_states : last_order_ + 1, (theta - 1.0) * h, out);
  return true;
}

void BdfMethod::exchange(sdk::StateArchive& archive) {
  std::vector<double> numbers{double(order_), double(last_order_), double(steps_at_order_)};
  archive.numbers("bdf", numbers);
  require_stored_length("bdf", numbers.size(), 3);
  order_ = static_cast<int>(numbers[0]);
  last_order_ = static_cast<int>(numbers[1]);
  steps_at_order_ = static_cast<int>(numbers[2]);
  history_.exchange(archive, "bdf_history", system_.size());
}

std::vector<MethodEntry> bdf_entries() {
  return {method_entry<BdfMethod>(
      {.name = "bdf",
       .doc = "backward differences of order 1 to 5, variable step and order; stiffly stable",
       .order = BdfMethod::highest,
       .embedded_order = BdfMethod::highest,
       .r_infinity = 0.0,
       .needs_jacobian = true,
       .varying_mass = true,
       .source = "Hairer and Wanner, Solving ODEs II, V.1; Brenan, Campbell and Petzold 1996, 5.2"})};
}

}  // namespace ansatz::time
