#pragma once
/// Stiff systems of the test sets of Bari and Geneva, with their end values (research/time_and_linear.md, section 4).

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/ode.hpp"

namespace ansatz::test {

/// - log10 of the largest relative error.
inline double correct_digits(std::span<const double> y, std::span<const double> reference) {
  double worst = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(y[i] / reference[i] - 1.0));
  return -std::log10(std::max(worst, std::numeric_limits<double>::epsilon()));
}

inline sdk::OdeInfo from(std::vector<double> initial, double end) {
  sdk::OdeInfo info;
  info.components.resize(initial.size());
  info.initial = std::move(initial);
  info.end = end;
  return info;
}

/// Three reactions of Robertson.
struct Rober {
  static constexpr double end = 1e11;
  static std::vector<double> reference() { return {0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return from({1.0, 0.0, 0.0}, end); }
  explicit Rober(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
    f[2] = 3e7 * y[1] * y[1];
    f[1] = -f[0] - f[2];
  }
};

/// Van der Pol's oscillator, epsilon = 1e-6.
struct VanDerPol {
  static constexpr double end = 2.0;
  static std::vector<double> reference() { return {1.706167732170469, -0.8928097010248125}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return from({2.0, 0.0}, end); }
  explicit VanDerPol(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = y[1];
    f[1] = ((1.0 - y[0] * y[0]) * y[1] - y[0]) / 1e-6;
  }
};

/// The Oregonator.
struct Orego {
  static constexpr double end = 360.0;
  static std::vector<double> reference() { return {1.000814870318523, 1228.178521549917, 132.0554942846706}; }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return from({1.0, 2.0, 3.0}, end); }
  explicit Orego(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = 77.27 * (y[1] + y[0] * (1.0 - 8.375e-6 * y[0] - y[1]));
    f[1] = (y[2] - (1.0 + y[0]) * y[1]) / 77.27;
    f[2] = 0.161 * (y[0] - y[2]);
  }
};

/// High irradiance response of plants.
struct Hires {
  static constexpr double end = 321.8122;
  static std::vector<double> reference() {
    return {.7371312573325668e-3, .1442485726316185e-3, .5888729740967575e-4, .1175651343283149e-2,
            .2386356198831331e-2, .6238968252742796e-2, .2849998395185769e-2, .2850001604814231e-2};
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return from({1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057}, end); }
  explicit Hires(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S&, std::span<const S> y, std::span<S> f) const {
    f[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
    f[1] = 1.71 * y[0] - 8.75 * y[1];
    f[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
    f[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
    f[4] = -1.745 * y[4] + 0.43 * (y[5] + y[6]);
    f[5] = -280.0 * y[5] * y[7] + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
    f[6] = 280.0 * y[5] * y[7] - 1.81 * y[6];
    f[7] = -f[6];
  }
};

}  // namespace ansatz::test
