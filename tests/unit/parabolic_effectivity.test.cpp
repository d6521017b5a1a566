// Bounds in space and time against true errors, on the case heat_parabolic.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/mpi/parabolic_problems.hpp"

using namespace ansatz;

namespace {

/// bound / error at random parameters with models of several sizes. \param sizes ascending
std::vector<std::vector<double>> effectivities(test::ParabolicFixture& f, const std::vector<int>& sizes, std::size_t num_points) {
  const reduced::ParameterBox box(f.box);
  const auto training = study::training_set(f.parsed);
  const auto points = sample(box, {.method = "random", .size = num_points, .seed = 1000});
  std::vector<reduced::Block> exact;
  for (std::size_t i = 0; i < points.size(); ++i) exact.push_back(test::fem_steps(f, {points[i].begin(), points[i].end()}));
  std::vector<std::vector<double>> all;
  std::vector<reduced::GreedyStep> steps;
  for (const int size : sizes) {
    steps = reduced::greedy(f.surrogate, training, {.tolerance = 1e-300, .max_extensions = size}, steps).steps;
    REQUIRE(f.space.size() == size);
    const auto model = f.basis.model();
    reduced::ParabolicModel::Workspace work(model);
    auto& found = all.emplace_back();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto result = model.solve(points[i], work);
      const double error = f.basis.norm(points[i], test::difference(exact[i], test::lifted_steps(f, result, size)));
      found.push_back(result.bound / error);
    }
    std::ranges::sort(found);
  }
  return all;
}

}  // namespace

TEST_CASE("Bounds in time are above the errors, and in the median less than ten times", "[reduced][parabolic]") {
  test::ParabolicFixture f(test::case_text("heat_parabolic"));
  for (const auto& found : effectivities(f, {5, 10, 20}, 25)) {
    INFO("bound / error: " << found.front() << " to " << found.back() << ", median " << found[found.size() / 2]);
    CHECK(found.front() >= 1.0);
    CHECK(found[found.size() / 2] < 10.0);
  }
}
