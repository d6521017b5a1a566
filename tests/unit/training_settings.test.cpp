// What a stored model says of its training, and how it differs from what a case asks for.
#include <catch2/catch.hpp>

#include "engine/solvers/reduced_basis/reduced_settings.hpp"

using namespace ansatz;
using Catch::Matchers::Contains;
using solvers::training_difference, solvers::training_settings;

TEST_CASE("Settings of the same training do not differ, whatever the file, the norm and its reference", "[reduced]") {
  input::ReducedSpec before, now;
  now.model = "elsewhere.h5";
  now.reference["k"] = 2.0;  // the model keeps its own, and the run says so
  now.product = "h1";        // of the fingerprint
  now.length = 3.0;
  CHECK(training_difference(training_settings(before), training_settings(now)).empty());
}

TEST_CASE("Each setting of a training that differs is named with both values", "[reduced]") {
  const input::ReducedSpec blank;
  const auto difference = [&](const auto& change) {
    auto now = blank;
    change(now);
    return training_difference(training_settings(blank), training_settings(now));
  };
  using Spec = input::ReducedSpec;
  CHECK(difference([](Spec& s) { s.tolerance = 1e-3; }) == "tolerance was 1e-06, is 0.001");
  CHECK(difference([](Spec& s) { s.max_size = 7; }) == "max_size was 50, is 7");
  CHECK(difference([](Spec& s) { s.method = "pod"; }) == "method was \"greedy\", is \"pod\"");
  CHECK(difference([](Spec& s) { s.pod = "randomised"; }) == "pod was the default, is \"randomised\"");
  CHECK(difference([](Spec& s) {
          s.training = {{}, "sobol", 30, 1};
        }) == "training was { grid = 5 }, is { sobol = 30, seed = 1 }");
  CHECK(difference([](Spec& s) { s.interpolation.points = "s_opt"; }) ==
        "interpolation.points was the default, is \"s_opt\"");
  CHECK(difference([](Spec& s) {
          s.interpolation.max_terms = 9;
          s.interpolation.pick = "sum";
        }) == "interpolation.max_terms was 50, is 9; interpolation.pick was the default, is \"sum\"");
  CHECK_THAT(difference([](Spec& s) { s.interpolation.points_per_term = 0.8; }), Contains("points_per_term"));
  CHECK_THAT(difference([](Spec& s) { s.interpolation.tolerance = 1e-3; }), Contains("interpolation.tolerance"));
  CHECK_THAT(difference([](Spec& s) { s.interpolation.training.count = 9; }), Contains("interpolation.training"));
  CHECK_THAT(difference([](Spec& s) { s.stability = "scm"; }), Contains("stability was \"automatic\", is \"scm\""));
}

TEST_CASE("A model without a record of its training tells no difference", "[reduced]") {
  input::ReducedSpec now;
  now.tolerance = 1e-2;
  CHECK(training_difference("", training_settings(now)).empty());
}
