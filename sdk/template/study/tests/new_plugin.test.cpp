#include "new_plugin.hpp"

#include <catch2/catch.hpp>

TEST_CASE("the change over a range is exact for parabolas, and one-sided at an end") {
  const auto square = [](double x) { return std::vector<double>{x * x, 1.0}; };
  const auto inside = change_over_range({.name = "k", .low = 0.0, .high = 4.0, .value = 1.0}, 0.01, square);
  CHECK(inside[0] == Approx(2.0 * 1.0 * 4.0));
  CHECK(inside[1] == 0.0);
  const auto at_end = change_over_range({.name = "k", .low = 0.0, .high = 4.0, .value = 4.0}, 0.01, square);
  CHECK(at_end[0] == Approx((4.0 + 3.96) * 4.0));
}
