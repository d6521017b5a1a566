#pragma once
/// Stiff systems of the plugin reaction_kinetics, with their end values in the test sets of Bari and Geneva
/// (research/time_and_linear.md, section 4).

#include <algorithm>
#include <cmath>
#include <limits>

#include "plugins/reaction_kinetics/oscillators.hpp"
#include "plugins/reaction_kinetics/reactions.hpp"

namespace ansatz::test {

/// - log10 of the largest relative error.
inline double correct_digits(std::span<const double> y, std::span<const double> reference) {
  double worst = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(y[i] / reference[i] - 1.0));
  return -std::log10(std::max(worst, std::numeric_limits<double>::epsilon()));
}

/// With components that have no names.
inline sdk::OdeInfo from(std::vector<double> initial, double end) {
  sdk::OdeInfo info;
  info.components.resize(initial.size());
  info.initial = std::move(initial);
  info.end = end;
  return info;
}

/// Three reactions of Robertson.
struct Rober : reaction_kinetics::Rober {
  using reaction_kinetics::Rober::Rober;
  static constexpr double end = 1e11;
  static std::vector<double> reference() { return {0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050}; }
};

/// Van der Pol's oscillator, epsilon = 1e-6.
struct VanDerPol : reaction_kinetics::Vdpol {
  using reaction_kinetics::Vdpol::Vdpol;
  static constexpr double end = 2.0;
  static std::vector<double> reference() { return {1.706167732170469, -0.8928097010248125}; }
};

/// The Oregonator.
struct Orego : reaction_kinetics::Orego {
  using reaction_kinetics::Orego::Orego;
  static constexpr double end = 360.0;
  static std::vector<double> reference() { return {1.000814870318523, 1228.178521549917, 132.0554942846706}; }
};

/// High irradiance response of plants.
struct Hires : reaction_kinetics::Hires {
  using reaction_kinetics::Hires::Hires;
  static constexpr double end = 321.8122;
  static std::vector<double> reference() {
    return {.7371312573325668e-3, .1442485726316185e-3, .5888729740967575e-4, .1175651343283149e-2,
            .2386356198831331e-2, .6238968252742796e-2, .2849998395185769e-2, .2850001604814231e-2};
  }
};

}  // namespace ansatz::test
