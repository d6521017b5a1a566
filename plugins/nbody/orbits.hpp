#pragma once
/// One body that moves among others whose motion is known.

#include <ansatz/sdk/ode.hpp>

#include "gravity.hpp"

namespace ansatz::nbody {

/// A satellite in the plane of two bodies that circle each other, in the frame that turns with them: the restricted
/// three-body problem. Units: their distance, the mass of both, and 1 / (2 pi) of their period. The initial state and
/// the period are those of Arenstorf's closed orbit of four loops (Hairer, Norsett, Wanner I, II.0).
struct Arenstorf {
  static constexpr double mu = 0.012277471,
                          nu = 1.0 - mu;  ///< masses of the moon, at (nu, 0), and of the earth, at (-mu, 0)
  static constexpr double period = 17.0652165601579625588917206249;

  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"x", "1"}, {"y", "1"}, {"vx", "1"}, {"vy", "1"}},
            .initial = {0.994, 0.0, 0.0, -2.00158510637908252240537862224},
            .end = period,
            .invariants = {"jacobi"},
            .second_order = true,
            .velocity_dependent = true};
  }
  explicit Arenstorf(const sdk::ParameterSet&) {}

  /// x'' = x + 2 y' - pulls, y'' = y - 2 x' - pulls.
  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S> v, std::span<S> a) const {
    const auto earth = attraction(std::array<S, 2>{q[0] + mu, q[1]}),
               moon = attraction(std::array<S, 2>{q[0] - nu, q[1]});
    a[0] = q[0] + 2.0 * v[1] - nu * earth[0] - mu * moon[0];
    a[1] = q[1] - 2.0 * v[0] - nu * earth[1] - mu * moon[1];
  }

  /// Jacobi's constant x^2 + y^2 + 2 nu / r_earth + 2 mu / r_moon - v^2.
  void invariants(std::span<const double> y, std::span<double> out) const {
    out[0] = y[0] * y[0] + y[1] * y[1] + 2.0 * nu / std::hypot(y[0] + mu, y[1]) +
             2.0 * mu / std::hypot(y[0] - nu, y[1]) - y[2] * y[2] - y[3] * y[3];
  }
};

/// A planet around a fixed sun, from its pericentre. Units: the larger semi-axis and 1 / (2 pi) of the period, per mass
/// of the planet. The solution is x = cos E - e, y = sqrt(1 - e^2) sin E with E - e sin E = t.
struct Kepler {
  static sdk::ParameterSchema parameters() {
    return sdk::ParameterSchema().add({.name = "eccentricity",
                                       .initial = 0.6,
                                       .unit = "1",
                                       .doc = "of the ellipse; 0: a circle",
                                       .range = {0.0, 1.0, false, true}});
  }
  static sdk::OdeInfo info(const sdk::ParameterSet& parameters) {
    const double e = parameters.number("eccentricity");
    return {.components = {{"x", "1"}, {"y", "1"}, {"vx", "1"}, {"vy", "1"}},
            .initial = {1.0 - e, 0.0, 0.0, std::sqrt((1.0 + e) / (1.0 - e))},
            .end = 2.0 * 3.14159265358979323846,
            .invariants = {"energy", "angular_momentum"},
            .events = {"apsis"},
            .second_order = true};
  }
  explicit Kepler(const sdk::ParameterSet&) {}

  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    const auto pull = attraction(std::array<S, 2>{q[0], q[1]});
    a[0] = -pull[0];
    a[1] = -pull[1];
  }

  void invariants(std::span<const double> y, std::span<double> out) const {
    out[0] = 0.5 * (y[2] * y[2] + y[3] * y[3]) - 1.0 / std::hypot(y[0], y[1]);
    out[1] = y[0] * y[3] - y[1] * y[2];
  }

  /// q . v: 0 at the pericentre, at t = 0, 2 pi, ..., and at the apocentre, at t = pi, 3 pi, ...
  void events(double, std::span<const double> y, std::span<double> out) const { out[0] = y[0] * y[2] + y[1] * y[3]; }
};

}  // namespace ansatz::nbody
