#pragma once
/// y' = lambda y for many lambda at once, on real pairs, for steps of length 1.

#include <algorithm>
#include <cmath>
#include <complex>

#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// lambda = -r e^(i a) with r from 1e-2 to 1e6 and a from 0 to `degrees`.
template <int degrees>
struct Wedge {
  static std::vector<std::complex<double>> values() {
    std::vector<std::complex<double>> all;
    for (double power = -2.0; power <= 6.0; power += 0.25) {
      for (const double part : {0.0, 0.3, 0.6, 0.8, 0.9, 1.0}) {
        all.push_back(-std::polar(std::pow(10.0, power), part * degrees * 3.14159265358979323846 / 180.0));
      }
    }
    return all;
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info;
    const std::size_t n = 2 * values().size();
    info.components.resize(n);
    info.initial.assign(n, 1.0);
    info.end = 1e9;
    info.band = {1, 1};
    return info;
  }
  explicit Wedge(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    for (std::size_t k = 0; k < values_.size(); ++k) {
      const double a = values_[k].real(), b = values_[k].imag();
      f[2 * k] = a * y[2 * k] - b * y[2 * k + 1];
      f[2 * k + 1] = b * y[2 * k] + a * y[2 * k + 1];
    }
  }

 private:
  std::vector<std::complex<double>> values_ = values();
};

/// Largest growth of a solution of Wedge over that many steps of length 1.
template <int degrees>
double largest_growth(const std::string& method, int steps) {
  const auto system = ode_system<Wedge<degrees>>();
  time::OdeTimeSystem in_time(system);
  const auto y = in_steps(in_time, method, 0.0, system.info().initial, steps, steps);
  double worst = 0.0;
  for (std::size_t k = 0; k < y.size(); k += 2) worst = std::max(worst, std::hypot(y[k], y[k + 1]) / std::sqrt(2.0));
  return worst;
}

}  // namespace ansatz::test
