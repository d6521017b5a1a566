// Outputs of libMesh's reduced_basis_ex1 with its bounds, from two of its published logs; nothing online allocates.
#include <array>
#include <catch2/catch.hpp>

#include "engine/input/case_parser.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/basis/output_basis.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/separated_quantity.hpp"
#include "tests/support/cases.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;

namespace {

/// A log: the points of its 10 x 10 grid that it picked, in units of 2/9 from 0, and what it prints at (-2, 0.79).
/// Points that are images of each other by the symmetry of the problem tie, and its builds decide differently.
struct Log {
  std::array<std::array<int, 2>, 20> picks;
  std::array<double, 4> outputs;
  double bound;
};
const std::array<Log, 2> logs{{
    // Serial, of 2012-04-07.
    {{{{-9, -9}, {9, 9},  {-9, 9}, {9, -9}, {1, 1},  {-3, -1}, {1, -3}, {-1, 5},  {7, -1},  {-9, 1},
       {-1, -9}, {-1, 1}, {5, 5},  {1, 9},  {3, -1}, {-5, 3},  {5, -5}, {-3, -5}, {-1, -1}, {1, 3}}},
     {0.12248, 0.370889, 0.254934, 0.114764},
     0.0659666},
    // On 6 ranks, of 2012-08-24.
    {{{{-9, -9}, {9, 9}, {-9, 9}, {9, -9}, {-1, 1},  {3, -1}, {-1, -3}, {1, 5},  {-7, -1}, {9, 1},
       {1, -9},  {1, 1}, {-5, 5}, {-1, 9}, {-3, -1}, {5, 3},  {-5, -5}, {3, -5}, {1, -1},  {-1, 3}}},
     {0.115628, 0.371774, 0.253449, 0.12462},
     0.104928},
}};

}  // namespace

TEST_CASE("Outputs and their bounds are those that libMesh prints for the same picks", "[reduced][outputs]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  const auto parsed = input::read_case(test::case_folder("advection_2d"), {}, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  const auto box = problem::parameter_ranges(parsed);
  std::string reason;
  const auto separated = reduced::separate(problem.form(), problem.dirichlet(), box, reason);
  REQUIRE(separated);
  std::vector<reduced::SeparatedFunctional> functionals;
  // Those of the case: what a physics declares is no output of a model.
  for (std::size_t k = 0; k < problem.num_case_quantities(); ++k) {
    const auto& quantity = problem.quantities()[k];
    auto functional =
        reduced::separate_functional(problem.form().definition(), {quantity.expression, quantity.domain}, reason);
    REQUIRE(functional);
    functionals.push_back(std::move(*functional));
  }
  REQUIRE(functionals.size() == 4);
  const std::vector<double> mu{-2.0, 0.79};
  for (const auto& log : logs) {
    reduced::ReducedBasis basis(problem.form(), *separated, box, solvers::reference_parameters(parsed), {});
    for (const auto& [a, b] : log.picks) CHECK(basis.extend(std::vector{a * 2.0 / 9, b * 2.0 / 9}));
    const auto model = basis.model();
    reduced::ReducedModel::Workspace work(model);
    for (std::size_t k = 0; k < 4; ++k) {
      const reduced::OutputModel output(reduced::output_data(basis, functionals[k], "s"), model.data());
      reduced::OutputModel::Workspace output_work(output);
      // Its square of the dual norm, 0.323675, is of the product (grad u, grad v), ours 0.05 of that.
      const auto& norms = output.data().representatives;
      CHECK(norms.values[0] * norms.values[0] * 0.05 == Approx(0.323675).epsilon(2e-6));
      const auto result = model.solve(mu, work);
      const auto before = test::allocation_count();
      const auto found = output.evaluate(mu, result, work, output_work);
      CHECK(test::allocation_count() == before);
      CHECK(found.value == Approx(log.outputs[k]).epsilon(2e-5));
      CHECK(found.bound == Approx(log.bound).epsilon(1e-3));
    }
  }
}

TEST_CASE("Outputs with a dual basis allocate nothing online", "[reduced][outputs]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  const auto parsed = input::read_case(test::case_folder("advection_2d"), {"mesh.box.cells=[10,10]"}, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  const auto box = problem::parameter_ranges(parsed);
  std::string reason;
  reduced::ReducedBasis basis(problem.form(), *reduced::separate(problem.form(), problem.dirichlet(), box, reason), box,
                              solvers::reference_parameters(parsed), {});
  const auto& quantity = problem.quantities()[0];
  const auto functional =
      reduced::separate_functional(problem.form().definition(), {quantity.expression, quantity.domain}, reason);
  REQUIRE(functional);
  reduced::ReducedBasis dual(problem.form(), reduced::dual_problem(basis, *functional), box,
                             solvers::reference_parameters(parsed), {});
  for (const std::vector<double>& mu : {std::vector{-2.0, -2.0}, {2.0, 1.0}, {0.3, -0.4}}) {
    CHECK(basis.extend(mu));
    CHECK(dual.extend(mu));
  }
  const auto model = basis.model();
  const reduced::OutputModel output(reduced::output_data(basis, *functional, "s", &dual), model.data());
  reduced::ReducedModel::Workspace work(model);
  reduced::OutputModel::Workspace output_work(output);
  const std::vector<double> mu{1.0, -1.5};
  const auto before = test::allocation_count();
  const auto result = model.solve(mu, work);
  const auto found = output.evaluate(mu, result, work, output_work);
  CHECK(test::allocation_count() == before);
  CHECK(output.kind() == reduced::OutputBound::dual);
  CHECK(std::abs(found.correction) > 0.0);
}
