#pragma once
/// The Brusselator with diffusion along a line.

#include <ansatz/sdk/ode.hpp>
#include <cmath>

namespace ansatz::reaction_kinetics {

/// u' = 1 + u^2 v - 4 u + alpha u_xx, v' = 3 u - u^2 v + alpha v_xx on (0, 1), u = 1 and v = 3 at both ends;
/// second-order differences on n inner points (Hairer, Wanner II, IV.1). Unknowns u1, v1, u2, v2, ... The stiff part,
/// linear but for the values at the ends, is the diffusion.
struct Brusselator1d {
  static sdk::ParameterSchema parameters() {
    sdk::ParameterSchema schema;
    schema.add(
        {.name = "points", .initial = std::int64_t{40}, .unit = "1", .doc = "inner points", .range = {1.0, 1e6}});
    schema.add(
        {.name = "diffusivity", .initial = 0.02, .unit = "1", .doc = "alpha, of both species", .range = sdk::positive});
    return schema;
  }
  static sdk::OdeInfo info(const sdk::ParameterSet& parameters) {
    const auto points = parameters.integer("points");
    sdk::OdeInfo info{.end = 10.0, .band = sdk::OdeInfo::Band{2, 2}};
    for (std::int64_t i = 1; i <= points; ++i) {
      const double x = static_cast<double>(i) / static_cast<double>(points + 1);
      info.components.push_back({"u" + std::to_string(i)});
      info.components.push_back({"v" + std::to_string(i)});
      info.initial.push_back(1.0 + std::sin(2.0 * 3.14159265358979323846 * x));
      info.initial.push_back(3.0);
    }
    return info;
  }
  explicit Brusselator1d(const sdk::ParameterSet& parameters)
      : points_(static_cast<std::size_t>(parameters.integer("points"))) {
    const double cells = static_cast<double>(points_ + 1);
    weight_ = parameters.number("diffusivity") * cells * cells;
  }

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    nonstiff(t, y, f);
    const std::size_t n = 2 * points_;
    for (std::size_t i = 0; i < n; ++i) {
      const double end = i % 2 == 0 ? 1.0 : 3.0;
      const S left = i < 2 ? S(end) : y[i - 2], right = i + 2 < n ? y[i + 2] : S(end);
      f[i] += weight_ * (left - 2.0 * y[i] + right);
    }
  }
  /// The reaction.
  template <class S>
  void nonstiff(const S&, std::span<const S> y, std::span<S> f) const {
    for (std::size_t i = 0; i < 2 * points_; i += 2) {
      const S autocatalysis = y[i] * y[i] * y[i + 1];
      f[i] = 1.0 + autocatalysis - 4.0 * y[i];
      f[i + 1] = 3.0 * y[i] - autocatalysis;
    }
  }
  /// Diffusion alone, which is 0 where the values at the ends are 0.
  void linear(std::span<double> L) const {
    const std::size_t n = 2 * points_;
    std::fill(L.begin(), L.end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      L[i * n + i] = -2.0 * weight_;
      if (i + 2 < n) L[i * n + i + 2] = L[(i + 2) * n + i] = weight_;
    }
  }

 private:
  std::size_t points_;
  double weight_;  ///< alpha / dx^2
};

}  // namespace ansatz::reaction_kinetics
