#include "network.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "replay.hpp"
#include "trainer.hpp"

using namespace ansatz;
using namespace ansatz::rl_stepping;

namespace {

Network network_of(const NetworkShape& shape) {
  Random random(7, 0);
  Network network(shape, random);
  for (std::size_t i = 0; i < network.shift.size(); ++i) {
    network.shift[i] = 0.1 * static_cast<double>(i);
    network.scale[i] = 1.0 + 0.5 * static_cast<double>(i);
  }
  return network;
}

std::vector<double> observations(std::size_t count) {
  Random random(11, 0);
  std::vector<double> out(count);
  for (double& x : out) x = 4.0 * random.uniform() - 2.0;
  return out;
}

}  // namespace

TEST_CASE("A network of known weights gives the values that are computed by hand") {
  Network network = network_of({2, 2, 1, 2, false});
  network.shift = {1.0, 0.0};
  network.scale = {2.0, 1.0};
  network.matrices[0].weights = {1.0, -1.0, 0.5, 1.0};  // from inputs 2 (x - 1) and y to two units
  network.matrices[0].bias = {0.0, 1.0};
  network.matrices[1].weights = {1.0, 2.0, 3.0, 4.0};
  network.matrices[1].bias = {-1.0, 0.0};
  network.matrices[2].weights = {1.0, 0.0, -1.0, 2.0};
  network.matrices[2].bias = {0.5, 0.25};
  Forward forward(network);
  // x = 2, y = 2: inputs 2, 2; units 2 + 1 = 3 and -2 + 2 + 1 = 1; next 3 + 3 - 1 = 5 and 6 + 4 = 10.
  auto values = forward(std::vector<double>{2.0, 2.0});
  CHECK(values[0] == 5.0 - 10.0 + 0.5);
  CHECK(values[1] == 20.0 + 0.25);
  // x = 0, y = 0: inputs -2, 0; units max(-2, 0) = 0 and 3; next 9 - 1 = 8 and 12.
  values = forward(std::vector<double>{0.0, 0.0});
  CHECK(values[0] == 8.0 - 12.0 + 0.5);
  CHECK(values[1] == 24.0 + 0.25);
}

TEST_CASE("The hand-written forward pass gives what LibTorch gives") {
  for (const NetworkShape shape : {NetworkShape{13, 200, 9, 10, true}, NetworkShape{13, 200, 9, 10, false},
                                   NetworkShape{12, 32, 1, 11, false}, NetworkShape{3, 5, 0, 2, false}}) {
    Network network = network_of(shape);
    for (auto& layer : network.matrices) {
      for (double& w : layer.weights) w *= 2.0;  // values that do not fade through many layers
    }
    const Trainer trainer(network, {});
    const std::size_t rows = 17, features = network.shift.size(), actions = static_cast<std::size_t>(shape.actions);
    const auto input = observations(rows * features);
    const auto expected = trainer.values(input);
    Forward forward(network);
    double worst = 0.0, largest = 0.0;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto values = forward(std::span(input).subspan(r * features, features));
      for (std::size_t a = 0; a < actions; ++a) {
        worst = std::max(worst, std::abs(values[a] - expected[r * actions + a]));
        largest = std::max(largest, std::abs(values[a]));
      }
    }
    INFO(shape.layers << " layers of " << shape.width << ", values up to " << largest);
    CHECK(largest > 1e-3);
    CHECK(worst <= 1e-12 * largest);
  }
}

TEST_CASE("A shared matrix is one, and makes the same as copies of it") {
  Network shared = network_of({4, 6, 3, 2, true});
  CHECK(shared.matrices.size() == 3);
  Network copies = network_of({4, 6, 3, 2, false});
  REQUIRE(copies.matrices.size() == 5);
  copies.matrices = {shared.matrices[0], shared.matrices[1], shared.matrices[1], shared.matrices[1],
                     shared.matrices[2]};
  Forward one(shared), other(copies);
  const auto input = observations(4);
  const auto a = one(input), b = other(input);
  CHECK(std::vector<double>(a.begin(), a.end()) == std::vector<double>(b.begin(), b.end()));
}

TEST_CASE("A step of the trainer moves values towards rewards, in place") {
  Network network = network_of({3, 8, 1, 2, false});
  const auto before = network.matrices[0].weights;
  Trainer trainer(network, {});
  Batch batch;
  batch.observations = batch.next = {0.5, -0.5, 1.0};
  batch.actions = {1};
  batch.rewards = {2.0};
  batch.alive = {0.0};
  Forward forward(network);
  const double first = forward(batch.observations)[1];
  // Huber: |d| - 1/2 for |d| > 1.
  CHECK(trainer.step(batch) == Approx(std::abs(2.0 - first) - 0.5));
  CHECK(network.matrices[0].weights != before);
  for (int k = 0; k < 500; ++k) trainer.step(batch);
  CHECK(forward(batch.observations)[1] == Approx(2.0).margin(0.05));
}

TEST_CASE(
    "A policy keeps the network of its model, gives its values in one place, and has no answer where values are not "
    "finite") {
  const Network network = network_of({3, 8, 1, 2, false});
  sdk::PolicyModel model;
  model.features = {"a", "b", "c"};
  model.actions = {1.0, 2.0};
  network.store(model);
  NetworkPolicy policy{Network(model)};
  Forward forward(network);
  const auto input = observations(3);
  const auto expected = forward(input);
  const auto values = policy.values(input);
  CHECK(std::vector<double>(values.begin(), values.end()) == std::vector<double>(expected.begin(), expected.end()));
  CHECK(policy.values(input).data() == values.data());
  CHECK(policy.best(input) == (values[0] >= values[1] ? 0 : 1));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(policy.best(std::vector<double>{nan, 0.0, 0.0}) == -1);
}

TEST_CASE("A replay keeps the newest transitions, and draws different ones") {
  Replay replay(5, 1);
  for (int k = 0; k < 8; ++k) {
    const double x = k, next = k + 1;
    replay.add(std::span(&x, 1), k % 2, 10.0 * k, std::span(&next, 1), k != 6);
  }
  CHECK(replay.size() == 5);
  Random random(3, 0);
  Batch batch;
  replay.sample(5, random, batch);
  CHECK(std::set<double>(batch.observations.begin(), batch.observations.end()) == std::set<double>{3, 4, 5, 6, 7});
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const double x = batch.observations[i];
    CHECK(batch.next[i] == x + 1);
    CHECK(batch.rewards[i] == 10.0 * x);
    CHECK(batch.actions[i] == static_cast<int>(x) % 2);
    CHECK(batch.alive[i] == (x == 6.0 ? 0.0 : 1.0));
  }
}

TEST_CASE("Batches are repeated by the seed, and every transition is drawn equally often") {
  Replay first(50, 1), second(50, 1);
  for (int k = 0; k < 50; ++k) {
    const double x = k;
    for (auto* replay : {&first, &second}) replay->add(std::span(&x, 1), 0, 0.0, std::span(&x, 1), true);
  }
  Random one(5, 2), same(5, 2), other(5, 3);
  Batch a, b, c;
  std::vector<int> drawn(50, 0);
  for (int n = 0; n < 2000; ++n) {
    first.sample(10, one, a);
    second.sample(10, same, b);
    REQUIRE(a.observations == b.observations);
    for (const double x : a.observations) ++drawn[static_cast<std::size_t>(x)];
  }
  second.sample(10, other, c);
  CHECK(c.observations != b.observations);
  // 400 expected of each, standard deviation below 20.
  for (const int count : drawn) CHECK(std::abs(count - 400) < 100);
}
