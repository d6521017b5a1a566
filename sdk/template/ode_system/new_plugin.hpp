#pragma once
#include <ansatz/sdk/ode.hpp>
#include <cmath>

/// Predators p and their prey q:  q' = a q - b q p,  p' = b q p - c p.
struct NewPlugin {
  /// What a case may set in [system.new_plugin].
  static ansatz::sdk::ParameterSchema parameters() {
    using ansatz::sdk::positive;
    ansatz::sdk::ParameterSchema schema;
    schema.add({.name = "growth",
                .initial = 1.5,
                .unit = "1/s",
                .doc = "rate a of the prey without predators",
                .range = positive});
    schema.add({.name = "hunting",
                .initial = 1.0,
                .unit = "1/s",
                .doc = "rate b at which predators find prey",
                .range = positive});
    schema.add({.name = "death",
                .initial = 3.0,
                .unit = "1/s",
                .doc = "rate c of the predators without prey",
                .range = positive});
    return schema;
  }

  /// Names, units and initial values; what stays as it is.
  static ansatz::sdk::OdeInfo info(const ansatz::sdk::ParameterSet&) {
    return {.components = {{"prey", "1"}, {"predators", "1"}},
            .initial = {1.0, 1.0},
            .end = 10.0,
            .invariants = {"volterra"}};
  }

  explicit NewPlugin(const ansatz::sdk::ParameterSet& parameters)
      : growth_(parameters.number("growth")),
        hunting_(parameters.number("hunting")),
        death_(parameters.number("death")) {}

  /// f(t, y), for plain numbers and for those with derivatives.
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    const S hunted = hunting_ * y[0] * y[1];
    f[0] = growth_ * y[0] - hunted;
    f[1] = hunted - death_ * y[1];
  }

  void invariants(std::span<const double> y, std::span<double> out) const {
    out[0] = hunting_ * (y[0] + y[1]) - death_ * std::log(y[0]) - growth_ * std::log(y[1]);
  }

 private:
  double growth_, hunting_, death_;
};
