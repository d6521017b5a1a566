#pragma once
/// Air pollution over cities.

#include <ansatz/sdk/ode.hpp>
#include <array>

namespace ansatz::reaction_kinetics {

/// Twenty species and 25 reactions of air pollution at RIVM (Verwer, SIAM J. Sci. Comput. 15, 1994). Concentrations in
/// ppm, time in minutes, sunlight as at the start.
struct Pollu {
  enum Species { no2, no, o3p, o3, ho2, oh, hcho, co, ald, meo2, c2o3, co2, pan, ch3o, hno3, o1d, so2, so4, no3, n2o5 };

  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info{.end = 60.0, .invariants = {"nitrogen", "carbon", "sulphur"}};
    for (const char* name : {"no2",  "no",  "o3p", "o3",   "ho2",  "oh",  "hcho", "co",  "ald", "meo2",
                             "c2o3", "co2", "pan", "ch3o", "hno3", "o1d", "so2",  "so4", "no3", "n2o5"}) {
      info.components.push_back({name, "ppm"});
    }
    info.initial.assign(20, 0.0);
    info.initial[no] = 0.2;
    info.initial[o3] = 0.04;
    info.initial[hcho] = 0.1;
    info.initial[co] = 0.3;
    info.initial[ald] = 0.01;
    info.initial[so2] = 0.007;
    return info;
  }
  explicit Pollu(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    for (auto& rate : f) rate = S(0.0);
    for (const auto& reaction : reactions) {
      S rate = reaction.constant * y[reaction.first];
      if (reaction.second != none) rate *= y[reaction.second];
      f[reaction.first] -= rate;
      if (reaction.second != none) f[reaction.second] -= rate;
      for (const int product : reaction.products) {
        if (product != none) f[product] += rate;
      }
    }
  }

  /// Atoms of each element.
  void invariants(std::span<const double> y, std::span<double> out) const {
    out[0] = y[no2] + y[no] + y[pan] + y[hno3] + y[no3] + 2.0 * y[n2o5];
    out[1] = y[hcho] + y[co] + 2.0 * y[ald] + y[meo2] + 2.0 * y[c2o3] + y[co2] + 2.0 * y[pan] + y[ch3o];
    out[2] = y[so2] + y[so4];
  }

 private:
  static constexpr int none = -1;
  /// first (+ second) -> products, at constant y_first (y_second). [1/min, 1/(ppm min)]
  struct Reaction {
    double constant;
    int first, second;
    std::array<int, 3> products;
  };
  // What reacts with oxygen of the air has no second partner here; what is not followed further is left out.
  static constexpr std::array<Reaction, 25> reactions{{
      {0.35, no2, none, {no, o3p, none}},      {26.6, no, o3, {no2, none, none}},
      {1.23e4, ho2, no, {no2, oh, none}},      {8.6e-4, hcho, none, {ho2, ho2, co}},
      {8.2e-4, hcho, none, {co, none, none}},  {1.5e4, hcho, oh, {ho2, co, none}},
      {1.3e-4, ald, none, {meo2, ho2, co}},    {2.4e4, ald, oh, {c2o3, none, none}},
      {1.65e4, c2o3, no, {no2, meo2, co2}},    {9e3, c2o3, no2, {pan, none, none}},
      {0.022, pan, none, {c2o3, no2, none}},   {1.2e4, meo2, no, {ch3o, no2, none}},
      {1.88, ch3o, none, {hcho, ho2, none}},   {1.63e4, no2, oh, {hno3, none, none}},
      {4.8e6, o3p, none, {o3, none, none}},    {3.5e-4, o3, none, {o1d, none, none}},
      {0.0175, o3, none, {o3p, none, none}},   {1e8, o1d, none, {oh, oh, none}},
      {4.44e11, o1d, none, {o3p, none, none}}, {1240.0, so2, oh, {so4, ho2, none}},
      {2.1, no3, none, {no, none, none}},      {5.78, no3, none, {no2, o3p, none}},
      {0.0474, no2, o3, {no3, none, none}},    {1780.0, no3, no2, {n2o5, none, none}},
      {3.12, n2o5, none, {no3, no2, none}},
  }};
};

}  // namespace ansatz::reaction_kinetics
