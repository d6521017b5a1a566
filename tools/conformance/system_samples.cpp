#include "system_samples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "report.hpp"

namespace ansatz::conformance {
namespace {

Vector scales(const sdk::OdeInfo& info) {
  Vector scale(info.components.size(), 0.0);
  for (std::size_t i = 0; i < scale.size(); ++i) {
    for (std::size_t j = 0; j < scale.size(); ++j) {
      if (info.components[i].unit == info.components[j].unit) scale[i] = std::max(scale[i], std::abs(info.initial[j]));
    }
    if (scale[i] == 0.0) scale[i] = 1.0;
  }
  return scale;
}

bool finite(const Vector& values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

/// (-f(2h) + 8 f(h) - 8 f(-h) + f(-2h)) / 12h.
Vector slope(const std::function<Vector(double)>& value, double h) {
  const auto a = value(-2.0 * h), b = value(-h), c = value(h), d = value(2.0 * h);
  Vector out(a.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (a[i] - d[i] + 8.0 * (c[i] - b[i])) / (12.0 * h);
  return out;
}

}  // namespace

Vector rate(const sdk::OdeSystem& system, double t, const Vector& y, sdk::Part part) {
  Vector out(y.size());
  system.f(t, y, part, out);
  return out;
}

std::vector<SystemSample> sample_states(const sdk::OdeSystem& system) {
  const auto& info = system.info();
  const auto scale = scales(info);
  std::mt19937 random(1);
  std::vector<SystemSample> samples;
  for (int k = 0; k < 3; ++k) {
    Vector direction(system.size());
    for (std::size_t i = 0; i < direction.size(); ++i) {
      const double r = static_cast<double>(random()) / 4294967296.0;
      direction[i] = info.initial[i] < 0.0 ? -r : r;
    }
    const double t = info.start + (0.2 + 0.3 * k) * (info.end - info.start);
    Vector y(system.size());
    double amplitude = 0.1;
    do {
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = info.initial[i] + amplitude * scale[i] * direction[i];
      amplitude *= 0.1;
      require(amplitude > 1e-12, "f is not finite near the initial state");
    } while (!finite(rate(system, t, y, sdk::Part::all)));
    samples.push_back({t, y, scale});
  }
  return samples;
}

Difference compare(const Vector& derivative, const std::function<Vector(double)>& value, double unit,
                   const Vector& floor) {
  Difference best{std::numeric_limits<double>::infinity(), 0, 0.0, 0.0};
  for (double h = 1e-2 * unit; h > 0.5e-7 * unit; h *= 0.1) {
    const auto expected = slope(value, h);
    Difference worst{0.0, 0, 0.0, 0.0};
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double error = std::abs(derivative[i] - expected[i]), allowed = 1e-6 * std::abs(expected[i]) + floor[i];
      const double excess = error == 0.0 ? 0.0 : error / allowed;
      if (!(excess <= worst.excess)) worst = {excess, i, derivative[i], expected[i]};
    }
    if (worst.excess < best.excess) best = worst;
  }
  return best;
}

}  // namespace ansatz::conformance
