// Entries from patches, online: against numbers by hand, from several threads, and without allocations.
#include <catch2/catch.hpp>
#include <thread>

#include "engine/reduced/separation/entries_problem.hpp"
#include "engine/reduced/separation/patch_entries.hpp"
#include "engine/solvers/reduced_basis/reduced_separation.hpp"
#include "tests/mpi/reduced_problems.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;

namespace {

/// One square of unit cells whose upper row is stretched to the height h.
const std::string stretched = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 2.0], cells = [1, 2], cell = "quadrilateral" }
map = ["x", "y < 1 ? y : 1 + h * (y - 1)"]
[physics.diffusion]
conductivity = "k"
boundary     = [{ on = "bottom", temperature = "2 * k" }, { on = "top", transfer_coefficient = "3 * k", ambient = 1.0 }]
[parameters]
h = { range = [0.5, 2.0], default = 1.0 }
k = { range = [1.0, 2.0], default = 1.0 }
[reduced]
interpolation = { training = { sobol = 20 } }
)toml";

struct Fixture : test::Fixture {
  Fixture() : test::Fixture(stretched, base::Communicator(MPI_COMM_SELF)) {}
  reduced::SeparatedProblem by_entries() {
    const reduced::EntriesProblem entries{problem.form(), problem.dirichlet(),
                                          [this](std::span<const double> mu) { problem.set_parameters(mu); },
                                          solvers::patch_setting(problem), problem.map().points_before()};
    return reduced::separate_by_entries(entries, box, reason, solvers::interpolation_options(parsed)).value();
  }
};

}  // namespace

TEST_CASE("A patch gives the entries that closed formulas give", "[reduced]") {
  Fixture f;
  const auto setting = solvers::patch_setting(f.problem);
  const auto& form = f.problem.form();
  const std::vector<std::int32_t> cells{0, 1};
  const auto patch =
      fem::gather_patch(*setting, form.definition(), f.problem.dirichlet(), f.problem.map().points_before(), cells);
  // VTK's order: unknowns 0 1 are at the bottom of a cell, 2 3 at its top; both cells meet at y = 1.
  const double h = 1.7, k = 1.3;
  std::vector<double> out(3);
  const reduced::PatchEntries matrix(reduced::EntriesOf::matrix, 3, patch,
                                     {{0, 0, 2, 2}, {0, 1, 1, 1}, {1, 1, 1, 2}, {2, 1, 2, 2}}, setting);
  matrix.values(std::vector{h, k}, out);
  // Bilinear on w x h: entry at a corner (h / w + w / h) / 3, along a vertical side (h / w - 2 w / h) / 6.
  CHECK(out[0] == Approx(k * (2.0 / 3.0 + (h + 1.0 / h) / 3.0)).epsilon(1e-14));
  CHECK(out[1] == Approx(k * (h - 2.0 / h) / 6.0).epsilon(1e-13));
  CHECK(out[2] == Approx(k * (h + 1.0 / h) / 3.0 + 3.0 * k / 3.0).epsilon(1e-14));
  const reduced::PatchEntries load(reduced::EntriesOf::load, 2, patch, {{0, 0, 2, 0}, {1, 1, 2, 0}}, setting);
  load.values(std::vector{h, k}, std::span(out).first(2));
  CHECK(out[0] == Approx(-k * 2.0 * k * (1.0 - 2.0 - 1.0 - 1.0) / 6.0).epsilon(1e-13));  // from the bottom at 2 k
  CHECK(out[1] == Approx(3.0 * k / 2.0).epsilon(1e-14));                                 // ambient 1 over half the top
  const reduced::PatchEntries prescribed(reduced::EntriesOf::prescribed, 1, patch, {{0, 0, 1, 0}}, setting);
  prescribed.values(std::vector{h, k}, std::span(out).first(1));
  CHECK(out[0] == 2.0 * k);
}

TEST_CASE("Entries are the same from several threads, and allocate nothing after the first call", "[reduced]") {
  Fixture f;
  auto separated = f.by_entries();
  CHECK(separated.interpolation_error <= 1e-13);
  reduced::ReducedBasis basis(f.problem.form(), std::move(separated), f.box, f.reference, linear::KrylovOptions{});
  for (const auto& mu : {std::vector{0.5, 1.0}, {2.0, 1.5}}) basis.extend(mu);
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model), other(model);
  const std::vector<double> mu{1.3, 1.1};
  const std::vector<double> expected(model.solve(mu, work).coefficients.begin(),
                                     model.solve(mu, work).coefficients.end());
  const auto before = test::allocation_count();
  for (int k = 0; k < 10; ++k) model.solve(mu, work);
  CHECK(test::allocation_count() == before);
  bool equal = true;
  std::thread thread([&] {
    for (int k = 0; k < 200; ++k) equal = equal && std::ranges::equal(model.solve(mu, other).coefficients, expected);
  });
  bool equal_here = true;
  for (int k = 0; k < 200; ++k)
    equal_here = equal_here && std::ranges::equal(model.solve(mu, work).coefficients, expected);
  thread.join();
  CHECK(equal);
  CHECK(equal_here);
}

TEST_CASE("Damaged cells of a stored model are refused", "[reduced]") {
  Fixture f;
  const auto setting = solvers::patch_setting(f.problem);
  const auto patch = fem::gather_patch(*setting, f.problem.form().definition(), f.problem.dirichlet(),
                                       f.problem.map().points_before(), std::vector<std::int32_t>{0});
  std::vector<double> out(1);
  const std::vector<double> mu{1.0, 1.0};
  auto shorter = patch;
  shorter.reals.pop_back();
  CHECK_THROWS_WITH(
      reduced::PatchEntries(reduced::EntriesOf::load, 1, shorter, {{0, 0, 0, 0}}, setting).values(mu, out),
      Catch::Contains("do not fit"));
  CHECK_THROWS_WITH(reduced::PatchEntries(reduced::EntriesOf::load, 1, patch, {{0, 5, 0, 0}}, setting).values(mu, out),
                    Catch::Contains("do not fit"));
}
