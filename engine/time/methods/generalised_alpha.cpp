#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/base/vector_sum.hpp"
#include "engine/time/methods/euler_start.hpp"
#include "engine/time/methods/method_families.hpp"
#include "engine/time/methods/point_history.hpp"

namespace ansatz::time {
namespace {

// Order 2, and both roots at infinite stiffness are -rho (Jansen, Whiting and Hulbert 2000).
constexpr double rho = 0.5;
constexpr double alpha_m = 0.5 * (3.0 - rho) / (1.0 + rho);
constexpr double alpha_f = 1.0 / (1.0 + rho);
constexpr double gamma = 0.5 + alpha_m - alpha_f;
// Its local error is this times h^3 y''': that of the two-step method that remains when the rates are eliminated.
constexpr double error_constant = gamma * alpha_f + 0.25 - 0.5 * alpha_m - 1.0 / 6.0;

/// With v for y':
///   M v_m = f(t_n + alpha_f h, Y),  Y = y_n + alpha_f (y_(n+1) - y_n),  v_m = v_n + alpha_m (v_(n+1) - v_n),
///   y_(n+1) = y_n + h (v_n + gamma (v_(n+1) - v_n)).
/// The unknown is Y, so that the equation is that of a stage:
///   v_m = shift Y + known,  shift = alpha_m / (alpha_f gamma h),  known = (1 - alpha_m / gamma) v_n - shift y_n.
/// v_n is the rate at t_n + (alpha_f - alpha_m) h, up to O(h^2): where the step changes, v_n is moved on by the
/// curvature of the last states, so that changes of the step are no errors of order 1. The first step is EulerStart's,
/// which gives v without solves with the mass, also where there are unknowns without a rate. Error: from the second
/// step on that of order 1, h^2 y'' / 2, then of order 2, by the difference to the polynomial through the states
/// before; or, where that is larger and all unknowns have rates, half of what the rate at the end of the polynomial
/// through y_new, too, lacks to satisfy the equation there, as Newton's method would mend it: what jumps after t_n +
/// alpha_f h, and takes up to (1 - alpha_f) h times the jump from y_new, is seen by nothing else.
class GeneralisedAlpha final : public sdk::TimeMethod {
 public:
  GeneralisedAlpha(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system)
      : info_(info),
        system_(system),
        start_(system),
        history_(3),
        first_(system.size()),
        half_(system.size()),
        new_(system.size()),
        known_(system.size()),
        rate_(system.size()),
        old_rate_(system.size()),
        new_rate_(system.size()) {}

  const sdk::TimeMethodInfo& info() const override { return info_; }

  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
               std::span<double> error) override {
    work_ = {};
    step_ = h;
    if (steps_ == 0) {
      std::ranges::copy(y, first_.begin());
      start_.attempt(t, h, y, norm, half_, y_new, error, work_);
      for (std::size_t i = 0; i < y.size(); ++i) new_rate_[i] = (y_new[i] - half_[i]) / (0.5 * h);
      new_rate_place_ = -0.25 * h;
    } else {
      solve(t, h, y, norm, y_new);
      if (estimates_error(system_, error)) {
        estimate(t + h, h, y_new, error);
        if (!system_.traits().algebraic) compare_with_end(t + h, h, y_new, error);
      }
    }
    std::ranges::copy(y_new, new_.begin());
  }

  void accept() override {
    if (steps_ == 0) {
      history_.add(first_, 0.0);
      history_.add(half_, 0.5 * step_);
      history_.add(new_, 0.5 * step_);
    } else {
      history_.add(new_, step_);
    }
    std::swap(rate_, new_rate_);
    rate_place_ = new_rate_place_;
    ++steps_;
  }

  void restart() override {
    history_.clear();
    steps_ = 0;
  }

  int estimate_order() const override { return steps_ < 2 ? 1 : 2; }

  bool end_rate(std::span<double> out) const override {
    if (steps_ == 0) return false;
    history_.rate(history_.size(), out);
    return true;
  }

  bool interpolate(double theta, std::span<double> out) const override {
    if (steps_ == 0) return false;
    const double h = steps_ == 1 ? history_.spacing(0) + history_.spacing(1) : history_.spacing(0);
    history_.value(history_.size(), (theta - 1.0) * h, out);
    return true;
  }

  void exchange(sdk::StateArchive& archive) override {
    archive.integer("alpha_steps", steps_);
    archive.unknowns("alpha_rate", rate_);
    archive.number("alpha_rate_place", rate_place_);
    history_.exchange(archive, "alpha_history", system_.size());
  }

 private:
  void solve(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new) {
    combine(difference_weights(history_.times(0.0, history_.size())), history_.states(), old_rate_);
    const double move = 2.0 * ((alpha_f - alpha_m) * h - rate_place_);
    for (std::size_t i = 0; i < y.size(); ++i) old_rate_[i] = rate_[i] + move * old_rate_[i];
    sdk::TimeSystem::Stage stage;
    stage.time = t + alpha_f * h;
    stage.shift = shift_of(h);
    for (std::size_t i = 0; i < y.size(); ++i) known_[i] = (1.0 - alpha_m / gamma) * old_rate_[i] - stage.shift * y[i];
    stage.known = known_;
    stage.scale = norm.scale(y);
    history_.value(steps_ == 1 ? 2 : 3, alpha_f * h, y_new);
    system_.prescribe(stage.time, y_new);
    set_given_rates(t + h, h, y, stage.shift, y_new);
    add(work_, system_.solve_stage(stage, y_new));
    for (std::size_t i = 0; i < y.size(); ++i) y_new[i] = y[i] + (y_new[i] - y[i]) / alpha_f;
    system_.prescribe(t + h, y_new);
    for (std::size_t i = 0; i < y.size(); ++i) {
      new_rate_[i] = (y_new[i] - y[i]) / (gamma * h) + (1.0 - 1.0 / gamma) * old_rate_[i];
    }
    new_rate_place_ = (alpha_f - alpha_m) * h;
  }

  /// Unknowns that are given at t_n + alpha_f h are not on the line between both ends: their v_m is that of the
  /// recursion with their values at the ends, or it would have an error of order 1.
  void set_given_rates(double end, double h, std::span<const double> y, double shift,
                       std::span<const double> at_stage) {
    given_.assign(y.size(), std::numeric_limits<double>::quiet_NaN());
    system_.prescribe(end, given_);
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (std::isnan(given_[i])) continue;
      const double v_new = (given_[i] - y[i]) / (gamma * h) + (1.0 - 1.0 / gamma) * old_rate_[i];
      known_[i] = old_rate_[i] + alpha_m * (v_new - old_rate_[i]) - shift * at_stage[i];
    }
  }

  /// error = C_p h^(p+1) y^(p+1), where y_new - polynomial = y^(p+1) / (p+1)! prod_i (t_new - t_i).
  void estimate(double end, double h, std::span<const double> y_new, std::span<double> error) {
    const int points = estimate_order() + 1;
    double factor = points == 2 ? 0.5 : error_constant;
    int k = 0;
    for (const double time : history_.times(-h, points)) factor *= ++k * h / -time;
    history_.value(points, h, error);
    system_.prescribe(end, error);  // what is given has no error
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = factor * (y_new[i] - error[i]);
  }

  void compare_with_end(double end, double h, std::span<const double> y_new, std::span<double> error) {
    auto points = history_.times(-h, history_.size());
    points.insert(points.begin(), 0.0);
    const auto weights = rate_weights(points);
    auto& rate = old_rate_;
    combine(std::span(weights).subspan(1), history_.states(), rate);
    base::add_term(weights[0], y_new, rate);
    system_.prescribe_rates(end, rate);
    sdk::TimeSystem::Stage stage;
    stage.time = end;
    stage.shift = shift_of(h);
    system_.correction(stage, y_new, rate, known_);
    for (std::size_t i = 0; i < error.size(); ++i) {
      if (std::abs(0.5 * known_[i]) > std::abs(error[i])) error[i] = 0.5 * known_[i];
    }
  }

  static double shift_of(double h) { return alpha_m / (alpha_f * gamma * h); }

  sdk::TimeMethodInfo info_;
  sdk::TimeSystem& system_;
  EulerStart start_;
  PointHistory history_;
  std::int64_t steps_ = 0;
  std::vector<double> first_, half_, new_, known_, given_;
  std::vector<double> rate_, old_rate_, new_rate_;  ///< v_n, moved for this step, and v_(n+1)
  double rate_place_ = 0.0, new_rate_place_ = 0.0;  ///< times after that of the state, where they are y'
  double step_ = 0.0;                               ///< of the last attempt
};

}  // namespace

std::vector<MethodEntry> generalised_alpha_entries() {
  return {method_entry<GeneralisedAlpha>(
      {.name = "generalised_alpha",
       .doc = "generalised alpha for systems of first order, |R(inf)| = 0.5, A-stable",
       .order = 2,
       .embedded_order = 2,
       .stage_order = 2,
       .r_infinity = rho,
       .needs_jacobian = true,
       .varying_mass = true,
       .source = "Jansen, Whiting and Hulbert, Comput. Methods Appl. Mech. Engrg. 190, 2000"})};
}

}  // namespace ansatz::time
