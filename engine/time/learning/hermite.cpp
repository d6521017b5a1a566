#include "engine/time/learning/hermite.hpp"

#include <fmt/format.h>

#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::time {

Hermite::Hermite(JerkFunction& f, std::vector<double> x, std::vector<double> v, double fraction)
    : f_(f),
      fraction_(fraction),
      x_(std::move(x)),
      v_(std::move(v)),
      a_(x_.size()),
      j_(x_.size()),
      x1_(x_.size()),
      v1_(x_.size()),
      a1_(x_.size()),
      j1_(x_.size()) {
  f_.evaluate(x_, v_, a_, j_);
}

void Hermite::advance(double stop) {
  while (time_ < stop) {
    const double h = fraction_ * f_.shortest_time(x_, v_);
    if (!(h > 0.0) || !std::isfinite(h)) {
      throw sdk::Error(sdk::ErrorKind::solver, fmt::format("the step of the Hermite scheme is {} at t = {}", h, time_),
                       {}, "two bodies may have met: use softening, or another method");
    }
    const bool is_last = time_ + h >= stop;
    if (time_ + h == time_) {
      throw sdk::Error(
          sdk::ErrorKind::solver,
          fmt::format("the step {:.3g} of the Hermite scheme is lost in round-off beside t = {}", h, time_), {},
          "two bodies may have met: use softening, or another method");
    }
    step(is_last ? stop - time_ : h);
    time_ = is_last ? stop : time_ + h;
  }
}

void Hermite::step(double h) {
  for (std::size_t i = 0; i < x_.size(); ++i) {
    x1_[i] = x_[i] + h * (v_[i] + h * (a_[i] / 2.0 + h * j_[i] / 6.0));
    v1_[i] = v_[i] + h * (a_[i] + h * j_[i] / 2.0);
  }
  f_.evaluate(x1_, v1_, a1_, j1_);
  ++evaluations_;
  for (std::size_t i = 0; i < x_.size(); ++i) {
    const double v = v_[i] + h * ((a_[i] + a1_[i]) / 2.0 + h * (j_[i] - j1_[i]) / 12.0);
    x_[i] += h * ((v_[i] + v) / 2.0 + h * (a_[i] - a1_[i]) / 12.0);
    v_[i] = v;
  }
  std::swap(a_, a1_);
  std::swap(j_, j1_);
}

}  // namespace ansatz::time
