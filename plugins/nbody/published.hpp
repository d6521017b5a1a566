#pragma once
/// Bodies whose motion has been published.

#include <random>

#include "body_system.hpp"

namespace ansatz::nbody {

/// Seven stars of masses 1 to 7 in a plane (Hairer, Norsett, Wanner: Solving Ordinary Differential Equations I, II.10).
struct Pleiades : BodySystem<Pleiades> {
  using BodySystem::BodySystem;
  static Setup setup(const sdk::ParameterSet&) {
    return {.masses = {1, 2, 3, 4, 5, 6, 7},
            .positions = {3, 3, 3, -3, -1, 2, -3, 0, 2, 0, -2, -4, 2, 4},
            .velocities = {0, 0, 0, 0, 0, 0, 0, -1.25, 0, 1, 1.75, 0, -1.5, 0},
            .end = 3.0};
  }
};

/// Three equal masses that follow each other along an eight (Chenciner and Montgomery, Annals of Mathematics 152, 2000;
/// the initial state is the one of C. Simo given there). The period is 6.32591398.
struct FigureEight : BodySystem<FigureEight> {
  using BodySystem::BodySystem;
  static constexpr double period = 6.32591398;
  static Setup setup(const sdk::ParameterSet&) {
    constexpr double x = 0.97000436, y = 0.24308753, vx = 0.93240737, vy = 0.86473146;
    return {.masses = {1, 1, 1},
            .positions = {x, -y, -x, y, 0, 0},
            .velocities = {vx / 2, vy / 2, vx / 2, vy / 2, -vx, -vy},
            .end = period};
  }
};

/// Three stars of one solar mass in a plane. A seed draws the places of two as NumPy's legacy generator does; the units
/// are G = 1, the mass of all three and 1 AU, and so T = 0.09188 years. The centre of mass is at rest in the origin.
struct ThreeBody : BodySystem<ThreeBody> {
  using BodySystem::BodySystem;
  static constexpr double year = 10.882796185405306;          ///< 2 pi sqrt(3), in units of time
  static constexpr double kilometre_per_second = 0.01938376;  ///< in units of velocity

  static sdk::ParameterSchema parameters() {
    return sdk::ParameterSchema().add(
        {.name = "seed",
         .initial = std::int64_t{0},
         .unit = "1",
         .doc = "of the places: uniform in [5, 20] x [0, 10] and [-10, 0] x [5, 20] AU from the first star",
         .range = {0.0, 1073741824.0}});
  }

  static Setup setup(const sdk::ParameterSet& parameters) {
    std::mt19937 generator(static_cast<std::uint32_t>(parameters.integer("seed")));
    const auto uniform = [&] {
      const auto a = generator() >> 5, b = generator() >> 6;
      return (a * 67108864.0 + b) / 9007199254740992.0;
    };
    const double x2 = 5.0 + 15.0 * uniform(), y2 = 10.0 * uniform(), x3 = -10.0 * uniform(),
                 y3 = 5.0 + 15.0 * uniform();
    Setup setup{.masses = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0},
                .positions = {0.0, 0.0, x2, y2, x3, y3},
                .velocities = {0.0, 10.0 * kilometre_per_second, -10.0 * kilometre_per_second, 0.0, 0.0, 0.0},
                .end = 30.0 * year,
                .length_unit = "AU",
                .velocity_unit = "AU/T"};
    centre(setup.positions);
    centre(setup.velocities);
    return setup;
  }

 private:
  /// Subtracts the mean of three vectors in the plane.
  static void centre(std::vector<double>& vectors) {
    for (std::size_t c = 0; c < 2; ++c) {
      const double mean = (vectors[c] + vectors[2 + c] + vectors[4 + c]) / 3.0;
      for (std::size_t i = 0; i < 3; ++i) vectors[2 * i + c] -= mean;
    }
  }
};

}  // namespace ansatz::nbody
