// Inf-sup constants and reduced models of problems that are not coercive, against dense linear algebra and finite elements.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/fem/product_matrix.hpp"
#include "engine/io/model_file.hpp"
#include "engine/reduced/inf_sup.hpp"
#include "engine/reduced/weak_greedy.hpp"
#include "tests/io_support.hpp"
#include "tests/mpi/reduced_problems.hpp"

using namespace ansatz;
using test::fem_solution;
using test::Fixture;

namespace {

// -lap u + b u_x - s u = 1: indefinite for s above the first eigenvalue 2 pi^2 = 19.7; the second is 49.3.
const std::string indefinite = R"toml(
plugins = ["diffusion"]
[mesh]
box = { size = [1.0, 1.0], cells = [6, 6], cell = "quadrilateral" }
[physics.diffusion]
conductivity = 1.0
velocity     = ["b", 0.0]
reaction     = "-s"
source       = "1 + x"
boundary     = [{ on = "all", temperature = 0.0 }]
[parameters]
b = { range = [0.0, 4.0], default = 0.0 }
s = { range = [26.0, 36.0], default = 30.0 }
)toml";

// Waves in a box with an absorbing side, a hard one and two soft ones: no resonance at real wave numbers.
const std::string waves = R"toml(
plugins = ["helmholtz"]
[mesh]
box = { size = [1.0, 1.0], cells = [5, 5], cell = "triangle", pattern = "crossed" }
[physics.helmholtz]
wave_number = 1.0
index       = "k^2"
source_re   = "x"
source_im   = "k * y"
boundary    = [{ on = "right", impedance = "k" }, { on = ["bottom", "top"], u_re = 0.0, u_im = 0.0 }]
[parameters]
k = { range = [1.0, 6.0], default = 2.0 }
)toml";

reduced::TrainingSet points(const Fixture& f, const std::string& method, std::size_t size, std::uint64_t seed) {
  return reduced::sample(reduced::ParameterBox(f.box), {.method = method, .size = size, .seed = seed});
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

reduced::ReducedBasis basis_of(Fixture& f, const Pairs& pairs = {}, double length = 0.2) {
  reduced::BasisOptions options;
  options.product.kind = "h1";
  options.product.length = length;
  options.pairs = pairs;
  return {f.problem.form(), *f.separate(), f.box, f.reference, {}, options};
}

reduced::SingularValues singular_values(const reduced::ReducedBasis& basis) {
  return {basis.problem(), basis.symmetric_terms(), basis.made_product().matrix};
}

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

std::vector<double> copy(std::span<const double> mu) { return {mu.begin(), mu.end()}; }

double error_at(Fixture& f, const reduced::ReducedBasis& basis, std::span<const double> mu, const reduced::ReducedModel::Result& result) {
  auto difference = fem_solution(f, copy(mu));
  linear::add_scaled(-1.0, basis.lift(result.coefficients, result.liftings), difference);
  return basis.product().norm(difference);
}

}  // namespace

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

TEST_CASE("Enclosures of smallest and largest singular values hold those of a dense decomposition", "[reduced][infsup]") {
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
    CHECK(stability.upper(a) >= beta.lower);
    CHECK(lower >= 0.4 * beta.lower);
  }
}

TEST_CASE("Reduced models of problems that are not coercive minimise the residual, and their bounds hold", "[reduced][infsup]") {
  const bool is_wave = GENERATE(false, true);
  Fixture f(is_wave ? waves : indefinite);
  auto basis = basis_of(f, is_wave ? Pairs{{"u_re", "u_im"}} : Pairs{});
  basis.set_stability(train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box, points(f, "sobol", 300, 1)));
  const auto training = points(f, "sobol", 4, 1);
  for (std::size_t i = 0; i < training.size(); ++i) CHECK(basis.extend(training[i]));
  CHECK(basis.size() == (is_wave ? 8 : 4));
  const auto model = basis.model();
  reduced::ReducedModel::Workspace work(model);
  for (std::size_t i = 0; i < training.size(); ++i) CHECK(error_at(f, basis, training[i], model.solve(training[i], work)) <= 1e-10);
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

TEST_CASE("A problem that is singular in the box is refused by parameter", "[reduced][infsup]") {
  // Bilinear elements on 6 x 6 cells: with b = 0, s at the first eigenvalue.
  const double h = 1.0 / 6.0, c = std::cos(M_PI * h), first = 2.0 * 6.0 / (h * h) * (1.0 - c) / (2.0 + c);
  Fixture f(indefinite, base::Communicator(MPI_COMM_SELF));
  const auto basis = basis_of(f);
  const auto values = singular_values(basis);
  CHECK(values.smallest(basis.problem().operator_thetas(std::vector{0.0, first})).lower <= 1e-12);
  reduced::InfSup surrogate(values, basis.problem().operator_thetas, f.box);
  CHECK_THROWS_WITH(surrogate.extend(std::vector{0.0, first}), Catch::Contains("singular, or nearly so, at b = 0, s = "));
  CHECK(surrogate.extend(std::vector{0.0, 30.0}));
  CHECK_FALSE(surrogate.extend(std::vector{0.0, 30.0}));
}

TEST_CASE("The inf-sup training and the greedy training pick the same on any number of ranks", "[reduced][infsup]") {
  const auto train = [](const base::Communicator& comm) {
    Fixture f(waves, comm);
    auto basis = basis_of(f, {{"u_re", "u_im"}});
    basis.set_stability(train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box, points(f, "sobol", 200, 1), {.tolerance = 0.7}));
    reduced::WeakGreedy surrogate(basis, comm);
    auto result = greedy(surrogate, points(f, "sobol", 50, 1), {.tolerance = 1e-5, .relative = true});
    return std::pair(basis.model().data(), std::move(result));
  };
  const auto [all, all_steps] = train(base::Communicator(MPI_COMM_WORLD));
  const auto [one, one_steps] = train(base::Communicator(MPI_COMM_SELF));
  const auto &a = all.stability.data(), &b = one.stability.data();
  CHECK(a.points.values == b.points.values);
  REQUIRE(a.eigenvalues.size() == b.eigenvalues.size());
  for (std::size_t k = 0; k < a.eigenvalues.size(); ++k) CHECK(a.eigenvalues[k] == Approx(b.eigenvalues[k]).epsilon(1e-7));
  REQUIRE(all_steps.steps.size() == one_steps.steps.size());
  for (std::size_t k = 0; k < all_steps.steps.size(); ++k) CHECK(all_steps.steps[k].index == one_steps.steps[k].index);
}

TEST_CASE("A stored model with an inf-sup constant gives the answers of the one that was stored", "[reduced][infsup]") {
  Fixture f(waves);
  const base::Communicator comm(MPI_COMM_WORLD);
  const test::TemporaryFolder folder(comm);
  auto basis = basis_of(f);
  basis.set_stability(train_inf_sup(singular_values(basis), basis.problem().operator_thetas, f.box, points(f, "sobol", 50, 1), {.tolerance = 0.9}));
  CHECK(basis.extend(std::vector{2.0}));
  CHECK(basis.extend(std::vector{4.0}));
  const auto model = basis.model();
  io::write_model(folder.file("model.h5"), {"problem", model.data()}, f.problem.dofs(), basis.basis(), basis.problem().liftings);
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
