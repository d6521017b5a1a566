// POD reduced bases of diffusion and reaction in four materials against the errors that MOOSE publishes (table B3).
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/algebra/pod.hpp"
#include "tests/support/case_basis.hpp"

using namespace ansatz;

namespace {

struct Errors {
  double mean = 0.0, largest = 0.0;
  void add(double error, double count) {
    mean += error / count;
    largest = std::max(largest, error);
  }
};

}  // namespace

TEST_CASE("Modes of 100 solutions give the errors that are published for 1000 others", "[reduced][slow]") {
  test::CaseBasis four_materials("moose_2d_multireg");
  const auto& comm = four_materials.comm;
  auto& basis = *four_materials.basis;
  const auto& box = four_materials.box;
  CHECK(basis.problem().operators.size() == 8);  // D and S of four regions
  CHECK(basis.problem().rhs.num_columns() == 3);
  reduced::Block snapshots(basis.basis().num_rows());
  const auto training = sample(box, {.method = "latin_hypercube", .size = 100, .seed = 1});
  for (std::size_t i = 0; i < training.size(); ++i) snapshots.append(basis.snapshot(training[i]));
  const auto pod = reduced::pod(basis.product(), std::move(snapshots), {.num_modes = 32});
  for (int j = 0; j < 32; ++j) {
    const auto mode = pod.modes.column(j);
    basis.extend_by({mode.begin(), mode.end()});
  }
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  Errors norm[2], field[2];
  const int sizes[] = {8, 32};
  int below = 0;
  const auto test = sample(box, {.method = "random", .size = 1000, .seed = 1000});
  for (std::size_t i = 0; i < test.size(); ++i) {
    const auto exact = basis.snapshot(test[i]);
    const double size = linear::norm(comm, exact);
    for (int k = 0; k < 2; ++k) {
      const auto result = model.solve(test[i], work, sizes[k]);
      auto u = basis.lift(result.coefficients, result.liftings);
      norm[k].add(std::abs(linear::norm(comm, u) / size - 1.0), 1000.0);
      linear::add_scaled(-1.0, exact, u);
      field[k].add(linear::norm(comm, u) / size, 1000.0);
      if (result.bound < basis.product().norm(u)) ++below;
    }
  }
  UNSCOPED_INFO("norm of all nodal values, 8 modes: mean " << norm[0].mean << " (9.30e-4), largest " << norm[0].largest
                                                           << " (1.12e-2); 32 modes: " << norm[1].mean << " (3.64e-6), "
                                                           << norm[1].largest << " (1.19e-4)");
  UNSCOPED_INFO("field, 8 modes: mean " << field[0].mean << ", largest " << field[0].largest
                                        << "; 32 modes: " << field[1].mean << ", " << field[1].largest);
  CHECK(norm[0].mean <= 3.0 * 9.30e-4);
  CHECK(norm[1].mean <= 3.0 * 3.64e-6);
  CHECK(field[0].mean >= norm[0].mean);
  CHECK(field[1].mean >= norm[1].mean);
  CHECK(below == 0);
}
