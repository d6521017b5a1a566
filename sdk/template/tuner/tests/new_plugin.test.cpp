#include "new_plugin.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace ansatz::sdk;

TEST_CASE("it finds the cheapest value") {
  const std::vector<Knob> knobs{{.name = "omega", .low = 1.0, .high = 1.7, .initial = 1.0}};
  NewPlugin tuner(knobs, ParameterSet(NewPlugin::options()));
  int good = 0;
  for (int solve = 0; solve < 1000; ++solve) {
    double omega = 0.0;
    tuner.propose({}, std::span(&omega, 1));
    good += std::abs(omega - 1.4) < 0.01;
    tuner.learn(10 + static_cast<std::int64_t>(100.0 * std::abs(omega - 1.4)), true);
  }
  CHECK(good > 800);
}
