#pragma once
/// An electric circuit.

#include <ansatz/sdk/ode.hpp>
#include <cmath>

namespace ansatz::reaction_kinetics {

/// The ring modulator mixes a low and a high frequency by four diodes in a ring (Horneber 1976; Test Set for Initial
/// Value Problem Solvers, Bari). Voltages u1 ... u7, currents i1 ... i8. The smaller the capacities beside the diodes,
/// the stiffer.
struct RingModulator {
  static sdk::ParameterSchema parameters() {
    return sdk::ParameterSchema().add({.name = "capacity",
                                       .initial = 2e-12,
                                       .unit = "F",
                                       .doc = "C_s, beside the diodes; with 1e-12 oscillations are faster and more",
                                       .range = sdk::positive});
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info{.initial = std::vector<double>(15, 0.0), .end = 1e-3};
    for (int i = 1; i <= 7; ++i) info.components.push_back({"u" + std::to_string(i), "V"});
    for (int i = 1; i <= 8; ++i) info.components.push_back({"i" + std::to_string(i), "A"});
    return info;
  }
  explicit RingModulator(const sdk::ParameterSet& parameters) : Cs_(parameters.number("capacity")) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::sin;
    constexpr double pi = 3.14159265358979323846;
    const S low = 0.5 * sin(2e3 * pi * t), high = 2.0 * sin(2e4 * pi * t);
    const auto u = y.first(7), i = y.subspan(7);
    const S d1 = diode(S(u[2] - u[4] - u[6] - high)), d2 = diode(S(-u[3] + u[5] - u[6] - high)),
            d3 = diode(S(u[3] + u[4] + u[6] + high)), d4 = diode(S(-u[2] - u[5] + u[6] + high));
    f[0] = (i[0] - 0.5 * i[2] + 0.5 * i[3] + i[6] - u[0] / R) / C;
    f[1] = (i[1] - 0.5 * i[4] + 0.5 * i[5] + i[7] - u[1] / R) / C;
    f[2] = (i[2] - d1 + d4) / Cs_;
    f[3] = (-i[3] + d2 - d3) / Cs_;
    f[4] = (i[4] + d1 - d3) / Cs_;
    f[5] = (-i[5] - d2 + d4) / Cs_;
    f[6] = (-u[6] / Rp + d1 + d2 - d3 - d4) / Cp;
    f[7] = -u[0] / Lh;
    f[8] = -u[1] / Lh;
    f[9] = (0.5 * u[0] - u[2] - Rg2 * i[2]) / Ls2;
    f[10] = (-0.5 * u[0] + u[3] - Rg3 * i[3]) / Ls3;
    f[11] = (0.5 * u[1] - u[4] - Rg2 * i[4]) / Ls2;
    f[12] = (-0.5 * u[1] + u[5] - Rg3 * i[5]) / Ls3;
    f[13] = (-u[0] + low - (Ri + Rg1) * i[6]) / Ls1;
    f[14] = (-u[1] - (Rc + Rg1) * i[7]) / Ls1;
  }

 private:
  /// Current through a diode at the voltage u [A].
  template <class S>
  static S diode(const S& u) {
    using std::exp;
    return 40.67286402e-9 * (exp(17.7493332 * u) - 1.0);
  }

  static constexpr double C = 1.6e-8, Cp = 1e-8;                                                           // F
  static constexpr double R = 25e3, Rp = 50.0, Rg1 = 36.3, Rg2 = 17.3, Rg3 = 17.3, Ri = 50.0, Rc = 600.0;  // Ohm
  static constexpr double Lh = 4.45, Ls1 = 2e-3, Ls2 = 5e-4, Ls3 = 5e-4;                                   // H
  double Cs_;
};

}  // namespace ansatz::reaction_kinetics
