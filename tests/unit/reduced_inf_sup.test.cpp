// Inf-sup constants against dense linear algebra, and what else bounds or estimates stability constants.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/reduced/algebra/small_least_squares.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "engine/reduced/stability/interpolated_stability.hpp"
#include "tests/mpi/inf_sup_problems.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;
using namespace ansatz::test::infsup;
using test::Fixture;

namespace {

/// The matrix on free unknowns, dense, on one rank.
reduced::Dense dense(const linear::SparseMatrix& A, const std::vector<std::uint8_t>& constrained) {
  const auto& p = A.pattern();
  std::vector<int> numbers(p.num_owned, -1);
  int n = 0;
  for (std::int32_t i = 0; i < p.num_owned; ++i) {
    if (constrained[i] == 0) numbers[i] = n++;
  }
  reduced::Dense out(n, n);
  for (std::int32_t i = 0; i < p.num_owned; ++i) {
    for (auto k = p.diag_offsets[i]; k < p.diag_offsets[i + 1]; ++k) {
      const int j = numbers[p.diag_columns[k]];
      if (numbers[i] >= 0 && j >= 0) out(numbers[i], j) = A.diagonal_values()[k];
    }
  }
  return out;
}

/// Singular values of R^-T A R^-1 with X = R^T R, by LAPACK.
std::vector<double> exact_values(const reduced::Dense& A, const reduced::Dense& X) {
  const auto R = reduced::cholesky(X);
  REQUIRE(R.rows == X.rows);
  const int n = A.rows;
  const auto solve_rows = [&](reduced::Dense B) {  // R^-T B
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < n; ++i) {
        for (int k = 0; k < i; ++k) B(i, j) -= R(k, i) * B(k, j);
        B(i, j) /= R(i, i);
      }
    }
    return B;
  };
  const auto transposed = [&](const reduced::Dense& B) {
    reduced::Dense out(n, n);
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < n; ++i) out(i, j) = B(j, i);
    }
    return out;
  };
  return reduced::svd(transposed(solve_rows(transposed(solve_rows(A))))).s;
}

const std::string blocks = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [8, 8], cell = "triangle", pattern = "crossed" }
[physics.diffusion]
conductivity = { by_block = [2, 1], values = ["k1", "k2"] }
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
k1 = { range = [0.1, 1.0], default = 0.3 }
k2 = { range = [0.1, 1.0], default = 0.7 }
)toml";

std::string with(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

reduced::ReducedBasis basis_with(Fixture& f, const std::string& product) {
  reduced::BasisOptions options;
  options.product.kind = product;
  return {f.problem.form(), *f.separate(), f.box, f.reference, {}, options};
}

}  // namespace

TEST_CASE("Enclosures of smallest and largest singular values hold those of a dense decomposition",
          "[reduced][infsup]") {
  const auto& text = GENERATE_REF(indefinite, waves);
  Fixture f(text, base::Communicator(MPI_COMM_SELF));
  const auto basis = basis_of(f);
  const auto values = singular_values(basis);
  const auto& constrained = f.problem.form().constrained();
  const auto X = dense(basis.X(), constrained);
  const auto sample = points(f, "random", 3, 11);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto a = basis.problem().operator_thetas(sample[i]);
    reduced::Dense A(X.rows, X.columns);
    for (std::size_t q = 0; q < a.size(); ++q) {
      const auto term = dense(*basis.problem().operators[q], constrained);
      for (std::size_t k = 0; k < A.values.size(); ++k) A.values[k] += a[q] * term.values[k];
    }
    const double exact = exact_values(A, X).back();
    const auto beta = values.smallest(a);
    CHECK(beta.lower <= exact * (1.0 + 1e-11));
    CHECK(beta.upper >= exact * (1.0 - 1e-9));
    CHECK(beta.lower == Approx(beta.upper).epsilon(1e-5));
    CHECK(beta.lower > 0.0);
  }
  for (std::size_t q = 0; q < basis.problem().operators.size(); ++q) {
    const double exact = exact_values(dense(*basis.problem().operators[q], constrained), X).front();
    const auto norm = values.largest(static_cast<int>(q));
    CHECK(norm.upper >= exact * (1.0 - 1e-11));
    CHECK(norm.lower <= exact * (1.0 + 1e-9));
    CHECK(norm.upper <= 1.05 * exact);
  }
}

TEST_CASE("Bounds of inf-sup constants by perturbation hold at random parameters", "[reduced][infsup]") {
  const auto& text = GENERATE_REF(indefinite, waves);
  Fixture f(text, base::Communicator(MPI_COMM_SELF));
  const auto basis = basis_of(f);
  const auto values = singular_values(basis);
  const auto& thetas = basis.problem().operator_thetas;
  const auto stability = train_inf_sup(values, thetas, f.box, points(f, "sobol", 400, 1));
  CHECK(stability.name() == "inf-sup");
  CHECK(stability.quantity() == "inf-sup constant");
  reduced::Stability::Workspace work(stability);
  const auto test_points = points(f, "random", 8, 77);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto a = thetas(test_points[i]);
    const auto beta = values.smallest(a);
    const double lower = stability.lower(test_points[i], a, work);
    CHECK(lower > 0.0);
    CHECK(lower <= beta.upper);
    CHECK(lower >= 0.4 * beta.lower);
  }
}

TEST_CASE("A problem that is singular in the box is refused by parameter", "[reduced][infsup]") {
  // Bilinear elements on 6 x 6 cells: with b = 0, s at the first eigenvalue.
  const double h = 1.0 / 6.0, c = std::cos(std::numbers::pi * h), first = 2.0 * 6.0 / (h * h) * (1.0 - c) / (2.0 + c);
  Fixture f(indefinite, base::Communicator(MPI_COMM_SELF));
  const auto basis = basis_of(f);
  const auto values = singular_values(basis);
  CHECK(values.smallest(basis.problem().operator_thetas(std::vector{0.0, first})).lower <= 1e-12);
  reduced::InfSup surrogate(values, basis.problem().operator_thetas, f.box);
  CHECK_THROWS_WITH(surrogate.extend(std::vector{0.0, first}),
                    Catch::Contains("singular, or nearly so, at b = 0, s = "));
  CHECK(surrogate.extend(std::vector{0.0, 30.0}));
  CHECK_FALSE(surrogate.extend(std::vector{0.0, 30.0}));
}

TEST_CASE("Min-theta holds for a product that is a sum of the terms, and for no other", "[reduced][infsup]") {
  Fixture f(blocks);
  const auto semi = basis_with(f, "h1_semi");
  CHECK(semi.made_product().name == "H1 semi-norm");
  REQUIRE(semi.min_theta_objection().empty());
  REQUIRE(semi.stability().name() == "min-theta");
  for (const double factor : semi.stability().data().reference) CHECK(factor == Approx(1.0).epsilon(1e-12));
  reduced::Stability::Workspace work(semi.stability());
  for (const auto& mu : {std::vector{0.2, 0.9}, {0.7, 0.15}}) {
    const auto a = semi.problem().operator_thetas(mu);
    const double lower = semi.stability().lower(mu, a, work);
    CHECK(lower == Approx(std::min(mu[0], mu[1])).epsilon(1e-12));
    const auto exact = reduced::coercivity(semi.symmetric_terms(), a, semi.X(), 1.0, -1.0);
    CHECK(lower <= exact.value * (1.0 + 1e-10));
  }
  const auto h1 = basis_with(f, "h1");
  CHECK(h1.min_theta_objection() == "the inner product is not a sum of the operator's terms with factors >= 0");
  CHECK(h1.made_product().name == "H1 norm (|grad u|^2 + |u|^2 / (1 m)^2)");
  CHECK(basis_with(f, "automatic").made_product().is_energy);
  Fixture beyond(indefinite);
  CHECK_FALSE(basis_with(beyond, "automatic").made_product().is_energy);
  CHECK_THROWS_WITH(basis_with(beyond, "energy"), Catch::Contains("not coercive at the reference"));
  auto hard = waves;
  hard.replace(hard.find(R"(, { on = ["bottom", "top"], u_re = 0.0, u_im = 0.0 })"), 52, "");
  Fixture none(hard);
  CHECK_THROWS_WITH(basis_with(none, "h1_semi"), Catch::Contains("no value of u_re is prescribed"));
}

TEST_CASE("Bounds of a basis in the H1 semi-norm hold for a coercive problem", "[reduced][infsup]") {
  Fixture f(blocks);
  auto basis = basis_with(f, "h1_semi");
  for (const auto& mu : {std::vector{0.1, 1.0}, {1.0, 0.2}}) CHECK(basis.extend(mu));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  const auto test_points = points(f, "random", 10, 5);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto result = model.solve(test_points[i], work);
    const double error = error_at(f, basis, test_points[i], result);
    CHECK(error > 1e-6);
    CHECK(result.bound >= error);
    CHECK(result.bound <= 10.1 * error);
  }
}

TEST_CASE("Inf-sup bounds of advection and diffusion are at most the coercive ones", "[reduced][infsup]") {
  Fixture f(R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [12, 12], cell = "quadrilateral" }
[physics.diffusion]
conductivity = 0.05
velocity     = ["b1", "b2"]
source       = 1.0
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
b1 = { range = [-2.0, 2.0], default = 0.0 }
b2 = { range = [-2.0, 2.0], default = 0.0 }
)toml");
  auto basis = basis_with(f, "energy"), other = basis_with(f, "energy");
  REQUIRE(basis.stability().name() == "min-theta");
  const auto stability = train_inf_sup(singular_values(other), other.problem().operator_thetas, f.box,
                                       points(f, "sobol", 200, 1), {}, other.stability());
  CHECK(stability.data().eigenvalues.size() <= 30);
  other.set_stability(stability);
  const auto training = points(f, "sobol", 8, 1);
  for (std::size_t i = 0; i < training.size(); ++i) {
    CHECK(basis.extend(training[i]));
    CHECK(other.extend(training[i]));
  }
  const auto galerkin = basis.model(), minimal = other.model();
  reduced::ReducedModel::Workspace work(galerkin), other_work(minimal);
  const auto test_points = points(f, "random", 10, 9);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto mu = test_points[i];
    const auto by_coercivity = galerkin.solve(mu, work), by_inf_sup = minimal.solve(mu, other_work);
    CHECK(by_inf_sup.stability >= by_coercivity.stability);
    CHECK(by_inf_sup.bound <= by_coercivity.bound * (1.0 + 1e-9));
    CHECK(by_inf_sup.bound >= error_at(f, other, mu, by_inf_sup));
  }
}

TEST_CASE("Interpolated stability constants give back those they were made of, and their safety covers the others",
          "[reduced][infsup]") {
  // beta = exp(linear + |z - z_0|-like bend): linear parts are reproduced exactly.
  const std::vector<sampling::ParameterRange> box{{"a", 1.0, 3.0}, {"b", -1.0, 1.0}};
  const auto training = sampling::sample(sampling::ParameterBox(box), {.method = "sobol", .size = 200});
  const auto linear = [](std::span<const double> mu) { return std::exp(0.3 * mu[0] - 0.7 * mu[1]); };
  const auto exact = reduced::train_interpolated(linear, true, box, training);
  CHECK(exact.name() == "interpolation");
  CHECK(exact.is_inf_sup());
  CHECK_FALSE(exact.is_rigorous());
  CHECK(exact.data().safety == Approx(1.0).epsilon(1e-9));
  reduced::Stability::Workspace work(exact);
  CHECK(exact.lower(std::vector{1.234, 0.567}, {}, work) == Approx(linear(std::vector{1.234, 0.567})).epsilon(1e-9));
  const auto bent = [](std::span<const double> mu) {
    return 0.1 + std::abs(std::sin(2.0 * mu[0])) + 0.2 * mu[1] * mu[1];
  };
  const auto stability = reduced::train_interpolated(bent, false, box, training, {.factor = 1.0, .max_picks = 40});
  CHECK(stability.data().eigenvalues.size() == 40);
  CHECK(stability.data().safety > 1.05);
  reduced::Stability::Workspace other(stability);
  for (int k = 0; k < 40; ++k) {
    const auto mu = stability.data().points.column(k);
    CHECK(stability.lower(mu, {}, other) * stability.data().safety == Approx(bent(mu)).epsilon(1e-8));
  }
  int above = 0;
  const auto random = sampling::sample(sampling::ParameterBox(box), {.method = "random", .size = 500, .seed = 4});
  for (std::size_t i = 0; i < random.size(); ++i) above += stability.lower(random[i], {}, other) > bent(random[i]);
  CHECK(above <= 5);
  CHECK_THROWS_WITH(
      reduced::train_interpolated(bent, false, box,
                                  sampling::sample(sampling::ParameterBox(box), {.method = "sobol", .size = 3})),
      Catch::Contains("too few parameters"));
}

TEST_CASE("With an interpolated inf-sup constant the results are estimates", "[reduced][infsup]") {
  Fixture f(waves, base::Communicator(MPI_COMM_SELF));
  auto basis = basis_of(f);
  const auto values = singular_values(basis);
  const auto& thetas = basis.problem().operator_thetas;
  basis.set_stability(
      reduced::train_interpolated([&](std::span<const double> mu) { return values.smallest(thetas(mu)).lower; }, true,
                                  f.box, points(f, "sobol", 40, 1)));
  for (const double k : {1.0, 3.0, 6.0}) CHECK(basis.extend(std::vector{k}));
  const auto model = basis.model();
  CHECK(model.is_estimate());
  reduced::ReducedModel::Workspace work(model);
  const auto test_points = points(f, "random", 6, 5);
  for (std::size_t i = 0; i < test_points.size(); ++i) {
    const auto result = model.solve(test_points[i], work);
    CHECK(result.is_estimate);
    CHECK(result.stability <= values.smallest(thetas(test_points[i])).upper);
    CHECK(result.bound >= error_at(f, basis, test_points[i], result));
  }
}

TEST_CASE("Small least squares are those of LAPACK", "[reduced][infsup]") {
  reduced::Dense A(9, 4);
  std::vector<double> b(9), c(4);
  for (int i = 0; i < 9; ++i) {
    b[i] = std::cos(3.0 * i);
    for (int j = 0; j < 4; ++j) A(i, j) = std::sin(1.0 + i * (j + 1));
  }
  const auto expected = reduced::least_squares(A, b);
  REQUIRE(reduced::least_squares_in_place(A.values, b, c));
  for (int j = 0; j < 4; ++j) CHECK(c[j] == Approx(expected[j]).epsilon(1e-12));
  reduced::Dense dependent(3, 2);
  dependent.values = {1.0, 2.0, 3.0, 2.0, 4.0, 6.0};
  std::vector<double> rhs{1.0, 0.0, 0.0}, two(2), few(1);
  CHECK_FALSE(reduced::least_squares_in_place(dependent.values, rhs, two));
  CHECK_FALSE(reduced::least_squares_in_place(std::span(A.values).first(2), few, two));
}

TEST_CASE("Norms of residuals by interpolation are those of the residual basis while they are above round-off",
          "[reduced][infsup]") {
  const auto text = with(blocks, "[2, 1], values = [\"k1\", \"k2\"]", "[2, 2], values = [\"k1\", \"k2\", 0.5, 0.3]");
  Fixture f(text);
  auto basis = basis_with(f, "energy");
  const base::Communicator comm(MPI_COMM_SELF);
  reduced::WeakGreedy surrogate(basis, comm);
  const auto training = sampling::sample(sampling::ParameterBox(f.box), {.method = "grid", .grid = {20, 20}});
  const auto test_points = points(f, "random", 30, 21);
  int compared = 0;
  for (const int size : {3, 5, 7, 9, 11, 13}) {
    greedy(surrogate, training, {.tolerance = 0.0, .max_extensions = size - basis.size()});
    REQUIRE(basis.size() == size);
    const auto by_basis = basis.model();
    basis.interpolate_residual(training);
    auto data = basis.model().data();
    data.residual = {};  // not needed any more
    const reduced::ReducedModel model(data);
    CHECK(model.is_estimate());
    reduced::ReducedModel::Workspace work(model), other(by_basis);
    double largest = 0.0, expected = 0.0;
    bool is_noise = false;
    for (std::size_t i = 0; i < test_points.size(); ++i) {
      const auto before = test::allocation_count();
      const auto result = model.solve(test_points[i], work);
      CHECK(test::allocation_count() == before);
      const auto same = by_basis.solve(test_points[i], other);
      CHECK(result.is_estimate);
      CHECK(result.residual_norm + result.round_off >= 0.99 * same.residual_norm);
      is_noise |= result.is_noise;
      largest = std::max(largest, result.residual_norm);
      expected = std::max(expected, same.residual_norm);
    }
    INFO(size << " functions, " << model.data().residual_interpolation->size() << " norms: " << largest << ", "
              << expected << " by the basis");
    if (expected > 1e-11) {
      ++compared;
      CHECK(largest == Approx(expected).epsilon(0.2));
    }
    CHECK(is_noise == (size == 13));  // where the basis has all there is
  }
  CHECK(compared == 5);
  CHECK_THROWS_WITH(
      [&] {
        const auto model = basis.model();
        reduced::ReducedModel::Workspace work(model);
        model.solve(f.reference, work, 2);
      }(),
      Catch::Contains("for all basis vectors"));
}

TEST_CASE("Models with an inf-sup constant take no memory online", "[reduced][infsup]") {
  Fixture f(waves, base::Communicator(MPI_COMM_SELF));
  auto basis = basis_of(f, {{"u_re", "u_im"}});
  basis.set_stability(train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box,
                                    points(f, "sobol", 20, 1), {.tolerance = 0.99}));
  CHECK(basis.extend(std::vector{2.0}));
  CHECK(basis.extend(std::vector{5.0}));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  const auto before = test::allocation_count();
  model.solve(f.reference, work);
  CHECK(test::allocation_count() == before);
}
