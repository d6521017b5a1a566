#pragma once
/// Systems with known solutions.

#include <cmath>

#include "ansatz/sdk/ode.hpp"

namespace ansatz::test {

/// Nonlinear and non-autonomous, y = (e^(sin t), cos t):
///   y1' = y1 y2,  y2' = -sin t + (e^(2 sin t) - y1^2) / 4.
struct Waves {
  static std::vector<double> exact(double t) { return {std::exp(std::sin(t)), std::cos(t)}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info;
    info.components.resize(2);
    info.initial = exact(0.0);
    info.end = 50.0;
    return info;
  }
  explicit Waves(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::exp;
    using std::sin;
    const S s = sin(t);
    f[0] = y[0] * y[1];
    f[1] = -s + 0.25 * (exp(2.0 * s) - y[0] * y[0]);
  }
};

/// Largest difference.
inline double distance(std::span<const double> a, std::span<const double> b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

}  // namespace ansatz::test
