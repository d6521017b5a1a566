// Inf-sup constants and reduced models of problems that are not coercive, against dense linear algebra and finite
// elements.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/fem/forms/product_matrix.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/inf_sup_problems.hpp"

using namespace ansatz;
using namespace ansatz::test::infsup;
using test::Fixture;

TEST_CASE("Products without an equation are exact: squares of polynomials and their gradients", "[reduced][infsup]") {
  Fixture f(waves);
  f.problem.form().set_constrained(std::vector<std::uint8_t>(f.problem.dofs().num_local(), 0));
  linear::SparseMatrix X(f.problem.mesh().comm, f.problem.form().sparsity().pattern, 1);
  fem::product_matrix(f.problem.form(), 9.0, X);
  const auto& dofs = f.problem.dofs();
  std::vector<double> u(dofs.num_owned()), Xu(u.size());
  for (int field = 0; field < 2; ++field) {
    const auto x = fem::node_coordinates(dofs.mesh(), *dofs.fields()[field].nodes);
    for (std::int32_t n = 0; n < dofs.fields()[field].nodes->num_owned; ++n)
      u[dofs.node_dofs(field)[n]] = field == 0 ? 2.0 * x[2 * n] - x[2 * n + 1] : 1.0;
  }
  X.multiply(u, Xu);
  // int |grad|^2 = 5, int (2 x - y)^2 = 4/3 - 1 + 1/3, int 1 = 1.
  CHECK(linear::dot(X.comm(), u, Xu) == Approx(5.0 + 9.0 * (2.0 / 3.0 + 1.0)).epsilon(1e-12));
  CHECK(fem::domain_size(dofs.mesh()) == 1.0);
}

TEST_CASE("Reduced models of problems that are not coercive minimise the residual, and their bounds hold",
          "[reduced][infsup]") {
  const bool is_wave = GENERATE(false, true);
  Fixture f(is_wave ? waves : indefinite);
  auto basis = basis_of(f, is_wave ? Pairs{{"u_re", "u_im"}} : Pairs{});
  basis.set_stability(
      train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box, points(f, "sobol", 300, 1)));
  const auto training = points(f, "sobol", 4, 1);
  for (std::size_t i = 0; i < training.size(); ++i) CHECK(basis.extend(training[i]));
  CHECK(basis.size() == (is_wave ? 8 : 4));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  for (std::size_t i = 0; i < training.size(); ++i)
    CHECK(error_at(f, basis, training[i], model.solve(training[i], work)) <= 1e-10);
  const auto test_points = points(f, "random", 6, 5);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto result = model.solve(test_points[i], work);
    const double error = error_at(f, basis, test_points[i], result);
    CHECK_FALSE(result.is_estimate);
    CHECK(error > 1e-7);
    CHECK(result.bound >= error);
    CHECK(result.residual_norm == Approx(basis.residual_norm(test_points[i], result.coefficients)).epsilon(1e-6));
    // No coefficients give a smaller residual: the norm is stationary and convex.
    auto other = copy(result.coefficients);
    for (std::size_t k = 0; k < other.size(); ++k) {
      for (const double change : {-1e-3, 1e-3}) {
        other[k] += change;
        CHECK(basis.residual_norm(test_points[i], other) >= result.residual_norm * (1.0 - 1e-9));
        other[k] -= change;
      }
    }
  }
}

TEST_CASE("A basis of real pairs is closed under multiplication by i", "[reduced][infsup]") {
  Fixture f(waves);
  auto basis = basis_of(f, {{"u_re", "u_im"}});
  CHECK(basis.extend(std::vector{2.0}));
  CHECK(basis.extend(std::vector{5.0}));
  REQUIRE(basis.size() == 4);
  const reduced::RealPairs pairs(f.problem.form(), {{"u_re", "u_im"}});
  for (int j = 0; j < basis.size(); ++j) {
    auto rotated = pairs.times_i(basis.basis().column(j));
    double inside = 0.0;
    for (int i = 0; i < basis.size(); ++i) inside += std::pow(basis.product().dot(basis.basis().column(i), rotated), 2);
    CHECK(inside == Approx(1.0).epsilon(1e-12));
    CHECK(basis.product().dot(basis.basis().column(j), rotated) == Approx(0.0).margin(1e-13));
  }
}

TEST_CASE("Pairs that are none are refused", "[reduced][infsup]") {
  const auto refuse = [](const std::string& text, const Pairs& pairs, const std::string& message) {
    Fixture f(text);
    CHECK_THROWS_WITH(basis_of(f, pairs, 0.0), Catch::Contains(message));
  };
  refuse(waves, {{"u_re", "u_imag"}}, "there is no field \"u_imag\"");
  refuse(waves, {{"u_re", "u_re"}}, "no two fields");
  auto text = waves;
  text.replace(text.find(", u_im = 0.0"), 12, "");
  refuse(text, {{"u_re", "u_im"}}, "u_re has a prescribed value where u_im has none");
  refuse(indefinite, {{"temperature", "temperature"}}, "no two fields");
}

TEST_CASE("The inf-sup training and the greedy training pick the same on any number of ranks", "[reduced][infsup]") {
  const auto train = [](const base::Communicator& comm) {
    Fixture f(waves, comm);
    auto basis = basis_of(f, {{"u_re", "u_im"}});
    basis.set_stability(train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box,
                                      points(f, "sobol", 200, 1), {.tolerance = 0.7}));
    reduced::WeakGreedy surrogate(basis, comm);
    auto result = greedy(surrogate, points(f, "sobol", 50, 1), {.tolerance = 1e-5, .relative = true});
    return std::pair(basis.model().data(), std::move(result));
  };
  const auto [all, all_steps] = train(base::Communicator(MPI_COMM_WORLD));
  const auto [one, one_steps] = train(base::Communicator(MPI_COMM_SELF));
  const auto &a = all.stability.data(), &b = one.stability.data();
  CHECK(a.points.values == b.points.values);
  REQUIRE(a.eigenvalues.size() == b.eigenvalues.size());
  for (std::size_t k = 0; k < a.eigenvalues.size(); ++k)
    CHECK(a.eigenvalues[k] == Approx(b.eigenvalues[k]).epsilon(1e-7));
  REQUIRE(all_steps.steps.size() == one_steps.steps.size());
  for (std::size_t k = 0; k < all_steps.steps.size(); ++k) CHECK(all_steps.steps[k].index == one_steps.steps[k].index);
}

TEST_CASE("A stored model with an inf-sup constant gives the answers of the one that was stored", "[reduced][infsup]") {
  Fixture f(waves);
  const base::Communicator comm(MPI_COMM_WORLD);
  const test::TemporaryFolder folder(comm);
  auto basis = basis_of(f);
  basis.set_stability(train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box,
                                    points(f, "sobol", 50, 1), {.tolerance = 0.9}));
  CHECK(basis.extend(std::vector{2.0}));
  CHECK(basis.extend(std::vector{4.0}));
  const auto model = basis.model();
  io::write_model(folder.file("model.h5"), {"problem", model.data()}, f.problem.dofs(), basis.basis(),
                  basis.problem().liftings);
  const reduced::ReducedModel read(io::read_model(comm, folder.file("model.h5")).data);
  CHECK(read.data().norm == model.data().norm);
  CHECK(read.data().stability.is_inf_sup());
  reduced::ReducedModel::Workspace work(model), other(read);
  for (const double k : {1.3, 3.3, 5.9}) {
    const auto one = model.solve(std::vector{k}, work), two = read.solve(std::vector{k}, other);
    CHECK(one.bound == two.bound);
    CHECK(std::ranges::equal(one.coefficients, two.coefficients));
  }
}
