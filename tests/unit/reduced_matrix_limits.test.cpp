#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/limits/matrix_limits.hpp"

using namespace ansatz;
using namespace ansatz::reduced;

namespace {

using Vector = std::vector<double>;
constexpr int n = 60;

/// T + I/2 + mu_1 D_1 + mu_2 D_2: second differences, and diagonals that share the unknowns between them.
Dense matrix(double a, double b) {
  Dense A(n, n);
  for (int i = 0; i < n; ++i) {
    const double s = std::sin(0.1 * i);
    A(i, i) = 2.0 + 0.5 + 0.8 * (a * s * s + b * (1.0 - s * s));
    if (i > 0) A(i, i - 1) = A(i - 1, i) = -1.0;
  }
  return A;
}

Dense inverse(const Dense& A) {
  const Lu lu(A);
  Dense out(n, n);
  for (int j = 0; j < n; ++j) {
    out(j, j) = 1.0;
    lu.solve(out.column(j));
  }
  return out;
}

double log_determinant(const Dense& A) {
  double sum = 0.0;
  for (const double v : symmetric_eigen(A).values) sum += std::log(v);
  return sum;
}

/// Square grid of parameters in [0.1, 2]^2.
Dense grid(int count) {
  Dense mu(2, count * count);
  for (int j = 0; j < count * count; ++j) {
    mu(0, j) = 0.1 + 1.9 * (j % count) / (count - 1.0);
    mu(1, j) = 0.1 + 1.9 * (j / count) / (count - 1.0);
  }
  return mu;
}

void theta(std::span<const double> mu, std::span<double> out) {
  out[0] = 1.0;
  out[1] = mu[0];
  out[2] = mu[1];
}

Dense combine(const std::vector<Dense>& terms, const Vector& lambda) {
  Dense sum(n, n);
  for (std::size_t r = 0; r < terms.size(); ++r) {
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += lambda[r] * terms[r].values[i];
  }
  return sum;
}

/// |a - b|_F / |a|_F.
double relative(const Dense& a, const Dense& b) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    difference += std::pow(a.values[i] - b.values[i], 2);
    size += a.values[i] * a.values[i];
  }
  return std::sqrt(difference / size);
}

std::vector<Vector> tests(int count) {
  std::mt19937 random(11);
  std::vector<Vector> out(count);
  for (Vector& mu : out) {
    for (int p = 0; p < 2; ++p) mu.push_back(0.1 + 1.9 * std::generate_canonical<double, 53>(random));
  }
  return out;
}

}  // namespace

TEST_CASE("Inverse and log-determinant are interpolated ten times better with every two degrees", "[reduced][limits]") {
  const Dense parameters = grid(20);
  const int expected_terms[] = {6, 15, 28, 45};
  // mor 5.5, whose matrices D are not given: its figures, to a factor 3.
  const double expected_inverse[] = {1.1e-1, 1.4e-2, 1.2e-3, 1.2e-4}, expected_log[] = {1.2e-2, 3.6e-4, 3.3e-5, 2.3e-6};
  Vector inverse_errors, log_errors;
  for (int d = 0; d < 4; ++d) {
    const MatrixLimits limits(theta, 3, parameters, 2 * (d + 1));
    REQUIRE(limits.num_terms() == expected_terms[d]);
    std::vector<Dense> inverses;
    Vector logs;
    for (const int r : limits.picks()) {
      inverses.push_back(inverse(matrix(parameters(0, r), parameters(1, r))));
      logs.push_back(log_determinant(matrix(parameters(0, r), parameters(1, r))));
    }
    double inverse_error = 0.0, log_error = 0.0;
    Vector lambda(limits.num_terms()), workspace(3);
    for (const Vector& mu : tests(30)) {
      const double sum_of_sizes = limits.weights(mu, lambda, workspace);
      double sum = 0.0, sizes = 0.0, log_sum = 0.0;
      for (std::size_t r = 0; r < lambda.size(); ++r) {
        sum += lambda[r];
        sizes += std::abs(lambda[r]);
        log_sum += lambda[r] * logs[r];
      }
      CHECK(sum == Approx(1.0).epsilon(1e-12));
      CHECK(sizes == Approx(sum_of_sizes));
      const Dense A = matrix(mu[0], mu[1]);
      inverse_error = std::max(inverse_error, relative(inverse(A), combine(inverses, lambda)));
      log_error = std::max(log_error, std::abs(log_sum / log_determinant(A) - 1.0));
    }
    INFO(d << ": " << inverse_error << " " << log_error);
    CHECK(inverse_error < 3.0 * expected_inverse[d]);
    CHECK(inverse_error > expected_inverse[d] / 3.0);
    CHECK(log_error < 3.0 * expected_log[d]);
    CHECK(log_error > expected_log[d] / 3.0);
    inverse_errors.push_back(inverse_error);
    log_errors.push_back(log_error);
  }
  for (const auto& errors : {inverse_errors, log_errors}) {
    CHECK(std::cbrt(errors.front() / errors.back()) > 7.0);
    CHECK(std::cbrt(errors.front() / errors.back()) < 30.0);
    for (int d = 0; d < 3; ++d) CHECK(errors[d] / errors[d + 1] > 4.0);
  }
}

TEST_CASE("Powers up to the degree are exact, with one set of weights", "[reduced][limits]") {
  const Dense parameters = grid(12);
  const MatrixLimits limits(theta, 3, parameters, 4);
  Vector lambda(limits.num_terms()), workspace(3);
  limits.weights(Vector{0.77, 1.3}, lambda, workspace);
  const Dense A = matrix(0.77, 1.3);
  Dense power = A;
  std::vector<Dense> at_picks, powers;
  for (const int r : limits.picks()) at_picks.push_back(matrix(parameters(0, r), parameters(1, r)));
  powers = at_picks;
  for (int j = 1; j <= 5; ++j) {
    const double error = relative(power, combine(powers, lambda));
    if (j <= 4) CHECK(error < 1e-13);
    if (j == 5) CHECK(error > 1e-8);
    power = multiply(power, A);
    for (std::size_t r = 0; r < powers.size(); ++r) powers[r] = multiply(powers[r], at_picks[r]);
  }
}

TEST_CASE("Coefficients that depend on each other need fewer terms", "[reduced][limits]") {
  Dense parameters(1, 30);
  for (int j = 0; j < 30; ++j) parameters(0, j) = 0.1 * j;
  const auto powers = [](std::span<const double> mu, std::span<double> out) {
    out[0] = mu[0];
    out[1] = mu[0] * mu[0];
  };
  // Degree 3 in (mu, mu^2): polynomials of degree 6, not all 10 monomials.
  CHECK(MatrixLimits(powers, 2, parameters, 3).num_terms() == 7);
}

TEST_CASE("Monomials are as many as multisets", "[reduced][limits]") {
  CHECK(MatrixLimits::num_monomials(1, 7) == 8.0);
  CHECK(MatrixLimits::num_monomials(2, 4) == 15.0);
  CHECK(MatrixLimits::num_monomials(5, 3) == 56.0);
  CHECK(MatrixLimits::num_monomials(0, 3) == 1.0);
}

TEST_CASE("Limits of matrix powers refuse what cannot be interpolated", "[reduced][limits]") {
  CHECK_THROWS_WITH(MatrixLimits(theta, 3, grid(3), 0), Catch::Contains("degree"));
  CHECK_THROWS_WITH(MatrixLimits(theta, 3, grid(3), 4), Catch::Contains("9 parameters for 15 monomials"));
  const auto many = [](std::span<const double> mu, std::span<double> out) {
    for (std::size_t p = 0; p < out.size(); ++p) out[p] = std::pow(mu[0], p + 1.0);
  };
  CHECK_THROWS_WITH(MatrixLimits(many, 20, grid(12), 12), Catch::Contains("225792840 monomials"));  // 32! / (20! 12!)
  const auto broken = [](std::span<const double>, std::span<double> out) { out[0] = std::nan(""); };
  CHECK_THROWS_WITH(MatrixLimits(broken, 1, grid(3), 2), Catch::Contains("not finite"));
}
