#include "new_plugin.hpp"

#include <catch2/catch.hpp>

using namespace ansatz::sdk;

namespace {

PolicyModel model_of(std::vector<double> weights) {
  PolicyModel model{.learner = "new_plugin", .features = {"x"}, .actions = {0.0, 1.0}, .attributes = {}, .arrays = {}};
  model.arrays["weights"] = {{2, 2}, std::move(weights)};
  return model;
}

}  // namespace

TEST_CASE("the policy is linear in what it sees") {
  const auto policy = NewPlugin().make(model_of({1.0, 2.0, 3.0, -1.0}));
  const double x = 0.5;
  const auto values = policy->values(std::span(&x, 1));
  CHECK(values[0] == 2.0);
  CHECK(values[1] == 2.5);
  CHECK(policy->best(std::span(&x, 1)) == 1);
}

TEST_CASE("a policy of another learner is refused") {
  auto model = model_of({1.0, 2.0, 3.0, -1.0});
  model.learner = "nobody";
  CHECK_THROWS_AS(NewPlugin().make(model), Error);
}
