// Thermal blocks of 3 by 3: adaptive training sets, and contrasts of 10 and 100.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"
#include "engine/reduced/algebra/pod.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "tests/support/case_basis.hpp"

using namespace ansatz;

namespace {

struct Errors {
  double mean = 0.0;  ///< relative, in X
  double largest_bound = 0.0;
};

/// At random parameters, each error between what no function of the basis could leave less of and what Cea's lemma
/// allows: with all k in [low, high] times those of X a Galerkin solution is at most sqrt(high / low) times as far off
/// as the best.
Errors checked_errors(test::CaseBasis& blocks, int count) {
  auto& basis = *blocks.basis;
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  Errors out;
  const auto test = sample(blocks.box, {.method = "random", .size = std::size_t(count), .seed = 1000});
  for (std::size_t i = 0; i < test.size(); ++i) {
    const auto exact = basis.snapshot(test[i]);
    const auto result = model.solve(test[i], work);
    auto difference = basis.lift(result.coefficients, result.liftings);
    linear::add_scaled(-1.0, exact, difference);
    const double error = basis.product().norm(difference), size = basis.product().norm(exact);
    auto best = exact;
    const double least = orthogonalise(basis.product(), basis.basis(), best, 0.0).remainder;
    const auto [low, high] = std::ranges::minmax_element(test[i]);
    CHECK(error >= least * (1.0 - 1e-9));
    CHECK(error <= least * std::sqrt(*high / *low) * (1.0 + 1e-9));
    CHECK(result.bound >= error);
    out.mean += error / size / count;
    out.largest_bound = std::max(out.largest_bound, result.bound);
  }
  return out;
}

}  // namespace

TEST_CASE("An adaptive training set makes the tolerance hold for other parameters than the trained ones",
          "[reduced][slow]") {
  for (const std::string name : {"thermal_block_3x3", "thermal_block_contrast"}) {
    test::CaseBasis blocks(name);
    REQUIRE(blocks.basis->problem().operators.size() == 9);
    const auto start = solvers::training_set(blocks.parsed);
    reduced::WeakGreedy surrogate(*blocks.basis, blocks.comm);
    sampling::AdaptiveOptions options;
    options.greedy = {.tolerance = blocks.parsed.reduced.tolerance,
                      .relative = true,
                      .max_extensions = blocks.parsed.reduced.max_size};
    const auto result = adaptive_greedy(surrogate, blocks.box, {start, {}, 0}, options);
    CHECK(result.validated);
    CHECK(result.state.training.size() > start.size());
    const double goal = blocks.parsed.reduced.tolerance * result.state.steps.front().indicator;
    const auto errors = checked_errors(blocks, 50);
    UNSCOPED_INFO(name << ": " << blocks.basis->size() << " functions, " << result.state.training.size()
                       << " training parameters, mean relative error " << errors.mean);
    CHECK(errors.largest_bound <= 1.2 * goal);  // 200 others were within the goal
    CHECK(errors.mean <= 0.02);
  }
}

TEST_CASE("Ten modes of 500 random solutions at a contrast of 100 leave the error that their bound tells",
          "[reduced][slow]") {
  // The sizes of ITHACA-FV's tutorial 02thermalBlock: 500 random snapshots, 50 tests, 10 modes.
  test::CaseBasis blocks("thermal_block_contrast");
  auto& basis = *blocks.basis;
  reduced::Block snapshots(basis.basis().num_rows());
  const auto training = sample(blocks.box, {.method = "random", .size = 500, .seed = 1});
  for (std::size_t i = 0; i < training.size(); ++i) snapshots.append(basis.snapshot(training[i]));
  const auto pod = reduced::pod(basis.product(), std::move(snapshots), {.num_modes = 10});
  for (int j = 0; j < 10; ++j) {
    const auto mode = pod.modes.column(j);
    basis.extend_by({mode.begin(), mode.end()});
  }
  const auto errors = checked_errors(blocks, 50);
  UNSCOPED_INFO("mean relative error " << errors.mean << ", energy left out " << pod.tail / pod.energy);
  CHECK(errors.mean <= 0.3);
  CHECK(errors.mean >= 1e-3);
}
