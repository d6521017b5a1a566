// The thermal block of 2 by 2 against the figures that pyMOR gives for it (research/mor.md, table B1).
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "tests/support/case_basis.hpp"

using namespace ansatz;

namespace {

constexpr std::array sizes{5, 10, 15, 20, 25, 30};
constexpr std::array<double, 6> published_errors{1.6e-1, 1.6e-2, 1.2e-4, 3.4e-7, 6.7e-10, 8.8e-13};
constexpr std::array<double, 6> published_bounds{2.8e-1, 4.3e-2, 3.5e-4, 1.1e-6, 2.3e-9, 2.7e-12};

/// Slope of the least-squares line through log10 of the values at sizes 5 to 25.
double slope(const std::array<double, 6>& values) {
  double sum = 0.0, squares = 0.0;
  for (std::size_t k = 0; k < 5; ++k) {
    sum += (sizes[k] - 15.0) * std::log10(values[k]);
    squares += (sizes[k] - 15.0) * (sizes[k] - 15.0);
  }
  return sum / squares;
}

}  // namespace

TEST_CASE("Errors and bounds of the thermal block fall as published, and no bound is below its error",
          "[reduced][slow]") {
  test::CaseBasis thermal_block("thermal_block");
  const auto& comm = thermal_block.comm;
  auto& basis = *thermal_block.basis;
  const auto& box = thermal_block.box;
  reduced::WeakGreedy surrogate(basis, comm);
  const auto training = sample(box, {.method = "grid", .grid = {5, 5, 5, 5}});
  const auto trained = sampling::greedy(surrogate, training, {.tolerance = 1e-300, .max_extensions = 30});
  REQUIRE(basis.size() == 30);
  REQUIRE(thermal_block.problem.dofs().num_global() == 20201);

  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  std::array<double, 6> errors{}, bounds{};
  int below = 0;
  const auto test = sample(box, {.method = "random", .size = 1000, .seed = 1000});
  for (std::size_t i = 0; i < test.size(); ++i) {
    const auto exact = basis.snapshot(test[i]);
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      const auto result = model.solve(test[i], work, sizes[k]);
      auto difference = basis.lift(result.coefficients, result.liftings);
      linear::add_scaled(-1.0, exact, difference);
      const double error = basis.product().norm(difference);
      errors[k] = std::max(errors[k], error);
      bounds[k] = std::max(bounds[k], result.bound);
      if (result.bound < error) ++below;
    }
  }
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    UNSCOPED_INFO("N = " << sizes[k] << ": largest error " << errors[k] << " (published " << published_errors[k]
                         << "), largest bound " << bounds[k] << " (" << published_bounds[k] << ")");
    CHECK(errors[k] <= 10.0 * published_errors[k]);
    CHECK(bounds[k] <= 10.0 * published_bounds[k]);
  }
  CHECK(below == 0);
  UNSCOPED_INFO("slope " << slope(errors) << ", published " << slope(published_errors));
  CHECK(slope(errors) == Approx(slope(published_errors)).epsilon(0.15));
}
