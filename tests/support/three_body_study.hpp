#pragma once
/// The published three-body study as an environment.

#include <memory>

#include "engine/time/learning/hermite_environment.hpp"
#include "tests/support/gravity.hpp"

namespace ansatz::test {

/// Intervals of 0.1 years.
/// \param steps of an episode: 100 in training, 300 in tests
inline std::unique_ptr<time::HermiteEnvironment> three_body_study(int steps, time::HermiteStudy::Features features) {
  const auto gravity = std::make_shared<Gravity>(std::vector<double>(3, 1.0 / 3.0));
  time::PlanarMotion motion;
  motion.accelerations = gravity;
  motion.energy = [gravity](std::span<const double> x, std::span<const double> v) { return gravity->energy(x, v); };
  motion.start = [](std::uint64_t seed, std::vector<double>& x, std::vector<double>& v) {
    const ThreeBodies bodies(static_cast<std::uint32_t>(seed));
    x = bodies.x;
    v = bodies.v;
  };
  time::HermiteStudy study;
  study.features = features;
  study.interval = 0.1 * ThreeBodies::year;
  study.steps = steps;
  return std::make_unique<time::HermiteEnvironment>(std::move(motion), study);
}

}  // namespace ansatz::test
