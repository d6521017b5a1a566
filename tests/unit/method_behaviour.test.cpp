/// What conformance asks of time integrators beside their order, asked of all that are built in: none may be blamed.

#include "tools/conformance/method_behaviour.hpp"

#include <catch2/catch.hpp>

#include "engine/time/methods/methods.hpp"

using namespace ansatz;

TEST_CASE("the built-in time integrators forget at a restart, know no early rate, and estimate as their orders say",
          "[time]") {
  const auto problems = conformance::smooth_problems();
  for (const auto& entry : time::time_methods()) {
    for (const auto& problem : problems) {
      if (!time::suits(entry.info, time::OdeTimeSystem(*problem.system).traits())) continue;
      CAPTURE(entry.info.name);
      CHECK(conformance::fault_of_restart(entry.create, problem) == "");
      CHECK(conformance::fault_of_early_rate(entry.create, problem) == "");
      if (entry.info.embedded_order > 0) CHECK(conformance::fault_of_estimate(entry.create, problem) == "");
    }
  }
}
