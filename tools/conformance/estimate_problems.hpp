#pragma once
/// Problems with known solutions, of the kinds on which an error estimate may vanish by its construction: linear ones
/// without and with a source, ones that move by their boundary values alone, nonlinear ones.

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "ansatz/sdk/ode.hpp"
#include "engine/time/loop/stepper.hpp"
#include "engine/time/systems/ode_time_system.hpp"

namespace ansatz::conformance {

/// A problem, and its solution at all times.
struct EstimateProblem {
  std::string name;
  std::unique_ptr<sdk::OdeSystem> system;
  std::function<std::vector<double>(double t)> exact;
};

/// The heat equation u_t = u_xx on (0, 1) by differences over 8 cells, in its modes sin(k pi x) with the rates
/// lambda_k.
struct Rod {
  static constexpr int cells = 8, unknowns = cells - 1;
  static double rate(double k) {
    const double s = std::sin(0.5 * k * std::numbers::pi / cells);
    return 4.0 * cells * cells * s * s;
  }
  static double mode(int k, int i) { return std::sin(k * std::numbers::pi * (i + 1) / cells); }
  static sdk::OdeInfo info(std::vector<double> initial, double end) {
    sdk::OdeInfo out{.initial = std::move(initial), .end = end};
    out.components.resize(out.initial.size());
    return out;
  }
  /// f = second differences of y with the value `right` at x = 1.
  template <class S, class T>
  static void differences(std::span<const S> y, const T& right, std::span<S> f) {
    const double factor = cells * cells;
    for (int i = 0; i < unknowns; ++i) {
      f[i] = -2.0 * factor * y[i];
      if (i > 0) f[i] += factor * y[i - 1];
      if (i + 1 < unknowns) f[i] += factor * y[i + 1];
    }
    f[unknowns - 1] += factor * right;
  }
};

/// Modes 1 and 4 that decay. Nonstiff: -y.
struct DecayingRod {
  static std::vector<double> exact(double t) {
    std::vector<double> y(Rod::unknowns);
    for (int i = 0; i < Rod::unknowns; ++i) {
      y[i] = Rod::mode(1, i) * std::exp(-Rod::rate(1) * t) + 0.5 * Rod::mode(4, i) * std::exp(-Rod::rate(4) * t);
    }
    return y;
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 0.3); }
  explicit DecayingRod(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    Rod::differences(y, 0.0, f);
  }
  template <class S>
  void nonstiff(const S&, std::span<const S> y, std::span<S> f) const {
    for (int i = 0; i < Rod::unknowns; ++i) f[i] = -y[i];
  }
};

/// A source, which is the nonstiff part, lets mode 1 swing; mode 4 decays.
struct HeatedRod {
  static std::vector<double> exact(double t) {
    std::vector<double> y(Rod::unknowns);
    for (int i = 0; i < Rod::unknowns; ++i) {
      y[i] = Rod::mode(1, i) * (1.0 + std::sin(3.0 * t)) + 0.5 * Rod::mode(4, i) * std::exp(-Rod::rate(4) * t);
    }
    return y;
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 1.0); }
  explicit HeatedRod(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    std::array<S, Rod::unknowns> source;
    Rod::differences(y, 0.0, f);
    nonstiff(t, y, std::span<S>(source));
    for (int i = 0; i < Rod::unknowns; ++i) f[i] += source[i];
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    using std::sin, std::cos;
    const S amplitude = 3.0 * cos(3.0 * t) + Rod::rate(1) * (1.0 + sin(3.0 * t));
    for (int i = 0; i < Rod::unknowns; ++i) f[i] = Rod::mode(1, i) * amplitude;
  }
};

/// Moved by its value at x = 1, sin(5 t), alone; mode 1 decays beside.
struct DrivenRod {
  static constexpr double frequency = 5.0;
  static std::vector<double> exact(double t) {
    // sinh(kappa x) / sinh(kappa) e^(i w t) with 4 cells^2 sinh^2(kappa / (2 cells)) = i w.
    using Complex = std::complex<double>;
    const Complex kappa = 2.0 * Rod::cells * std::asinh(std::sqrt(Complex(0.0, frequency)) / (2.0 * Rod::cells));
    const Complex turn = std::exp(Complex(0.0, frequency * t)) / std::sinh(kappa);
    std::vector<double> y(Rod::unknowns);
    for (int i = 0; i < Rod::unknowns; ++i) {
      y[i] = (std::sinh(kappa * (i + 1.0) / double(Rod::cells)) * turn).imag() +
             0.5 * Rod::mode(1, i) * std::exp(-Rod::rate(1) * t);
    }
    return y;
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 1.0); }
  explicit DrivenRod(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::sin;
    Rod::differences(y, S(sin(frequency * t)), f);
  }
  template <class S>
  void nonstiff(const S&, std::span<const S>, std::span<S> f) const {
    for (auto& value : f) value = S(0.0);
  }
};

/// One unknown: y' = -10 y.
struct Decay {
  static std::vector<double> exact(double t) { return {std::exp(-10.0 * t)}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 0.3); }
  explicit Decay(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -10.0 * y[0];
  }
  template <class S>
  void nonstiff(const S&, std::span<const S>, std::span<S> f) const {
    f[0] = S(0.0);
  }
};

/// An integral: y' = 3 cos(3 t).
struct Integral {
  static std::vector<double> exact(double t) { return {std::sin(3.0 * t)}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 1.0); }
  explicit Integral(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S>, std::span<S> f) const {
    using std::cos;
    f[0] = 3.0 * cos(3.0 * t);
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S> y, std::span<S> f) const {
    (*this)(t, y, f);
  }
};

/// At rest until a source begins at t = 1/2: y' = -y + 4 (t - 1/2)^2 from there on.
struct LateSource {
  static std::vector<double> exact(double t) {
    const double s = std::max(t - 0.5, 0.0);
    return {4.0 * (s * s - 2.0 * s + 2.0 - 2.0 * std::exp(-s))};
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info({0.0}, 1.0); }
  explicit LateSource(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    nonstiff(t, y, f);
    f[0] -= y[0];
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    const S s = t - 0.5;
    f[0] = sdk::value(s) > 0.0 ? S(4.0 * s * s) : S(0.0);
  }
};

/// Kvaerno, Prothero and Robinson: u = sqrt(1 + cos(t) / 2), v = sqrt(2 + cos(5 t)), nonlinear and stiff.
struct StiffPair {
  static constexpr double a = -100.0, b = -0.9 * 99.0, c = 0.1 * 99.0, d = -1.0;
  static std::vector<double> exact(double t) {
    return {std::sqrt(1.0 + 0.5 * std::cos(t)), std::sqrt(2.0 + std::cos(5.0 * t))};
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 2.0); }
  explicit StiffPair(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::cos;
    nonstiff(t, y, f);
    const S U = (y[0] * y[0] - 1.0 - 0.5 * cos(t)) / (2.0 * y[0]),
            V = (y[1] * y[1] - 2.0 - cos(5.0 * t)) / (2.0 * y[1]);
    f[0] += a * U + b * V;
    f[1] += c * U + d * V;
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::sin;
    f[0] = -0.25 * sin(t) / y[0];
    f[1] = -2.5 * sin(5.0 * t) / y[1];
  }
};

/// The logistic equation, y' = 4 y (1 - y): autonomous and nonlinear. Nonstiff: its linear part.
struct Logistic {
  static std::vector<double> exact(double t) { return {1.0 / (1.0 + 9.0 * std::exp(-4.0 * t))}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return Rod::info(exact(0.0), 1.5); }
  explicit Logistic(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = 4.0 * y[0] * (1.0 - y[0]);
  }
  template <class S>
  void nonstiff(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = 4.0 * y[0];
  }
};

/// Swings of second order: q'' = -q + drive cos(2 t) with q = cos t + drive (cos t - cos 2 t) / 3.
template <int drive>
struct Swing {
  static std::vector<double> exact(double t) {
    return {std::cos(t) + drive / 3.0 * (std::cos(t) - std::cos(2.0 * t)),
            -std::sin(t) + drive / 3.0 * (2.0 * std::sin(2.0 * t) - std::sin(t))};
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    auto out = Rod::info(exact(0.0), 3.0);
    out.second_order = true;
    return out;
  }
  explicit Swing(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S& t, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    using std::cos;
    a[0] = drive * cos(2.0 * t) - q[0];
  }
};

/// A softening swing with a known motion: q'' = -q + q^3 with q = tanh(t / sqrt 2).
struct SoftSwing {
  static std::vector<double> exact(double t) {
    const double root = std::numbers::sqrt2 / 2.0, q = std::tanh(root * t);
    return {q, root * (1.0 - q * q)};
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    auto out = Rod::info(exact(0.0), 1.0);
    out.second_order = true;
    return out;
  }
  explicit SoftSwing(const sdk::ParameterSet&) {}
  template <class S>
  void acceleration(const S&, std::span<const S> q, std::span<const S>, std::span<S> a) const {
    a[0] = q[0] * q[0] * q[0] - q[0];
  }
};

template <class T>
EstimateProblem estimate_problem(const char* name) {
  return {name, sdk::make_ode_system<T>(name), [](double t) { return T::exact(t); }};
}

/// All of them.
inline std::vector<EstimateProblem> estimate_problems() {
  std::vector<EstimateProblem> all;
  all.push_back(estimate_problem<Decay>("a linear equation"));
  all.push_back(estimate_problem<DecayingRod>("a linear system"));
  all.push_back(estimate_problem<Integral>("an integral"));
  all.push_back(estimate_problem<HeatedRod>("a linear system with a source"));
  all.push_back(estimate_problem<DrivenRod>("a linear system with a boundary value that moves"));
  all.push_back(estimate_problem<LateSource>("an equation whose source begins late"));
  all.push_back(estimate_problem<Logistic>("a nonlinear equation"));
  all.push_back(estimate_problem<StiffPair>("a nonlinear stiff system"));
  all.push_back(estimate_problem<Swing<0>>("a linear swing"));
  all.push_back(estimate_problem<Swing<1>>("a linear swing with a source"));
  all.push_back(estimate_problem<SoftSwing>("a nonlinear swing"));
  return all;
}

/// The largest error of a run with error control, over all steps, in units of tolerance (1 + |y|).
/// \param make the method for a system
template <class Make>
double largest_error(const EstimateProblem& problem, const Make& make, double tolerance) {
  const auto& info = problem.system->info();
  time::OdeTimeSystem system(*problem.system);
  time::Stepper stepper(
      system, make(system), info.start, info.initial, {tolerance, {tolerance}},
      std::make_unique<time::StepController>(time::controller_law("pi42"), time::limit_preset("arkode_7")));
  double largest = 0.0;
  while (stepper.time() < info.end) {
    stepper.advance(info.end);
    const auto exact = problem.exact(stepper.time());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      largest = std::max(largest, std::abs(stepper.state()[i] - exact[i]) / (tolerance * (1.0 + std::abs(exact[i]))));
    }
  }
  return largest;
}

}  // namespace ansatz::conformance
