#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"
#include "engine/sampling/greedy.hpp"
#include "reduced_snapshots.hpp"

using namespace ansatz;
using base::Communicator;
using reduced::Block;
using reduced::InnerProduct;
using sampling::GreedyEnd;
using sampling::GreedyOptions;
using sampling::GreedyStep;
using sampling::TrainingSet;

namespace {

/// Entry i of 100 of the solution for the parameters mu.
using Family = std::function<double(std::int64_t i, std::span<const double> mu)>;

/// Strong greedy: orthogonal projection on the solutions picked so far, and the norm of its error.
class Projection : public sampling::Surrogate {
 public:
  Projection(const Communicator& comm, Family family)
      : mine_(test::share(comm, 100)),
        X_(InnerProduct::euclidean(comm)),
        family_(std::move(family)),
        basis_(mine_.count) {}

  std::vector<double> evaluate(const TrainingSet& points) override {
    ++evaluations;
    std::vector<double> out;
    for (std::size_t j = 0; j < points.size(); ++j) {
      auto u = solution(points[j]);
      for (int pass = 0; pass < 2; ++pass) {
        Block block(mine_.count);
        block.append(u);
        reduced::add_lifted(-1.0, basis_, X_.gram(basis_, block).values, u);
      }
      out.push_back(X_.norm(u));
    }
    return out;
  }

  bool extend(std::span<const double> mu) override {
    auto u = solution(mu);
    if (reduced::orthogonalise(X_, basis_, u).dependent) return false;
    basis_.append(u);
    return true;
  }

  std::vector<double> solution(std::span<const double> mu) const {
    return test::fill(mine_, [&](std::int64_t i) { return family_(i, mu); });
  }
  const Block& basis() const { return basis_; }

  int evaluations = 0;

 private:
  test::Share mine_;
  InnerProduct X_;
  Family family_;
  Block basis_;
};

double peak(std::int64_t i, std::span<const double> mu) {
  const double distance = (double(i) / 99.0 - mu[0]) / 0.3;
  return 1.0 / (1.0 + distance * distance);
}

const sampling::ParameterBox line({{"position", 0.0, 1.0}});

TrainingSet grid(int n) { return sampling::sample(line, {"grid", 0, {n}}); }

std::vector<std::size_t> picks(const std::vector<GreedyStep>& steps) {
  std::vector<std::size_t> out;
  for (const auto& step : steps) out.push_back(step.index);
  return out;
}

/// Indicators given by hand, which extend() may lower.
class Scripted : public sampling::Surrogate {
 public:
  explicit Scripted(std::vector<double> values, bool gains = true) : values_(std::move(values)), gains_(gains) {}
  std::vector<double> evaluate(const TrainingSet&) override { return values_; }
  bool extend(std::span<const double> mu) override {
    if (gains_) values_[static_cast<std::size_t>(std::lround(mu[0] * double(values_.size() - 1)))] *= 0.1;
    return gains_;
  }

 private:
  std::vector<double> values_;
  bool gains_;
};

/// extend() claims success and changes nothing.
class Liar : public Scripted {
 public:
  using Scripted::Scripted;
  bool extend(std::span<const double>) override { return true; }
};

}  // namespace

TEST_CASE("the strong greedy algorithm picks what QR with column pivoting picks, on any number of ranks") {
  const Communicator comm(MPI_COMM_WORLD);
  // An uneven grid: no two indicators tie.
  TrainingSet training(1);
  for (int j = 0; j < 40; ++j) training.append(std::vector<double>{std::pow(j / 39.0, 1.3)});
  Projection surrogate(comm, peak);
  GreedyOptions options;
  options.tolerance = 1e-9;
  const auto result = sampling::greedy(surrogate, training, options);
  CHECK(result.end == GreedyEnd::tolerance);
  CHECK(result.largest <= 1e-9);
  REQUIRE(result.steps.size() > 8);

  reduced::Dense whole(100, 40);
  for (int j = 0; j < 40; ++j) {
    for (int i = 0; i < 100; ++i) whole(i, j) = peak(i, training[j]);
  }
  const auto qr = reduced::pivoted_qr(whole);
  for (std::size_t k = 0; k < result.steps.size(); ++k) {
    CHECK(result.steps[k].index == static_cast<std::size_t>(qr.order[k]));
    CHECK(result.steps[k].indicator == Approx(qr.diagonal[k]).epsilon(1e-5));
    CHECK(result.steps[k].parameter[0] == training[result.steps[k].index][0]);
  }
  CHECK(qr.diagonal[result.steps.size()] <= 1e-9);
}

TEST_CASE("of points that tie the one with the lowest index is picked, whatever round-off says") {
  const GreedyOptions options{0.06, false, 100, nullptr};
  Scripted tied({0.1, 0.5, 0.5 * (1.0 + 5e-9), 0.5});
  CHECK(picks(sampling::greedy(tied, grid(4), options).steps) == std::vector<std::size_t>{1, 2, 3, 0});
  Scripted apart({0.1, 0.5, 0.5 * (1.0 + 5e-8), 0.5});
  CHECK(picks(sampling::greedy(apart, grid(4), options).steps) == std::vector<std::size_t>{2, 1, 3, 0});
}

TEST_CASE("a greedy algorithm stops at its tolerance, absolute or relative, at its size, or on request") {
  const auto run = [](GreedyOptions options) {
    Scripted surrogate({8.0, 4.0, 2.0});
    return sampling::greedy(surrogate, grid(3), options);
  };
  const auto absolute = run({1.0, false, 100, nullptr});
  CHECK(absolute.end == GreedyEnd::tolerance);
  CHECK(picks(absolute.steps) == std::vector<std::size_t>{0, 1, 2});
  CHECK(absolute.largest == Approx(0.8));
  const auto relative = run({0.5, true, 100, nullptr});
  CHECK(picks(relative.steps) == std::vector<std::size_t>{0});
  CHECK(relative.largest == 4.0);
  CHECK(relative.worst == 1);
  const auto limited = run({0.0, false, 2, nullptr});
  CHECK(limited.end == GreedyEnd::max_extensions);
  CHECK(limited.steps.size() == 2);
  CHECK(limited.largest == 2.0);
  std::vector<double> seen;
  const auto stopped = run({0.0, false, 100, [&](const GreedyStep& step) {
                              seen.push_back(step.indicator);
                              return seen.size() < 2;
                            }});
  CHECK(stopped.end == GreedyEnd::interrupted);
  CHECK(seen == std::vector<double>{8.0, 4.0});
}

TEST_CASE("a greedy algorithm that gains nothing says so instead of running on") {
  Scripted full({1.0, 2.0}, false);
  const auto refused = sampling::greedy(full, grid(2), {});
  CHECK(refused.end == GreedyEnd::no_gain);
  CHECK(refused.steps.empty());
  CHECK(refused.worst == 1);
  Liar liar({1.0, 2.0});
  const auto repeated = sampling::greedy(liar, grid(2), {});
  CHECK(repeated.end == GreedyEnd::no_gain);
  CHECK(picks(repeated.steps) == std::vector<std::size_t>{1});
  // An impossible tolerance ends at the round-off of the solutions, not at a hundred vectors.
  const Communicator comm(MPI_COMM_WORLD);
  Projection surrogate(comm, peak);
  const auto exhausted = sampling::greedy(surrogate, grid(40), {0.0, false, 100, nullptr});
  CHECK(exhausted.end == GreedyEnd::no_gain);
  CHECK(exhausted.largest < 1e-11);
}

TEST_CASE("an interrupted training that is resumed gives the same model, without evaluating what is known") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto training = grid(30);
  GreedyOptions options{1e-6, true, 100, nullptr};
  Projection whole(comm, peak), first(comm, peak), second(comm, peak);
  const auto at_once = sampling::greedy(whole, training, options);
  options.on_step = [count = 0](const GreedyStep&) mutable { return ++count < 4; };
  const auto part = sampling::greedy(first, training, options);
  CHECK(part.end == GreedyEnd::interrupted);
  REQUIRE(part.steps.size() == 4);
  options.on_step = nullptr;
  sampling::replay(second, training, part.steps);
  CHECK(second.evaluations == 0);
  const auto rest = sampling::greedy(second, training, options, part.steps);
  CHECK(rest.end == GreedyEnd::tolerance);
  CHECK(picks(rest.steps) == picks(at_once.steps));
  CHECK(second.basis().values() == whole.basis().values());
  CHECK(rest.largest == at_once.largest);

  Projection other(comm, peak);
  CHECK_THROWS_AS(sampling::replay(other, grid(31), part.steps), sdk::Error);
}

TEST_CASE("indicators that are not numbers and empty training sets are refused by name") {
  Scripted bad({1.0, std::numeric_limits<double>::quiet_NaN()}), negative({1.0, -1e-9}), good({1.0, 1.0});
  CHECK_THROWS_WITH(sampling::greedy(bad, grid(2), {}), Catch::Contains("1.0000"));
  CHECK_THROWS_AS(sampling::greedy(negative, grid(2), {}), sdk::Error);
  CHECK_THROWS_AS(sampling::greedy(good, TrainingSet(1), {}), sdk::Error);
  CHECK_THROWS_AS(sampling::greedy(good, grid(2), {-1.0, false, 100, nullptr}), sdk::Error);
  CHECK_THROWS_AS(sampling::greedy(good, grid(3), {}), sdk::Error);  // two indicators for three points
}

TEST_CASE("an adaptive training set meets its tolerance on points never seen, where the first set alone does not") {
  const Communicator comm(MPI_COMM_WORLD);
  const sampling::ParameterBox square({{"x", 0.0, 1.0}, {"width", 0.1, 1.0, true}});
  const Family family = [](std::int64_t i, std::span<const double> mu) {
    const double distance = (double(i) / 99.0 - mu[0]) / mu[1];
    return 1.0 / (1.0 + distance * distance);
  };
  const auto start = sampling::sample(square, {"grid", 0, {3, 3}});
  const auto unseen = sampling::sample(square, {"halton", 300, {}, "owen", 99});
  const auto worst_of = [&](Projection& surrogate) {
    const auto values = surrogate.evaluate(unseen);
    return *std::max_element(values.begin(), values.end());
  };
  sampling::AdaptiveOptions options;
  options.greedy.tolerance = 1e-3;
  Projection fixed(comm, family), adaptive(comm, family);
  CHECK(sampling::greedy(fixed, start, options.greedy).end == GreedyEnd::tolerance);
  CHECK(worst_of(fixed) > 1e-1);

  const auto result = sampling::adaptive_greedy(adaptive, square, {start, {}, 0}, options);
  CHECK(result.validated);
  CHECK(result.end == GreedyEnd::tolerance);
  CHECK(result.validation <= 1e-3);
  CHECK(result.state.rounds > 1);
  CHECK(worst_of(adaptive) < 3e-3);
  CHECK(result.state.training.size() > start.size());
  for (std::size_t i = 0; i < result.state.training.size(); ++i) CHECK(square.contains(result.state.training[i]));

  // Interrupted after its seventh step and resumed from the last checkpoint.
  Projection first(comm, family), second(comm, family);
  sampling::AdaptiveState checkpoint{start, {}, 0};
  auto part = options;
  part.on_round = [&](const sampling::AdaptiveState& state) { checkpoint = state; };
  part.greedy.on_step = [&](const GreedyStep& step) {
    checkpoint.steps.push_back(step);
    return checkpoint.steps.size() < 14;
  };
  CHECK(sampling::adaptive_greedy(first, square, checkpoint, part).end == GreedyEnd::interrupted);
  CHECK(checkpoint.rounds > 0);
  sampling::replay(second, checkpoint.training, checkpoint.steps);
  const auto resumed = sampling::adaptive_greedy(second, square, checkpoint, options);
  CHECK(picks(resumed.state.steps) == picks(result.state.steps));
  CHECK(resumed.state.training.values() == result.state.training.values());
  CHECK(second.basis().values() == adaptive.basis().values());

  Projection tired(comm, family);
  options.max_rounds = 1;
  const auto unfinished = sampling::adaptive_greedy(tired, square, {start, {}, 0}, options);
  CHECK_FALSE(unfinished.validated);
  CHECK(unfinished.validation > 1e-3);
}

TEST_CASE("an adaptive training picks the same points on any number of ranks") {
  const Communicator comm(MPI_COMM_WORLD), self(MPI_COMM_SELF);
  sampling::AdaptiveOptions options;
  options.greedy.tolerance = 1e-4;
  Projection together(comm, peak), alone(self, peak);
  const auto a = sampling::adaptive_greedy(together, line, {grid(3), {}, 0}, options);
  const auto b = sampling::adaptive_greedy(alone, line, {grid(3), {}, 0}, options);
  CHECK(picks(a.state.steps) == picks(b.state.steps));
  CHECK(a.state.training.values() == b.state.training.values());
}
