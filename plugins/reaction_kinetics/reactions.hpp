#pragma once
/// Small stiff systems of chemistry: Robertson, Oregonator, HIRES, E5. Sources: Hairer, Wanner: Solving Ordinary
/// Differential Equations II, IV.1 and IV.10; Test Set for Initial Value Problem Solvers (Bari).

#include <ansatz/sdk/ode.hpp>

namespace ansatz::reaction_kinetics {

/// Robertson's three reactions: one slow, two very fast. Time in s.
struct Rober {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"y1"}, {"y2"}, {"y3"}}, .initial = {1.0, 0.0, 0.0}, .end = 1e11, .invariants = {"mass"}};
  }
  explicit Rober(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
    f[2] = 3e7 * y[1] * y[1];
    f[1] = -f[0] - f[2];
  }
  void invariants(std::span<const double> y, std::span<double> out) const { out[0] = y[0] + y[1] + y[2]; }
};

/// The oregonator: a limit cycle of the reaction of Belousov and Zhabotinsky.
struct Orego {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"y1"}, {"y2"}, {"y3"}}, .initial = {1.0, 2.0, 3.0}, .end = 360.0};
  }
  explicit Orego(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    constexpr double s = 77.27, q = 8.375e-6, w = 0.161;
    f[0] = s * (y[1] + y[0] * (1.0 - q * y[0] - y[1]));
    f[1] = (y[2] - (1.0 + y[0]) * y[1]) / s;
    f[2] = w * (y[0] - y[2]);
  }
};

/// High irradiance response of photomorphogenesis in plants (Schaefer 1975): eight reactants.
struct Hires {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info{.initial = {1.0, 0, 0, 0, 0, 0, 0, 0.0057}, .end = 321.8122, .invariants = {"enzyme"}};
    for (int i = 1; i <= 8; ++i) info.components.push_back({"y" + std::to_string(i)});
    return info;
  }
  explicit Hires(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
    f[1] = 1.71 * y[0] - 8.75 * y[1];
    f[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
    f[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
    f[4] = -1.745 * y[4] + 0.43 * (y[5] + y[6]);
    const S binding = 280.0 * y[5] * y[7];
    f[5] = -binding + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
    f[6] = binding - 1.81 * y[6];
    f[7] = -f[6];
  }
  /// The enzyme, bound and free.
  void invariants(std::span<const double> y, std::span<double> out) const { out[0] = y[6] + y[7]; }
};

/// Pyrolysis with concentrations that differ by 20 orders of magnitude; tolerances must be given for each component.
/// The end of the test set, 1e13 s, is far beyond where the first three species still matter (1e10 s).
struct E5 {
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    return {.components = {{"y1", "mol/l"}, {"y2", "mol/l"}, {"y3", "mol/l"}, {"y4", "mol/l"}},
            .initial = {1.76e-3, 0.0, 0.0, 0.0},
            .end = 1e13,
            .invariants = {"balance"}};
  }
  explicit E5(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    const S a = 7.89e-10 * y[0], b = 1.1e7 * y[0] * y[2], c = 1.13e9 * y[1] * y[2], d = 1.13e3 * y[3];
    f[0] = -a - b;
    f[1] = a - c;
    f[3] = b - d;
    f[2] = f[1] - f[3];
  }
  void invariants(std::span<const double> y, std::span<double> out) const { out[0] = y[1] - y[2] - y[3]; }
};

}  // namespace ansatz::reaction_kinetics
