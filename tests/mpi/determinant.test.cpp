#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/linear/matrices/factorisation.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::test;

namespace {

constexpr linear::FactorisationOptions lu{.symmetric = false, .determinant = true},
    symmetric{.symmetric = true, .determinant = true};

/// A row function times a factor, plus a shift of the diagonal.
RowFunction changed(const RowFunction& rows, double factor, double shift) {
  return [=](std::int64_t i) {
    Row row = rows(i);
    for (auto& [column, value] : row) value *= factor;
    row[i] += shift;
    return row;
  };
}

/// 2 - 2 cos(pi k / (n + 1)), the eigenvalues of second differences on n points, k = 1, ..., n.
double line_eigenvalue(std::int64_t n, std::int64_t k) {
  return 2.0 - 2.0 * std::cos(std::numbers::pi * static_cast<double>(k) / static_cast<double>(n + 1));
}

}  // namespace

TEST_CASE("The log-determinant of second differences is that of n + 1, in any unit", "[linear][determinant]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 3000;
  for (const auto& options : {lu, symmetric}) {
    for (const double unit : {1e-5, 1e8}) {  // the determinant is no double
      const auto A = make_matrix(comm, share(comm, n), changed(line_laplacian(n), unit, 0.0));
      const auto det = linear::Factorisation(*A, options).determinant();
      CHECK(det.log_size == Approx(std::log(n + 1.0) + n * std::log(unit)).epsilon(1e-12).margin(1e-10));
      CHECK(det.sign == 1);
    }
  }
}

TEST_CASE("A shifted Laplacian has the sign of its negative eigenvalues", "[linear][determinant]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 24;
  for (const int empty : {-1, 0}) {
    for (const double shift : {0.05, 1.01, 2.5}) {
      double log_size = 0.0;
      std::int64_t negative = 0;
      for (std::int64_t i = 1; i <= n; ++i) {
        for (std::int64_t j = 1; j <= n; ++j) {
          const double value = line_eigenvalue(n, i) + line_eigenvalue(n, j) - shift;
          log_size += std::log(std::abs(value));
          negative += value < 0.0 ? 1 : 0;
        }
      }
      const auto A = make_matrix(comm, share(comm, n * n, 1, empty), changed(square(n), 1.0, -shift));
      for (const auto& options : {lu, symmetric}) {
        const linear::Factorisation factors(*A, options);
        CHECK(factors.determinant().log_size == Approx(log_size).epsilon(1e-11));
        CHECK(factors.determinant().sign == (negative % 2 == 0 ? 1 : -1));
        if (options.symmetric) CHECK(factors.num_negative() == negative);
      }
    }
  }
}

TEST_CASE("Rows that have to be exchanged count for the sign", "[linear][determinant]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  // Ones beside a diagonal of zeros: the determinant is (-1)^(n/2). A cycle of n rows: (-1)^(n-1).
  for (const std::int64_t n : {6, 8, 10}) {
    const auto beside = [n](std::int64_t i) {
      Row row{{i, 0.0}};
      if (i > 0) row[i - 1] = 1.0;
      if (i < n - 1) row[i + 1] = 1.0;
      return row;
    };
    const auto cycle = [n](std::int64_t i) { return Row{{i, 0.0}, {(i + 1) % n, 2.0}}; };
    const auto A = make_matrix(comm, share(comm, n), beside), B = make_matrix(comm, share(comm, n), cycle);
    for (const auto& options : {lu, symmetric}) {
      const auto det = linear::Factorisation(*A, options).determinant();
      CHECK(std::abs(det.log_size) < 1e-13);
      CHECK(det.sign == (n / 2 % 2 == 0 ? 1 : -1));
    }
    const auto det = linear::Factorisation(*B, lu).determinant();
    CHECK(det.log_size == Approx(static_cast<double>(n) * std::numbers::ln2));
    CHECK(det.sign == -1);
  }
}

TEST_CASE("A matrix with wind has the determinant of its recurrence, and solves as before", "[linear][determinant]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  // tridiag(-1 - w, 2 + w, -1): D_n = (2 + w) D_{n-1} - (1 + w) D_{n-2} = 1 + (1 + w) + ... + (1 + w)^n.
  const std::int64_t n = 40;
  const double w = 0.3;
  const auto rows = [=](std::int64_t i) {
    Row row{{i, 2.0 + w}};
    if (i > 0) row[i - 1] = -1.0 - w;
    if (i < n - 1) row[i + 1] = -1.0;
    return row;
  };
  double expected = 0.0;
  for (std::int64_t k = 0; k <= n; ++k) expected += std::pow(1.0 + w, k);
  const Share mine = share(comm, n);
  const auto A = make_matrix(comm, mine, rows);
  const linear::Factorisation factors(*A, lu);
  CHECK(factors.determinant().log_size == Approx(std::log(expected)).epsilon(1e-13));
  std::vector<double> x(static_cast<std::size_t>(mine.count));
  factors.solve(apply(mine, rows, wave), x);
  CHECK(largest_difference(comm, x, fill(mine, wave)) < 1e-11);
}

TEST_CASE("A symmetric factorisation solves as the other does", "[linear][determinant]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const auto rows = changed(square(20), 1.0, -0.5);  // indefinite
  const Share mine = share(comm, 400);
  const auto A = make_matrix(comm, mine, rows);
  std::vector<double> x(static_cast<std::size_t>(mine.count));
  linear::Factorisation(*A, symmetric).solve(apply(mine, rows, wave), x);
  CHECK(largest_difference(comm, x, fill(mine, wave)) < 1e-9);
}
