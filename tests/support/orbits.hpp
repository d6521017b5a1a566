#pragma once
/// Motions with known solutions, y = (q, v).

#include <cmath>

#include "ansatz/sdk/ode.hpp"

namespace ansatz::test {

/// A body around a fixed centre: semi-major axis 1, eccentricity 0.3, period 2 pi, from the pericentre.
struct Kepler {
  static constexpr double eccentricity = 0.3;
  /// q and v at a time, by Kepler's equation.
  static std::vector<double> exact(double t) {
    double E = t;
    for (int k = 0; k < 60; ++k) E -= (E - eccentricity * std::sin(E) - t) / (1.0 - eccentricity * std::cos(E));
    const double b = std::sqrt(1.0 - eccentricity * eccentricity), rate = 1.0 / (1.0 - eccentricity * std::cos(E));
    return {std::cos(E) - eccentricity, b * std::sin(E), -std::sin(E) * rate, b * std::cos(E) * rate};
  }
  static double energy(std::span<const double> y) {
    return 0.5 * (y[2] * y[2] + y[3] * y[3]) - 1.0 / std::hypot(y[0], y[1]);
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info;
    info.components.resize(4);
    info.initial = exact(0.0);
    info.end = 1e9;
    info.second_order = true;
    return info;
  }
  explicit Kepler(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    using std::sqrt;
    const S r2 = q[0] * q[0] + q[1] * q[1], factor = -1.0 / (r2 * sqrt(r2));
    a[0] = factor * q[0];
    a[1] = factor * q[1];
  }
};

/// Three equal masses that follow each other on a figure-eight (Chenciner and Montgomery 2000; values of Simo).
struct FigureEight {
  static constexpr double period = 6.32591398;
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info;
    info.components.resize(12);
    const double x = 0.97000436, y = -0.24308753, u = -0.93240737, v = -0.86473146;
    info.initial = {x, y, -x, -y, 0.0, 0.0, -u / 2, -v / 2, -u / 2, -v / 2, u, v};
    info.end = 100.0 * period;
    info.second_order = true;
    return info;
  }
  explicit FigureEight(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    using std::sqrt;
    for (auto& value : a) value = S(0.0);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const S x = q[2 * i] - q[2 * j], y = q[2 * i + 1] - q[2 * j + 1], r2 = x * x + y * y,
                factor = 1.0 / (r2 * sqrt(r2));
        a[2 * i] -= factor * x;
        a[2 * i + 1] -= factor * y;
        a[2 * j] += factor * x;
        a[2 * j + 1] += factor * y;
      }
    }
  }
};

/// q'' = -q^3 + forcing, q = sin t: nonlinear and non-autonomous.
struct ForcedSpring {
  static std::vector<double> exact(double t) { return {std::sin(t), std::cos(t)}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info;
    info.components.resize(2);
    info.initial = exact(0.0);
    info.end = 50.0;
    info.second_order = true;
    return info;
  }
  explicit ForcedSpring(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S& t, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    using std::sin;
    const S s = sin(t);
    a[0] = -q[0] * q[0] * q[0] + s * s * s - s;
  }
};

/// q'' = -v - q^3 + forcing, q = sin t: the acceleration depends on the velocity.
struct DampedSpring {
  static sdk::OdeInfo info(const sdk::ParameterSet& parameters) {
    auto info = ForcedSpring::info(parameters);
    info.velocity_dependent = true;
    return info;
  }
  explicit DampedSpring(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S& t, std::span<const S> q, std::span<const S> v, std::span<S> a) const {
    using std::cos;
    using std::sin;
    const S s = sin(t);
    a[0] = -v[0] - q[0] * q[0] * q[0] + s * s * s - s + cos(t);
  }
};

}  // namespace ansatz::test
