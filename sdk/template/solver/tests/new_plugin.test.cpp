#include "new_plugin.hpp"

#include <catch2/catch.hpp>
#include <numeric>

TEST_CASE("weights have the sum 1, and a known point has all of it") {
  const std::vector<double> known{0.0, 0.5, 1.0};
  const auto between = shepard_weights(known, std::vector<double>{0.25}, 2.0);
  CHECK(std::accumulate(between.begin(), between.end(), 0.0) == Approx(1.0));
  CHECK(between[0] == Approx(between[1]));
  // Distances 1/4, 1/4, 3/4: weights 1, 1, 1/9 before they are divided by their sum.
  CHECK(between[2] == Approx((1.0 / 9.0) / (19.0 / 9.0)));
  double distance = 1.0;
  CHECK(shepard_weights(known, std::vector<double>{0.5}, 2.0, &distance) == std::vector<double>{0.0, 1.0, 0.0});
  CHECK(distance == 0.0);
}

TEST_CASE("larger powers trust the nearest point more") {
  const std::vector<double> known{0.0, 0.0, 1.0, 1.0};
  const std::vector<double> at{0.2, 0.2};
  CHECK(shepard_weights(known, at, 4.0)[0] > shepard_weights(known, at, 1.0)[0]);
}
