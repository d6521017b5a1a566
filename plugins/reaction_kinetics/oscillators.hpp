#pragma once
/// Systems with a parameter that makes them as stiff as is wanted, with their stiff parts apart: van der Pol's
/// oscillator, the Brusselator of three species, and the equation of Kvaerno, Prothero and Robinson.

#include <ansatz/sdk/ode.hpp>
#include <array>
#include <cmath>

namespace ansatz::reaction_kinetics {

/// Van der Pol's oscillator: y1' = y2, epsilon y2' = (1 - y1^2) y2 - y1. The second equation is the stiff part.
struct Vdpol {
  static sdk::ParameterSchema parameters() {
    return sdk::ParameterSchema().add(
        {.name = "epsilon", .initial = 1e-6, .unit = "1", .doc = "stiffness is 1 / epsilon", .range = sdk::positive});
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"y1"}, {"y2"}}, .initial = {2.0, 0.0}, .end = 2.0};
  }
  explicit Vdpol(const sdk::ParameterSet& parameters) : epsilon_(parameters.number("epsilon")) {}

  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = y[1];
    f[1] = ((1.0 - y[0] * y[0]) * y[1] - y[0]) / epsilon_;
  }
  template <class S>
  void nonstiff(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = y[1];
    f[1] = S(0.0);
  }

 private:
  double epsilon_;
};

/// u' = a - (w + 1) u + v u^2, v' = w u - v u^2, w' = (b - w) / epsilon - w u; the stiff part is (b - w) / epsilon. The
/// three tests of ark_brusselator in SUNDIALS: 1 begins with a fast transient, 2 has a sharp transition at t = 6.5, 3
/// moves fast at first.
struct Brusselator0d {
  static sdk::ParameterSchema parameters() {
    return sdk::ParameterSchema().add({.name = "test",
                                       .initial = std::int64_t{2},
                                       .unit = "1",
                                       .doc = "1: a = 1.2, b = 2.5, epsilon = 1e-5; 2: 1, 3.5, 5e-6; 3: 0.5, 3, 5e-4",
                                       .range = {1.0, 3.0}});
  }
  static sdk::OdeInfo info(const sdk::ParameterSet& parameters) {
    const auto& start = tests[parameters.integer("test") - 1].start;
    return {.components = {{"u"}, {"v"}, {"w"}}, .initial = {start.begin(), start.end()}, .end = 10.0};
  }
  explicit Brusselator0d(const sdk::ParameterSet& parameters) : test_(tests[parameters.integer("test") - 1]) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    nonstiff(t, y, f);
    f[2] += (test_.b - y[2]) / test_.epsilon;
  }
  template <class S>
  void nonstiff(const S&, std::span<const S> y, std::span<S> f) const {
    const S autocatalysis = y[1] * y[0] * y[0], conversion = y[2] * y[0];
    f[0] = test_.a - conversion - y[0] + autocatalysis;
    f[1] = conversion - autocatalysis;
    f[2] = -conversion;
  }

 private:
  struct Test {
    std::array<double, 3> start;
    double a, b, epsilon;
  };
  static constexpr std::array<Test, 3> tests{
      {{{3.9, 1.1, 2.8}, 1.2, 2.5, 1e-5}, {{1.2, 3.1, 3.0}, 1.0, 3.5, 5e-6}, {{3.0, 3.0, 3.5}, 0.5, 3.0, 5e-4}}};
  Test test_;
};

/// The nonlinear equation of Kvaerno, Prothero and Robinson, with the solution u = sqrt(1 + r), v = sqrt(2 + s):
///
///   u' = G p + e q + r' / (2 u),  v' = e p - q + s' / (2 v),  p = (u^2 - 1 - r) / (2 u),  q = (v^2 - 2 - s) / (2 v),
///
/// r = cos(t) / 2, s = cos(w t). The stiff part is that of p and q; the other moves fast if w is large.
struct Kpr {
  static sdk::ParameterSchema parameters() {
    sdk::ParameterSchema schema;
    schema.add({.name = "stiffness",
                .initial = -100.0,
                .unit = "1",
                .doc = "G, an eigenvalue; below -50 explicit methods are slow",
                .range = {-INFINITY, 0.0, false, true}});
    schema.add({.name = "coupling", .initial = 0.5, .unit = "1", .doc = "e, of u and v"});
    schema.add({.name = "frequency", .initial = 100.0, .unit = "1", .doc = "w, of v"});
    return schema;
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"u"}, {"v"}}, .initial = {std::sqrt(1.5), std::sqrt(3.0)}, .end = 5.0};
  }
  explicit Kpr(const sdk::ParameterSet& parameters)
      : stiffness_(parameters.number("stiffness")),
        coupling_(parameters.number("coupling")),
        frequency_(parameters.number("frequency")) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::cos;
    nonstiff(t, y, f);
    const S p = 0.5 * (y[0] - (1.0 + 0.5 * cos(t)) / y[0]), q = 0.5 * (y[1] - (2.0 + cos(frequency_ * t)) / y[1]);
    f[0] += stiffness_ * p + coupling_ * q;
    f[1] += coupling_ * p - q;
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::sin;
    f[0] = -0.25 * sin(t) / y[0];
    f[1] = -0.5 * frequency_ * sin(frequency_ * t) / y[1];
  }

 private:
  double stiffness_, coupling_, frequency_;
};

}  // namespace ansatz::reaction_kinetics
