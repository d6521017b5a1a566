#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/interpolation/matrix_eim.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::reduced;

namespace {

using Vector = std::vector<double>;
using Complex = std::complex<double>;

/// -(k u')' = 1 on (0, 1), u = 0 at both ends, 400 cells, k = 0.1 + exp(-20 (x - mu)^2): diagonal, then side entries.
constexpr int num_cells = 400, n = num_cells - 1;

Vector assemble(double mu) {
  Vector k, A(2 * n - 1);
  for (int c = 0; c < num_cells; ++c)
    k.push_back((0.1 + std::exp(-20.0 * std::pow((c + 0.5) / num_cells - mu, 2))) * num_cells);
  for (int i = 0; i < n; ++i) A[i] = k[i] + k[i + 1];
  for (int i = 0; i < n - 1; ++i) A[n + i] = -k[i + 1];
  return A;
}

Vector solve(const Vector& A) {
  Vector pivots(A.begin(), A.begin() + n), u(n, 1.0 / num_cells);
  for (int i = 1; i < n; ++i) {
    const double factor = A[n + i - 1] / pivots[i - 1];
    pivots[i] -= factor * A[n + i - 1];
    u[i] -= factor * u[i - 1];
  }
  for (int i = n - 1; i >= 0; --i) u[i] = (u[i] - (i < n - 1 ? A[n + i] * u[i + 1] : 0.0)) / pivots[i];
  return u;
}

double norm(const Vector& v) {
  double sum = 0.0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

/// |a - b| / |a|.
double relative(const Vector& a, const Vector& b) {
  Vector d = a;
  for (std::size_t i = 0; i < d.size(); ++i) d[i] -= b[i];
  return norm(d) / norm(a);
}

std::vector<std::int64_t> numbers(std::size_t count) {
  std::vector<std::int64_t> keys(count);
  for (std::size_t i = 0; i < count; ++i) keys[i] = static_cast<std::int64_t>(i);
  return keys;
}

double parameter(int j) { return j / 299.0; }

Block samples() {
  return tabulate(2 * n - 1, 300,
                  [](int j, std::span<double> values) { std::ranges::copy(assemble(parameter(j)), values.begin()); });
}

Vector entries_at(const OperatorEim& A, const Vector& values) {
  Vector out;
  for (const auto key : A.entries()) out.push_back(values[key]);
  return out;
}

Vector combine(const OperatorEim& A, const Vector& beta) {
  Vector sum(2 * n - 1, 0.0);
  for (int m = 0; m < A.terms(); ++m) {
    const Vector term = assemble(parameter(A.parameters()[m]));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += beta[m] * term[i];
  }
  return sum;
}

}  // namespace

TEST_CASE("An operator known only assembled is approximated by a few of its assemblies", "[reduced][eim]") {
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(2 * n - 1));
  eim.extend(samples(), {.max_terms = 18});
  // mor 5.3: terms, relative error of the matrix and of the solution.
  struct Row {
    int terms;
    double matrix, solution;
  };
  std::mt19937 random(3);
  Vector tests(60);
  for (double& mu : tests) mu = std::generate_canonical<double, 53>(random);
  for (const Row& row :
       {Row{4, 4.1e-1, 1.3e-1}, Row{8, 9.5e-3, 4.4e-3}, Row{12, 4.1e-5, 1.4e-5}, Row{16, 6.7e-8, 1.5e-8}}) {
    const OperatorEim A(eim, row.terms);
    double matrix = 0.0, solution = 0.0;
    for (const double mu : tests) {
      const Vector exact = assemble(mu);
      Vector beta = entries_at(A, exact);
      A.beta(beta, beta);
      const Vector approximate = combine(A, beta);
      matrix = std::max(matrix, relative(exact, approximate));
      solution = std::max(solution, relative(solve(exact), solve(approximate)));
      if (row.terms == 16) {
        Vector values = entries_at(A, exact);
        double largest = 0.0;
        for (std::size_t i = 0; i < exact.size(); ++i) largest = std::max(largest, std::abs(exact[i] - approximate[i]));
        const double estimate = A.remainder(values);
        CHECK(largest < 1.2 * estimate);
        CHECK(estimate < 50.0 * largest);
      }
    }
    INFO(row.terms << ": " << matrix << " " << solution);
    CHECK(matrix < 2.0 * row.matrix);
    CHECK(matrix > 0.4 * row.matrix);
    CHECK(solution < 2.0 * row.solution);
    CHECK(solution > 0.2 * row.solution);
  }
}

TEST_CASE("At a picked parameter the operator is that of the code, and beta a unit vector", "[reduced][eim]") {
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(2 * n - 1));
  eim.extend(samples(), {.max_terms = 16});
  const OperatorEim A(eim, 16);
  bool negative = false;
  for (int m = 0; m < 16; ++m) {
    const Vector exact = assemble(parameter(A.parameters()[m]));
    Vector beta = entries_at(A, exact);
    A.beta(beta, beta);
    CHECK(relative(exact, combine(A, beta)) < 1e-14);
    // beta is as unique as F allows: to cond F eps, which is 1e7 eps at 16 terms.
    for (int k = 0; k < 16; ++k) CHECK(std::abs(beta[k] - (k == m ? 1.0 : 0.0)) < 1e-8);
  }
  const Vector exact = assemble(0.4321);
  Vector beta = entries_at(A, exact);
  A.beta(beta, beta);
  for (const double b : beta) negative = negative || b < 0.0;
  CHECK(negative);
}

TEST_CASE("Symmetric operators stay symmetric, bit by bit", "[reduced][eim]") {
  // Both triangles are stored: what is equal in every sample is combined by the same sum.
  const auto full = [](double mu) {
    Vector A = assemble(mu);
    A.insert(A.end(), A.begin() + n, A.end());
    return A;
  };
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(3 * n - 2));
  eim.extend(
      tabulate(3 * n - 2, 300, [&](int j, std::span<double> v) { std::ranges::copy(full(parameter(j)), v.begin()); }),
      {.tolerance = 1e-6});
  const OperatorEim A(eim, eim.terms());
  const Vector exact = full(0.4321);
  Vector beta = entries_at(A, exact);
  A.beta(beta, beta);
  Vector sum(exact.size(), 0.0);
  for (int m = 0; m < A.terms(); ++m) {
    const Vector term = full(parameter(A.parameters()[m]));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += beta[m] * term[i];
  }
  for (int i = 0; i < n - 1; ++i) CHECK(sum[n + i] == sum[2 * n - 1 + i]);
  CHECK(relative(exact, sum) < 1e-5);
}

TEST_CASE("An operator that separates needs as many terms as it has, and is then exact", "[reduced][eim]") {
  // A = sum_q theta_q A_q with random A_q: three terms, whatever the sizes of theta.
  constexpr int size = 500;
  std::mt19937 random(5);
  Block parts(size);
  for (int q = 0; q < 3; ++q) {
    Vector part(size);
    for (double& v : part) v = std::generate_canonical<double, 53>(random) - 0.5;
    parts.append(part);
  }
  const auto operator_at = [&](double a, double b) {
    Vector out(size);
    for (int i = 0; i < size; ++i)
      out[i] = parts.column(0)[i] + a * a * parts.column(1)[i] + 100.0 * std::sin(a + b) * parts.column(2)[i];
    return out;
  };
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(size));
  const auto result = eim.extend(
      tabulate(size, 100,
               [&](int j, std::span<double> v) { std::ranges::copy(operator_at(j % 10, j / 10), v.begin()); }),
      {});
  CHECK(result.stop == EimStop::round_off);
  REQUIRE(eim.terms() == 3);
  const OperatorEim A(eim, 3);
  for (const auto& [a, b] : {std::pair{0.5, 7.7}, {8.1, 2.2}}) {
    const Vector exact = operator_at(a, b);
    Vector beta = entries_at(A, exact), sum(size, 0.0);
    A.beta(beta, beta);
    for (int m = 0; m < 3; ++m) {
      const int j = A.parameters()[m];
      const Vector term = operator_at(j % 10, j / 10);
      for (int i = 0; i < size; ++i) sum[i] += beta[m] * term[i];
    }
    CHECK(relative(exact, sum) < 1e-13);
  }
}

TEST_CASE("A wave operator is interpolated in complex pairs as in complex numbers", "[reduced][eim]") {
  // mor 5.6: exp(ikr)/(4 pi r) between 160 points of the unit circle, k in [1, 10], interpolation of exp(ikr), r in [0,
  // 2].
  constexpr int points = 401, circle = 160;
  const auto sample = [](double k, std::span<double> v) {
    for (int i = 0; i < points; ++i) {
      const double r = 2.0 * i / (points - 1.0);
      v[i] = std::cos(k * r);
      v[points + i] = std::sin(k * r);
    }
  };
  const auto wave_number = [](int j) { return 1.0 + 9.0 * j / 199.0; };
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(2 * points), Pairs::complex);
  eim.extend(tabulate(2 * points, 200, [&](int j, std::span<double> v) { sample(wave_number(j), v); }),
             {.max_terms = 18, .round_off = 4.0});
  REQUIRE(eim.terms() == 18);
  REQUIRE(eim.size() == 36);

  // Each pair of points: both parts at one place, so that the coefficients are those of the complex interpolation.
  for (int k = 0; k < 36; k += 2)
    CHECK(std::abs(static_cast<int>(eim.magic()[k].key) - static_cast<int>(eim.magic()[k + 1].key)) == points);
  for (int k = 0; k < 36; ++k) {
    for (const double v : eim.basis().column(k)) CHECK(std::abs(v) < 1.42);
  }

  // Which 18 terms are picked depends on the samples of k and r; with 200 x 401 complex arithmetic leaves 2.6e-14.
  struct Row {
    int terms;
    double error;
  };
  for (const Row& row : {Row{6, 1.7e-2}, Row{8, 2.2e-4}, Row{10, 8.1e-6}, Row{12, 5.1e-8}, Row{14, 3.8e-10},
                         Row{16, 3.5e-12}, Row{18, 1e-14}}) {
    const OperatorEim A(eim, row.terms);
    double worst = 0.0;
    for (const double k : {1.31, 2.77, 3.9, 5.03, 6.61, 7.52, 8.88, 9.71}) {
      Vector values(2 * points), beta(A.num_coefficients());
      sample(k, values);
      for (std::size_t l = 0; l < beta.size(); ++l) beta[l] = values[A.entries()[l]];
      A.beta(beta, beta);
      double difference = 0.0, size = 0.0;
      for (int d = 1; d < circle; ++d) {
        const double r = 2.0 * std::sin(std::numbers::pi * d / circle);
        Complex sum = 0.0;
        for (int m = 0; m < row.terms; ++m) {
          sum += Complex(beta[2 * m], beta[2 * m + 1]) * std::polar(1.0, wave_number(A.parameters()[m]) * r);
        }
        difference += std::norm((sum - std::polar(1.0, k * r)) / r);
        size += 1.0 / (r * r);
      }
      worst = std::max(worst, std::sqrt(difference / size));
    }
    INFO(row.terms << ": " << worst);
    CHECK(worst < 10.0 * row.error);
  }
}

TEST_CASE("Wave solutions are as good as the interpolated matrix", "[reduced][eim]") {
  // exp(ikr)/(4 pi r) between 80 points of the unit circle, diagonal 1, in real form; k = 6.61 from 12 terms.
  constexpr int circle = 80;
  const auto assemble_wave = [](double k, std::span<double> v) {
    for (int i = 0; i < circle; ++i) {
      const double r = 2.0 * std::sin(std::numbers::pi * i / circle);
      v[i] = i == 0 ? 1.0 : std::cos(k * r) / (4.0 * std::numbers::pi * r);
      v[circle + i] = i == 0 ? 0.0 : std::sin(k * r) / (4.0 * std::numbers::pi * r);
    }
  };
  const auto solution = [](const Vector& v) {
    Dense A(2 * circle, 2 * circle);
    for (int i = 0; i < circle; ++i) {
      for (int j = 0; j < circle; ++j) {
        const int d = std::abs(i - j);
        A(i, j) = A(circle + i, circle + j) = v[d];
        A(circle + i, j) = v[circle + d];
        A(i, circle + j) = -v[circle + d];
      }
    }
    Vector u(2 * circle, 0.0);
    for (int i = 0; i < circle; ++i) u[i] = std::cos(0.1 * i);
    Lu(A).solve(u);
    return u;
  };
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(2 * circle), Pairs::complex);
  eim.extend(tabulate(2 * circle, 100, [&](int j, std::span<double> v) { assemble_wave(1.0 + 9.0 * j / 99.0, v); }),
             {.max_terms = 12});
  const OperatorEim A(eim, 12);
  Vector exact(2 * circle), sum(2 * circle, 0.0), term(2 * circle), beta(A.num_coefficients());
  assemble_wave(6.61, exact);
  for (std::size_t l = 0; l < beta.size(); ++l) beta[l] = exact[A.entries()[l]];
  A.beta(beta, beta);
  for (int m = 0; m < 12; ++m) {
    assemble_wave(1.0 + 9.0 * A.parameters()[m] / 99.0, term);
    for (int i = 0; i < circle; ++i) {
      sum[i] += beta[2 * m] * term[i] - beta[2 * m + 1] * term[circle + i];
      sum[circle + i] += beta[2 * m] * term[circle + i] + beta[2 * m + 1] * term[i];
    }
  }
  const double matrix = relative(exact, sum), solutions = relative(solution(exact), solution(sum));
  INFO(matrix << " " << solutions);
  CHECK(matrix > 1e-12);
  CHECK(matrix < 1e-5);
  CHECK(solutions < 5.0 * matrix);
}

TEST_CASE("Keys and values of a matrix's entries belong together", "[reduced][eim]") {
  const base::Communicator self(MPI_COMM_SELF);
  const auto matrix = test::make_matrix(self, {0, 5}, test::line_laplacian(5));
  // Canonical numbers run backwards.
  const std::vector<std::int64_t> owned{4, 3, 2, 1, 0};
  const auto keys = entry_keys(matrix->pattern(), owned, {}, 5);
  const auto values = entry_values(*matrix);
  REQUIRE(keys.size() == 13);
  REQUIRE(values.size() == 13);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(values[i] == (keys[i] / 5 == keys[i] % 5 ? 2.0 : -1.0));
  CHECK_THROWS_WITH(entry_keys(matrix->pattern(), std::span(owned).first(2), {}, 5), Catch::Contains("do not fit"));
}

TEST_CASE("Stored interpolations of operators are checked", "[reduced][eim]") {
  Dense one(1, 1);
  one(0, 0) = 1.0;
  const Interpolation good(one, one);
  CHECK(OperatorEim(good, {7}, {3}, 1).parameters().front() == 7);
  CHECK_THROWS_WITH(OperatorEim(good, {7}, {3, 4}, 1), Catch::Contains("does not fit"));
  CHECK_THROWS_WITH(OperatorEim(good, {7, 8}, {3}, 1), Catch::Contains("does not fit"));
  CHECK_THROWS_WITH(OperatorEim(good, {7}, {3}, 2), Catch::Contains("does not fit"));
  const Eim empty(base::Communicator(MPI_COMM_SELF), {1, 2});
  CHECK_THROWS_WITH(OperatorEim(empty, 1), Catch::Contains("1 terms from an interpolation of 0"));
}
