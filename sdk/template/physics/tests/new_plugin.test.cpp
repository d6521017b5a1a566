#include "new_plugin.hpp"

#include <ansatz/sdk/testing.hpp>
#include <catch2/catch.hpp>

TEST_CASE("the flux is the diffusivity times the gradient") {
  PhysicsAtPoint<NewPlugin, 2> point;
  point.coefficient("diffusivity", {3.0}).gradient("concentration", {1.0, -2.0});
  CHECK(point.flux("concentration", 0, 0) == 3.0);
  CHECK(point.flux("concentration", 0, 1) == -6.0);
}

TEST_CASE("storage, reaction and source add up") {
  PhysicsAtPoint<NewPlugin, 3> point;
  point.coefficient("diffusivity", {1.0}).coefficient("capacity", {4.0}).coefficient("reaction", {0.5});
  point.coefficient("source", {7.0}).value("concentration", {2.0}).rate("concentration", {10.0});
  CHECK(point.source("concentration") == 4.0 * 10.0 + 0.5 * 8.0 - 7.0);
}
