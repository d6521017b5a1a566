#pragma once
// A stiff problem in two parts with a known solution, plainly and behind a mass matrix.

#include <cmath>

#include "tests/support/ode_support.hpp"

namespace ansatz::test {

/// Kvaerno, Prothero, Robinson with rates `stiffness` and 1: u = sqrt(1 + cos(t) / 2), v = sqrt(2 + cos(5 t)).
///   u' = a U + b V + r' / (2 u),  U = (u^2 - 1 - r) / (2 u),  r = cos(t) / 2
///   v' = c U + d V + s' / (2 v),  V = (v^2 - 2 - s) / (2 v),  s = cos(5 t)
/// The terms with r' and s' are not stiff.
template <int stiffness>
struct SplitProblem {
  static constexpr double fast = -stiffness, slow = -1.0, coupling = 0.1;
  static constexpr double a = fast, b = (1.0 - coupling) * (fast - slow), c = -coupling * (fast - slow), d = slow;

  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"u"}, {"v"}}, .initial = {std::sqrt(1.5), std::sqrt(3.0)}};
  }
  explicit SplitProblem(const sdk::ParameterSet&) {}

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
    f[0] = -0.5 * sin(t) / (2.0 * y[0]);
    f[1] = -5.0 * sin(5.0 * t) / (2.0 * y[1]);
  }
  static double error(double t, std::span<const double> y) {
    return std::hypot(y[0] - std::sqrt(1.0 + 0.5 * std::cos(t)), y[1] - std::sqrt(2.0 + std::cos(5.0 * t)));
  }
};

/// The same problem with v given, as Dirichlet values are, and coupled by the mass: u alone is unknown, in
///   2 u' + v' = 2 f_u + f_v.
class WithGiven final : public sdk::TimeSystem {
 public:
  explicit WithGiven(const sdk::OdeSystem& system) : system_(system) {
    traits_.splits = system.splits();
    traits_.identity_mass = false;
  }

  std::size_t size() const override { return 2; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void prescribe(double t, std::span<double> y) override { y[1] = std::sqrt(2.0 + std::cos(5.0 * t)); }
  void prescribe_rates(double t, std::span<double> rate) override {
    rate[1] = -5.0 * std::sin(5.0 * t) / (2.0 * std::sqrt(2.0 + std::cos(5.0 * t)));
  }
  void f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) override {
    std::vector<double> rate(2, 0.0);
    if (part != sdk::Part::nonstiff) prescribe_rates(t, rate);
    out[0] = right(t, y, part) - rate[1];
    out[1] = 0.0;
  }
  void time_derivative(double t, std::span<const double> y, std::span<double> out) override {
    const double h = 1e-5;
    std::vector<double> state(y.begin(), y.end()), before(2);
    prescribe(t - h, state);
    f(t - h, state, sdk::Part::all, before);
    prescribe(t + h, state);
    f(t + h, state, sdk::Part::all, out);
    out[0] = (out[0] - before[0]) / (2.0 * h);
  }
  void solve_mass(double, std::span<const double>, std::span<double> x) override { x[0] /= 2.0; }
  void linearise(double t, std::span<const double> y, sdk::Part part) override { W_ = slope(t, y, part); }
  void linearise_linear_part(double t, std::span<const double> y) override { linearise(t, y, sdk::Part::all); }
  void solve_shifted(double shift, std::span<double> x) override {
    x[0] /= 2.0 - shift * W_;
    x[1] = 0.0;
  }
  void apply_mass(std::span<const double> x, std::span<double> out) override {
    out[0] = 2.0 * x[0];
    out[1] = 0.0;
  }
  void apply_jacobian(std::span<const double> x, std::span<double> out) override {
    out[0] = W_ * x[0];
    out[1] = 0.0;
  }
  StageResult solve_stage(const Stage& stage, std::span<double> y) override {
    StageResult result;
    prescribe(stage.time, y);
    for (double change = 1.0; std::abs(change) > 1e-14 && result.iterations < 20; ++result.iterations) {
      const double rates = 2.0 * (stage.shift * y[0] + stage.known[0]) + stage.shift * y[1] + stage.known[1];
      change = (right(stage.time, y, stage.part) - rates) / (2.0 * stage.shift - slope(stage.time, y, stage.part));
      y[0] += change;
    }
    return result;
  }

 private:
  double right(double t, std::span<const double> y, sdk::Part part) const {
    std::vector<double> of_both(2);
    system_.f(t, y, part, of_both);
    return 2.0 * of_both[0] + of_both[1];
  }
  /// Of right() over u.
  double slope(double t, std::span<const double> y, sdk::Part part) const {
    std::vector<double> J(4);
    system_.jacobian(t, y, part, J);
    return 2.0 * J[0] + J[1];
  }

  const sdk::OdeSystem& system_;
  sdk::TimeTraits traits_;
  double W_ = 0.0;
};

/// M y' = M f with M = (2 1; 1 3), of a system of two unknowns: the solution is that of y' = f.
class WithMass final : public sdk::TimeSystem {
 public:
  explicit WithMass(sdk::TimeSystem& inner) : inner_(inner), traits_(inner.traits()) { traits_.identity_mass = false; }

  std::size_t size() const override { return 2; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) override {
    inner_.f(t, y, part, out);
    multiply(out);
  }
  void time_derivative(double t, std::span<const double> y, std::span<double> out) override {
    inner_.time_derivative(t, y, out);
    multiply(out);
  }
  void solve_mass(double, std::span<const double>, std::span<double> x) override { divide(x); }
  void linearise(double t, std::span<const double> y, sdk::Part part) override { inner_.linearise(t, y, part); }
  void linearise_linear_part(double t, std::span<const double> y) override { inner_.linearise_linear_part(t, y); }
  void solve_shifted(double shift, std::span<double> x) override {
    divide(x);
    inner_.solve_shifted(shift, x);
  }
  void apply_mass(std::span<const double> x, std::span<double> out) override {
    std::copy(x.begin(), x.end(), out.begin());
    multiply(out);
  }
  void apply_jacobian(std::span<const double> x, std::span<double> out) override {
    inner_.apply_jacobian(x, out);
    multiply(out);
  }
  StageResult solve_stage(const Stage& stage, std::span<double> y) override { return inner_.solve_stage(stage, y); }

 private:
  static void multiply(std::span<double> x) {
    const double first = 2.0 * x[0] + x[1];
    x[1] = x[0] + 3.0 * x[1];
    x[0] = first;
  }
  static void divide(std::span<double> x) {
    const double first = (3.0 * x[0] - x[1]) / 5.0;
    x[1] = (2.0 * x[1] - x[0]) / 5.0;
    x[0] = first;
  }

  sdk::TimeSystem& inner_;
  sdk::TimeTraits traits_;
};

/// m(t, y) y' = m(t, y) f with m = 1 + t + y_1^2, of a system of two unknowns: the solution is that of y' = f.
class WithVaryingMass final : public sdk::TimeSystem {
 public:
  explicit WithVaryingMass(sdk::TimeSystem& inner) : inner_(inner), traits_(inner.traits()) {
    traits_.identity_mass = false;
    traits_.mass_of_time = traits_.mass_of_state = true;
  }

  std::size_t size() const override { return 2; }
  const sdk::TimeTraits& traits() const override { return traits_; }
  void f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) override {
    inner_.f(t, y, part, out);
    scale(out, mass(t, y));
  }
  void time_derivative(double t, std::span<const double> y, std::span<double> out) override {
    inner_.time_derivative(t, y, out);
    scale(out, mass(t, y));
  }
  void solve_mass(double t, std::span<const double> y, std::span<double> x) override { scale(x, 1.0 / mass(t, y)); }
  void linearise(double t, std::span<const double> y, sdk::Part part) override {
    inner_.linearise(t, y, part);
    linearised_ = mass(t, y);
  }
  void linearise_linear_part(double t, std::span<const double> y) override {
    inner_.linearise_linear_part(t, y);
    linearised_ = mass(t, y);
  }
  void solve_shifted(double shift, std::span<double> x) override {
    scale(x, 1.0 / linearised_);
    inner_.solve_shifted(shift, x);
  }
  void apply_mass(std::span<const double> x, std::span<double> out) override {
    std::copy(x.begin(), x.end(), out.begin());
    scale(out, linearised_);
  }
  void apply_jacobian(std::span<const double> x, std::span<double> out) override {
    inner_.apply_jacobian(x, out);
    scale(out, linearised_);
  }
  StageResult solve_stage(const Stage& stage, std::span<double> y) override { return inner_.solve_stage(stage, y); }

 private:
  static double mass(double t, std::span<const double> y) { return 1.0 + t + y[0] * y[0]; }
  static void scale(std::span<double> x, double factor) {
    for (double& value : x) value *= factor;
  }

  sdk::TimeSystem& inner_;
  sdk::TimeTraits traits_;
  double linearised_ = 0.0;
};

}  // namespace ansatz::test
