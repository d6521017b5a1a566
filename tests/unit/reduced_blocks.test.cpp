// Thermal blocks of 3 by 3: adaptive training sets, and contrasts of 10 and 100.
#include <catch2/catch.hpp>

#include "engine/linear/vector.hpp"
#include "engine/reduced/pod.hpp"
#include "engine/reduced/reduced_basis.hpp"
#include "engine/reduced/weak_greedy.hpp"
#include "engine/study/case_parser.hpp"
#include "engine/study/reduced_settings.hpp"
#include "tests/support/cases.hpp"

using namespace ansatz;

namespace {

class Blocks {
 public:
  explicit Blocks(const std::string& name)
      : registry_(comm_, plugin::search_path()),
        parsed(study::read_case(test::case_folder(name), {"solver.type=\"reduced_basis\""}, registry_, comm_)),
        problem_(parsed, registry_, comm_),
        box(study::parameter_ranges(parsed)) {
    problem_.form().set_constrained(problem_.dirichlet().constrained());
    std::string reason;
    auto separated = reduced::separate(problem_.form(), problem_.dirichlet(), box.ranges(), reason);
    REQUIRE(separated);
    REQUIRE(separated->operators.size() == 9);
    basis.emplace(problem_.form(), std::move(*separated), box.ranges(), study::reference_parameters(parsed),
                  linear::KrylovOptions{});
  }

  reduced::AdaptiveResult train() {
    reduced::WeakGreedy surrogate(*basis, comm_);
    reduced::AdaptiveOptions options;
    options.greedy = {
        .tolerance = parsed.reduced.tolerance, .relative = true, .max_extensions = parsed.reduced.max_size};
    return adaptive_greedy(surrogate, box, {study::training_set(parsed), {}, 0}, options);
  }

  struct Errors {
    double mean = 0.0;  ///< relative, in X
    double largest_bound = 0.0;
    int below = 0;  ///< bounds below their errors
  };
  Errors errors(int count) {
    const auto model = basis->model();
    reduced::ReducedModel::Workspace work(model);
    Errors out;
    const auto test = sample(box, {.method = "random", .size = std::size_t(count), .seed = 1000});
    for (std::size_t i = 0; i < test.size(); ++i) {
      const auto exact = basis->snapshot(test[i]);
      const auto result = model.solve(test[i], work);
      auto u = basis->lift(result.coefficients, result.liftings);
      linear::add_scaled(-1.0, exact, u);
      const double error = basis->product().norm(u);
      out.mean += error / basis->product().norm(exact) / count;
      out.largest_bound = std::max(out.largest_bound, result.bound);
      out.below += result.bound < error ? 1 : 0;
    }
    return out;
  }

 private:
  base::Communicator comm_{MPI_COMM_SELF};
  plugin::Registry registry_;

 public:
  study::Case parsed;

 private:
  study::Problem problem_;

 public:
  reduced::ParameterBox box;
  std::optional<reduced::ReducedBasis> basis;
};

}  // namespace

TEST_CASE("An adaptive training set makes the tolerance hold for other parameters than the trained ones",
          "[reduced][slow]") {
  for (const std::string name : {"thermal_block_3x3", "thermal_block_contrast"}) {
    Blocks blocks(name);
    const auto start = study::training_set(blocks.parsed).size();
    const auto result = blocks.train();
    CHECK(result.validated);
    CHECK(result.state.training.size() > start);
    const double goal = blocks.parsed.reduced.tolerance * result.state.steps.front().indicator;
    const auto errors = blocks.errors(50);
    UNSCOPED_INFO(name << ": " << blocks.basis->size() << " functions, " << result.state.training.size()
                       << " training parameters, mean relative error " << errors.mean);
    CHECK(errors.below == 0);
    CHECK(errors.largest_bound <= 1.2 * goal);  // 200 others were within the goal
    CHECK(errors.mean <= 0.02);
  }
}

TEST_CASE("Ten modes of 500 random solutions at a contrast of 100 leave the error that their bound tells",
          "[reduced][slow]") {
  // The sizes of ITHACA-FV's tutorial 02thermalBlock: 500 random snapshots, 50 tests, 10 modes.
  Blocks blocks("thermal_block_contrast");
  reduced::Block snapshots(blocks.basis->basis().num_rows());
  const auto training = sample(blocks.box, {.method = "random", .size = 500, .seed = 1});
  for (std::size_t i = 0; i < training.size(); ++i) snapshots.append(blocks.basis->snapshot(training[i]));
  const auto pod = reduced::pod(blocks.basis->product(), std::move(snapshots), {.num_modes = 10});
  for (int j = 0; j < 10; ++j) {
    const auto mode = pod.modes.column(j);
    blocks.basis->extend_by({mode.begin(), mode.end()});
  }
  const auto errors = blocks.errors(50);
  UNSCOPED_INFO("mean relative error " << errors.mean << ", energy left out " << pod.tail / pod.energy);
  CHECK(errors.below == 0);
  CHECK(errors.mean <= 0.3);
  CHECK(errors.mean >= 1e-3);
}
