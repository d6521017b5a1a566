// The sweep of wave numbers of cases/helmholtz_sweep: a thousand by the reduced model, some of them by finite elements.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/problem/problem.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "engine/reduced/stability/inf_sup.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "tests/support/cases.hpp"

using namespace ansatz;

TEST_CASE("In a sweep of a thousand wave numbers no estimate is below its error", "[reduced][infsup][slow]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  plugin::Registry registry(comm, plugin::search_path());
  const auto parsed =
      input::read_case(test::case_folder("helmholtz_sweep"), {"solver.type=reduced_basis"}, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  const auto box = problem::parameter_ranges(parsed);
  std::string reason;
  auto separated =
      reduced::separate(problem.form(), problem.dirichlet(), box, reason, solvers::interpolation_options(parsed));
  REQUIRE(separated);
  REQUIRE(separated->operators.size() == 3);
  reduced::BasisOptions options;
  options.product.kind = parsed.reduced.product;
  options.product.length = parsed.reduced.length;
  options.pairs = parsed.reduced.pairs;
  const double begin = MPI_Wtime();
  reduced::ReducedBasis basis(problem.form(), std::move(*separated), box, solvers::reference_parameters(parsed),
                              {.solver = "direct"}, options);
  const reduced::SingularValues values(basis.problem(), basis.symmetric_terms(), basis.made_product().matrix);
  const sampling::ParameterBox ranges(box);
  basis.set_stability(
      train_inf_sup(values, basis.problem().operator_thetas, box, sample(ranges, {.method = "sobol", .size = 1000})));
  const double stability_seconds = MPI_Wtime() - begin;
  reduced::WeakGreedy surrogate(basis, comm);
  const auto trained = greedy(surrogate, solvers::training_set(parsed),
                              {.tolerance = parsed.reduced.tolerance, .relative = true, .max_extensions = 40});
  CHECK(trained.end == sampling::GreedyEnd::tolerance);
  const double offline = MPI_Wtime() - begin;

  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  const auto sweep = sample(ranges, {.method = "random", .size = 1000, .seed = 31});
  double worst = 0.0, least_constant = 1e300;
  const double online_start = MPI_Wtime();
  for (std::size_t i = 0; i < sweep.size(); ++i) {
    const auto result = model.solve(sweep[i], work);
    worst = std::max(worst, result.bound);
    least_constant = std::min(least_constant, result.stability);
  }
  const double online = (MPI_Wtime() - online_start) / 1000.0;
  CHECK(least_constant > 0.0);
  CHECK(std::isfinite(worst));

  fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(), {.solver = "direct"});
  double largest_error = 0.0, fem_seconds = 0.0, largest_ratio = 0.0, least_ratio = 1e300;
  constexpr int num_compared = 30;
  for (int i = 0; i < num_compared; ++i) {
    const auto mu = sweep[i];
    const double start = MPI_Wtime();
    problem.set_parameters(mu);
    std::vector<double> u(discrete.size(), 0.0), F(u.size()), d(u.size());
    discrete.residual(0.0, u, std::nullopt, F);
    const auto& matrix = discrete.jacobian(0.0, u, std::nullopt, {});
    discrete.solver(matrix).solve(F, d);
    linear::add_scaled(-1.0, d, u);
    fem_seconds += MPI_Wtime() - start;
    const auto result = model.solve(mu, work);
    linear::add_scaled(-1.0, basis.lift(result.coefficients, result.liftings), u);
    const double error = basis.product().norm(u);
    CHECK(result.is_estimate);  // the fluxes are interpolated
    CHECK(result.bound >= error);
    largest_error = std::max(largest_error, error);
    largest_ratio = std::max(largest_ratio, result.bound / error);
    least_ratio = std::min(least_ratio, result.bound / error);
  }
  CHECK(largest_error < 1e-4);
  WARN(fmt::format(
      "{} unknowns, k in [{}, {}]: {} inf-sup constants in {:.1f} s, {} functions, offline {:.1f} s; online {:.1f} us, "
      "finite elements {:.1f} ms a wave number; largest error {:.2e} of {}, largest estimate {:.2e} of 1000, "
      "estimate / error {:.1f} to {:.1f}, least inf-sup bound {:.3g}",
      discrete.dofs().num_global(), box[0].low, box[0].high, basis.stability().data().eigenvalues.size(),
      stability_seconds, basis.size(), offline, 1e6 * online, 1e3 * fem_seconds / num_compared, largest_error,
      num_compared, worst, least_ratio, largest_ratio, least_constant));
}
