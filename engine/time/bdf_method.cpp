#include "engine/time/bdf_method.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/time/methods.hpp"
#include "engine/time/point_weights.hpp"

namespace ansatz::time {
namespace {

constexpr double bias_up = 10.0 / 6.0;   // on the error at a higher order before it is compared
constexpr double iteration_share = 0.5;  // of what the estimate lets pass, that iterations may

void combine(std::span<const double> weights, std::span<const std::vector<double>> states, std::span<double> out) {
  std::ranges::fill(out, 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] += weights[i] * states[i][n];
  }
}

}  // namespace

BdfMethod::BdfMethod(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system, int max_order)
    : info_(info),
      system_(system),
      max_order_(max_order),
      known_(system.size()),
      difference_(system.size()),
      scale_(system.size()) {}

/// t_n, t_(n-1), ... where t_n is `newest`.
std::vector<double> BdfMethod::times_from(double newest, int count) const {
  std::vector<double> times{newest};
  for (int i = 1; i < count; ++i) times.push_back(times.back() - spacing_[i - 1]);
  return times;
}

void BdfMethod::solve(double t, double shift, std::span<const double> scale, std::span<double> y_new) {
  sdk::TimeSystem::Stage stage;
  stage.time = t;
  stage.shift = shift;
  stage.known = known_;
  stage.scale = scale;
  const auto result = system_.solve_stage(stage, y_new);
  work_.iterations += result.iterations;
  work_.linear_iterations += result.linear_iterations;
  work_.residual = result.residual;
  work_.contraction = result.contraction;
}

void BdfMethod::backward_euler(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm,
                               std::span<double> y_new) {
  for (std::size_t i = 0; i < known_.size(); ++i) known_[i] = -y[i] / h;
  system_.prescribe(t + h, y_new);
  solve(t + h, 1.0 / h, norm.scale(y), y_new);
}

void BdfMethod::start(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm,
                      std::span<double> y_new, std::span<double> error) {
  fresh_.assign(3, {y.begin(), y.end()});
  fresh_spacing_ = {0.5 * h, 0.5 * h};
  auto& whole = difference_;
  std::ranges::copy(y, whole.begin());
  backward_euler(t, h, y, norm, whole);
  backward_euler(t, 0.5 * h, y, norm, fresh_[1]);
  std::ranges::copy(whole, y_new.begin());
  backward_euler(t + 0.5 * h, 0.5 * h, fresh_[1], norm, y_new);
  for (std::size_t i = 0; i < error.size(); ++i) error[i] = y_new[i] - whole[i];
  errors_ = {none, 0.0, none};
}

void BdfMethod::attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm,
                        std::span<double> y_new, std::span<double> error) {
  attempt_order_ = order_of_next_attempt();
  ++attempts_;
  work_ = {};
  is_controlled_ = !error.empty();
  if (past_.empty()) {
    start(t, h, y, norm, y_new, error);
  } else {
    const int q = attempt_order_;
    auto times = times_from(-h, q + 1);
    combine(value_weights(times, 0.0), past_, y_new);
    times.pop_back();
    times.insert(times.begin(), 0.0);
    const auto weights = rate_weights(times);
    combine(std::span(weights).subspan(1), past_, known_);
    system_.prescribe(t + h, y_new);
    // The estimate is a fraction of y_new - prediction, and so it is of errors of the iteration.
    const double loose = std::max(1.0, iteration_share / estimate_factor(q, h));
    const auto scale = norm.scale(y);
    for (std::size_t i = 0; i < scale.size(); ++i) scale_[i] = loose * scale[i];
    solve(t + h, weights[0], scale_, y_new);
    fresh_.assign(1, {});
    fresh_spacing_ = {h};
    compare_orders(h, norm, y, y_new, error);
  }
  fresh_[0].assign(y_new.begin(), y_new.end());
}

/// Local error of a step of this order over y_new - prediction.
double BdfMethod::estimate_factor(int order, double h) const {
  const auto times = times_from(-h, order + 1);
  double shift = 0.0;
  for (int i = 0; i < order; ++i) shift -= 1.0 / times[i];
  return -1.0 / (shift * times[order]);
}

/// The local error of a step of this order that gave y_new.
void BdfMethod::estimate(int order, double h, std::span<const double> y_new, std::span<double> out) const {
  combine(value_weights(times_from(-h, order + 1), 0.0), past_, out);
  const double factor = estimate_factor(order, h);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = factor * (y_new[i] - out[i]);
}

void BdfMethod::compare_orders(double h, const sdk::ErrorNorm& norm, std::span<const double> y,
                               std::span<const double> y_new, std::span<double> error) {
  const int q = attempt_order_;
  const auto size = [&](int order, std::span<double> out) {
    estimate(order, h, y_new, out);
    return norm(out, y, y_new);
  };
  const bool may_rise = q < max_order_ && q == order_ && steps_at_order_ >= q;
  errors_.fill(none);
  if (q > 1) errors_[0] = size(q - 1, difference_);
  if (may_rise && static_cast<int>(past_.size()) >= q + 2) errors_[2] = size(q + 1, difference_);
  errors_[1] = size(q, is_controlled_ ? error : std::span<double>(difference_));
}

void BdfMethod::accept() {
  past_.insert(past_.begin(), std::make_move_iterator(fresh_.begin()), std::make_move_iterator(fresh_.end()));
  spacing_.insert(spacing_.begin(), fresh_spacing_.begin(), fresh_spacing_.end());
  past_.resize(std::min<std::size_t>(past_.size(), max_order_ + 2));
  spacing_.resize(past_.size() - 1);

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
  past_.clear();
  spacing_.clear();
  order_ = last_order_ = 1;
  steps_at_order_ = attempts_ = 0;
  next_error_ = -1.0;
}

bool BdfMethod::end_rate(std::span<double> out) const {
  if (past_.empty()) return false;
  combine(rate_weights(times_from(0.0, last_order_ + 1)), past_, out);
  return true;
}

bool BdfMethod::interpolate(double theta, std::span<double> out) const {
  if (past_.empty()) return false;
  const bool is_first = past_.size() == 3;  // the start leaves three, each step adds one
  const double h = is_first ? spacing_[0] + spacing_[1] : spacing_[0];
  combine(value_weights(times_from(0.0, is_first ? 3 : last_order_ + 1), (theta - 1.0) * h), past_, out);
  return true;
}

void BdfMethod::exchange(sdk::StateArchive& archive) {
  std::vector<double> numbers{double(order_), double(last_order_), double(steps_at_order_), double(past_.size())};
  archive.numbers("bdf", numbers);
  if (numbers.size() != 4) throw sdk::Error(sdk::ErrorKind::state, "the stored history of bdf has another length");
  order_ = static_cast<int>(numbers[0]);
  last_order_ = static_cast<int>(numbers[1]);
  steps_at_order_ = static_cast<int>(numbers[2]);
  past_.resize(static_cast<std::size_t>(numbers[3]), std::vector<double>(system_.size()));
  archive.numbers("bdf_spacing", spacing_);
  for (std::size_t i = 0; i < past_.size(); ++i) archive.unknowns("bdf_past_" + std::to_string(i), past_[i]);
}

std::vector<MethodEntry> bdf_entries() {
  static const auto info = [] {
    sdk::TimeMethodInfo info{"bdf", "backward differences of order 1 to 5, variable step and order; stiffly stable"};
    info.order = BdfMethod::highest;
    info.embedded_order = BdfMethod::highest;
    info.r_infinity = 0.0;
    info.needs_jacobian = true;
    info.source = "Hairer and Wanner, Solving ODEs II, V.1; Brenan, Campbell and Petzold 1996, 5.2";
    return info;
  }();
  return {{info, [](sdk::TimeSystem& system) { return std::make_unique<BdfMethod>(info, system); }}};
}

}  // namespace ansatz::time
