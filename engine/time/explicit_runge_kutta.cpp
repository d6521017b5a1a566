#include "engine/time/explicit_runge_kutta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {
namespace {

constexpr double least_step = 16.0 * std::numeric_limits<double>::epsilon();  // beside the time

}  // namespace

ExplicitRungeKutta::ExplicitRungeKutta(const ButcherTableau& tableau, OdeFunction& f, double start,
                                       std::vector<double> y0, Tolerances tolerances, StepController controller)
    : tableau_(tableau),
      f_(f),
      tolerances_(std::move(tolerances)),
      controller_(std::move(controller)),
      time_(start),
      y_(std::move(y0)),
      new_(y_.size()),
      stage_(y_.size()),
      error_(y_.size()),
      k_(tableau.num_stages(), std::vector<double>(y_.size())) {
  if (tableau_.d.empty()) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the method " + tableau_.name + " has no error estimate", {},
                     "choose one with a pair of orders, such as dormand_prince54");
  }
  auto& absolute = tolerances_.absolute;
  if (absolute.size() == 1) absolute.resize(y_.size(), absolute[0]);
  const bool good = absolute.size() == y_.size() && tolerances_.relative >= 0.0 &&
                    std::isfinite(tolerances_.relative) &&
                    std::ranges::all_of(absolute, [](double a) { return a > 0.0 && std::isfinite(a); });
  if (!good) {
    throw sdk::Error(
        sdk::ErrorKind::parameter,
        "absolute tolerances must be positive, one for all components or one each; the relative one not negative", {},
        "for example relative = 1e-6, absolute = 1e-9");
  }
}

void ExplicitRungeKutta::evaluate(double t, std::span<const double> y, std::span<double> out) {
  f_.evaluate(t, y, out);
  ++work_.evaluations;
}

void ExplicitRungeKutta::begin() {
  evaluate(time_, y_, k_[0]);
  if (!std::ranges::all_of(k_[0], [](double v) { return std::isfinite(v); })) {
    throw sdk::Error(sdk::ErrorKind::not_finite,
                     fmt::format("the right-hand side is not finite at the start, t = {}", time_));
  }
  std::vector<double> scale(y_.size());
  for (std::size_t i = 0; i < scale.size(); ++i)
    scale[i] = tolerances_.absolute[i] + tolerances_.relative * std::abs(y_[i]);
  next_ =
      starting_step(y_, k_[0], scale, tableau_.order,
                    [&](double h, std::span<const double> y, std::span<double> out) { evaluate(time_ + h, y, out); });
}

/// Stages and new state; \returns the weighted error.
double ExplicitRungeKutta::attempt(double h) {
  const int s = tableau_.num_stages();
  for (int i = 1; i < s; ++i) {
    std::ranges::copy(y_, stage_.begin());
    for (int j = 0; j < i; ++j) {
      if (const double a = h * tableau_.a[i][j]; a != 0.0) {
        for (std::size_t n = 0; n < y_.size(); ++n) stage_[n] += a * k_[j][n];
      }
    }
    evaluate(time_ + tableau_.c[i] * h, stage_, k_[i]);
  }
  std::ranges::copy(y_, new_.begin());
  std::ranges::fill(error_, 0.0);
  for (int i = 0; i < s; ++i) {
    const double b = h * tableau_.b[i], e = h * (tableau_.b[i] - tableau_.d[i]);
    for (std::size_t n = 0; n < y_.size(); ++n) {
      new_[n] += b * k_[i][n];
      error_[n] += e * k_[i][n];
    }
  }
  double sum = 0.0;
  for (std::size_t n = 0; n < y_.size(); ++n) {
    const double scale = tolerances_.absolute[n] + tolerances_.relative * std::max(std::abs(y_[n]), std::abs(new_[n]));
    error_[n] /= scale;
    sum += error_[n] * error_[n];
  }
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(y_.size(), 1)));
}

OdeStep ExplicitRungeKutta::advance(double stop) {
  if (next_ == 0.0) begin();
  double h = next_;
  while (true) {
    const double left = stop - time_;
    const double wanted = h;
    if (h >= left * (1.0 - 1e-12)) h = left;
    if (!(h > least_step * std::max(std::abs(time_), std::abs(stop)))) fail(h, "the step is too small beside the time");
    if (h != wanted) controller_.stretched(h / wanted);
    const double error = attempt(h);
    const auto decision = controller_.error(error);
    if (decision.failed) fail(h, fmt::format("{} attempts were rejected", controller_.rejections()));
    if (decision.accepted) {
      time_ = h == left ? stop : time_ + h;
      std::swap(y_, new_);
      if (tableau_.first_is_last) {
        std::swap(k_.front(), k_.back());
      } else {
        evaluate(time_, y_, k_[0]);
      }
      next_ = h * decision.factor;
      ++work_.accepted;
      return {time_, h, error};
    }
    ++work_.rejected;
    h *= decision.factor;
  }
}

void ExplicitRungeKutta::fail(double h, const std::string& why) const {
  std::size_t worst = 0;
  for (std::size_t n = 0; n < error_.size(); ++n) {
    if (!(std::abs(error_[n]) <= std::abs(error_[worst]))) worst = n;
  }
  throw sdk::Error(sdk::ErrorKind::solver,
                   fmt::format("{} cannot go on at t = {}, step {}: {}", tableau_.name, time_, h, why),
                   fmt::format("component {} has the largest error, {} of its tolerance", worst,
                               error_.empty() ? 0.0 : error_[worst]),
                   "the problem may be stiff or singular there: loosen the tolerances, or choose an implicit method");
}

}  // namespace ansatz::time
