#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using reduced::Dense;

namespace {

Dense from_rows(std::initializer_list<std::initializer_list<double>> rows) {
  Dense out(static_cast<int>(rows.size()), static_cast<int>(rows.begin()->size()));
  int i = 0;
  for (const auto& row : rows) {
    int j = 0;
    for (const double value : row) out(i, j++) = value;
    ++i;
  }
  return out;
}

Dense hilbert(int n) {
  Dense out(n, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) out(i, j) = 1.0 / (i + j + 1);
  }
  return out;
}

}  // namespace

TEST_CASE("products of dense matrices are those computed by hand, also with no rows") {
  const Dense A = from_rows({{1, 2, 3}, {4, 5, 6}}), B = from_rows({{1, 0}, {2, 1}, {0, 3}});
  CHECK(reduced::multiply(A, B).values == std::vector<double>{5, 14, 11, 23});
  CHECK(reduced::multiply_transposed(A, A).values == std::vector<double>{17, 22, 27, 22, 29, 36, 27, 36, 45});
  CHECK(reduced::multiply_transposed(Dense(0, 2), Dense(0, 1)).values == std::vector<double>{0, 0});
  CHECK(test::kind_of([&] { reduced::multiply(A, A); }) == sdk::ErrorKind::internal);
}

TEST_CASE("singular values of a dense matrix are those of its construction, for every shape") {
  // [[3, 0], [4, 5]]: singular values sqrt(45), sqrt(5).
  const auto square = reduced::svd(from_rows({{3, 0}, {4, 5}}));
  CHECK(square.s[0] == Approx(std::sqrt(45.0)).epsilon(1e-15));
  CHECK(square.s[1] == Approx(std::sqrt(5.0)).epsilon(1e-15));
  for (const Dense& A : {from_rows({{1, 2, 2}}), from_rows({{1}, {2}, {2}})}) {
    const auto result = reduced::svd(A);
    REQUIRE(result.s.size() == 1);
    CHECK(result.s[0] == Approx(3.0).epsilon(1e-15));
    for (int i = 0; i < A.rows; ++i) {
      for (int j = 0; j < A.columns; ++j)
        CHECK(result.U(i, 0) * 3.0 * result.V(j, 0) == Approx(A(i, j)).epsilon(1e-14));
    }
  }
  CHECK(reduced::svd(Dense(0, 3)).s.empty());
  Dense bad(2, 2);
  bad(1, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK(test::kind_of([&] { reduced::svd(bad); }) == sdk::ErrorKind::not_finite);
  CHECK(test::kind_of([&] { reduced::symmetric_eigen(bad); }) == sdk::ErrorKind::not_finite);
}

TEST_CASE("eigenvalues of second differences are 2 - 2 cos(k pi / (n + 1))") {
  const int n = 7;
  Dense A(n, n);
  for (int i = 0; i < n; ++i) {
    A(i, i) = 2.0;
    if (i > 0) A(i, i - 1) = A(i - 1, i) = -1.0;
  }
  const auto result = reduced::symmetric_eigen(A);
  const Dense AV = reduced::multiply(A, result.vectors);
  for (int k = 0; k < n; ++k) {
    CHECK(result.values[k] == Approx(2.0 - 2.0 * std::cos((k + 1) * std::numbers::pi / (n + 1))).epsilon(1e-13));
    for (int i = 0; i < n; ++i) CHECK(std::abs(AV(i, k) - result.values[k] * result.vectors(i, k)) < 1e-14);
  }
}

TEST_CASE("Cholesky's factor is the one known, and an indefinite matrix gives none") {
  const Dense R = reduced::cholesky(from_rows({{4, 12, -16}, {12, 37, -43}, {-16, -43, 98}}));
  CHECK(R.values == std::vector<double>{2, 0, 0, 6, 1, 0, -8, 5, 3});
  CHECK(reduced::cholesky(from_rows({{1, 2}, {2, 1}})).values.empty());
}

TEST_CASE("LU solves with a Hilbert matrix and its transpose, and names a singular one") {
  // The inverse of the 3x3 Hilbert matrix has integer entries.
  Dense A = hilbert(3);
  A(0, 1) += 1.0;  // unsymmetric
  const std::vector<double> x = {1.0, -2.0, 3.0};
  std::vector<double> b(3, 0.0), c(3, 0.0);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) b[i] += A(i, j) * x[j], c[i] += A(j, i) * x[j];
  }
  const reduced::Lu lu(A);
  lu.solve(b);
  lu.solve_transposed(c);
  for (int i = 0; i < 3; ++i) {
    CHECK(b[i] == Approx(x[i]).epsilon(1e-12));
    CHECK(c[i] == Approx(x[i]).epsilon(1e-12));
  }
  CHECK(test::kind_of([] { reduced::Lu(Dense(2, 2)); }) == sdk::ErrorKind::solver);
}

TEST_CASE("QR with pivoting takes the longest columns first and shows the rank") {
  // Columns e1, 3 e2, 2 e1: the third is parallel to the first.
  const auto result = reduced::pivoted_qr(from_rows({{1, 0, 2}, {0, 3, 0}}));
  CHECK(result.order == std::vector<int>{1, 2, 0});
  CHECK(result.diagonal[0] == Approx(3.0));
  CHECK(result.diagonal[1] == Approx(2.0));
}

TEST_CASE("least squares finds the regression line, and the shortest solution of a deficient system") {
  // Points (0, 1), (1, 3), (2, 4), (3, 4): line 1.5 + x.
  const auto line =
      reduced::least_squares(from_rows({{1, 0}, {1, 1}, {1, 2}, {1, 3}}), std::vector<double>{1, 3, 4, 4});
  CHECK(line[0] == Approx(1.5).epsilon(1e-14));
  CHECK(line[1] == Approx(1.0).epsilon(1e-14));
  const auto shortest = reduced::least_squares(from_rows({{1, 1}, {1, 1}, {1, 1}}), std::vector<double>{2, 2, 2});
  CHECK(shortest[0] == Approx(1.0).epsilon(1e-14));
  CHECK(shortest[1] == Approx(1.0).epsilon(1e-14));
  const auto wide = reduced::least_squares(from_rows({{3, 4}}), std::vector<double>{25});
  CHECK(wide[0] == Approx(3.0).epsilon(1e-14));
  CHECK(wide[1] == Approx(4.0).epsilon(1e-14));
}
