#pragma once
/// Backward differences of variable order and step.

#include <array>
#include <limits>
#include <memory>
#include <vector>

#include "ansatz/sdk/time.hpp"
#include "engine/time/methods/euler_start.hpp"
#include "engine/time/methods/point_history.hpp"

namespace ansatz::time {

/// A step of order q: y' at the new time is that of the polynomial through the new state and the q before it, at
/// whatever times these are (variable coefficients, so that no change of the step disturbs the history):
///
///   y'_(n+1) = a y_(n+1) + sum_(i<q) w_i y_(n-i),   a = sum_(i<q) 1 / (t_(n+1) - t_(n-i)).
///
/// The prediction p_q, where the iteration starts, goes through the q + 1 states before, and gives the local error
///
///   e_q = (y_(n+1) - p_q) / (a_q (t_(n+1) - t_(n-q))),
///
/// unknowns without a rate included. The same with q - 1 and q + 1 tells what the error would be at these orders.
///
/// Starts with two steps of backward Euler (EulerStart).
///
/// Order and step. An accepted step chooses, of q - 1, q and q + 1, the order with the longest step |e|^(-1/(order +
/// 1)); q + 1 only after q + 1 steps at the order q, and with a bias against it. What the controller then hears
/// (estimate_order(), error_for_next()) belongs to that order, so that its proposal is the step that the choice was
/// made for. A rejected attempt leaves order and history, and is repeated with the shorter step of its own error; from
/// the fourth attempt of a step on the order is 1, because the history may be that of another solution (a jump in f).
/// Steps of given length choose the order of the least error.
class BdfMethod final : public sdk::TimeMethod {
 public:
  static constexpr int highest = 5;
  /// \param max_order 1 to `highest`
  BdfMethod(const sdk::TimeMethodInfo& info, sdk::TimeSystem& system, int max_order = highest);

  const sdk::TimeMethodInfo& info() const override { return info_; }
  void attempt(double t, double h, std::span<const double> y, const sdk::ErrorNorm& norm, std::span<double> y_new,
               std::span<double> error) override;
  void accept() override;
  void restart() override;
  int estimate_order() const override { return order_of_next_attempt(); }
  double error_for_next(double error) const override;
  bool end_rate(std::span<double> out) const override;
  bool interpolate(double theta, std::span<double> out) const override;
  void exchange(sdk::StateArchive& archive) override;

  int order() const { return order_; }  ///< of the next step

 private:
  double estimate_factor(int order, double h) const;
  void estimate(int order, double end, double h, std::span<const double> y_new, std::span<double> out);
  void compare_orders(double end, double h, const sdk::ErrorNorm& norm, std::span<const double> y,
                      std::span<const double> y_new, std::span<double> error);
  int order_of_next_attempt() const { return attempts_ < attempts_at_order ? order_ : 1; }

  static constexpr int attempts_at_order = 3;
  static constexpr double none = std::numeric_limits<double>::infinity();

  const sdk::TimeMethodInfo& info_;
  sdk::TimeSystem& system_;
  int max_order_;

  EulerStart start_;
  PointHistory history_;
  int order_ = 1, last_order_ = 1;  ///< of the next step, of the last accepted one
  int steps_at_order_ = 0;
  double next_error_ = -1.0;  ///< of the last step at the order of the next one, if that is another; else < 0

  // Of the last attempt.
  int attempts_ = 0;  ///< since the last accepted step
  int attempt_order_ = 1;
  bool is_controlled_ = false;
  std::array<double, 3> errors_{none, none, none};  ///< norms at orders q - 1, q, q + 1
  double attempt_step_ = 0.0;
  std::vector<double> first_, half_, new_;  ///< states at its start, half (of the first step) and end
  std::vector<double> known_, difference_, scale_;
};

}  // namespace ansatz::time
