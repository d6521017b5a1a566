#include <catch2/catch.hpp>
#include <limits>

#include "engine/reduced/algebra/lift.hpp"
#include "engine/reduced/algebra/orthonormal.hpp"
#include "reduced_snapshots.hpp"

using namespace ansatz;
using base::Communicator;
using reduced::Block;
using reduced::InnerProduct;

TEST_CASE("columns of Hilbert's matrix become orthonormal to 1e-14 in every inner product, and Q R gives them back") {
  const Communicator comm(MPI_COMM_WORLD);
  for (const int empty : {-1, 0, comm.size() - 1}) {
    const auto mine = test::share(comm, 60, 1, empty);
    const Block S = test::hilbert(mine, 12);  // condition number 1e13
    for (const auto& X : test::inner_products(comm, mine, 60)) {
      const auto result = reduced::orthonormalise(X, S);
      REQUIRE(result.Q.num_columns() == 12);
      CHECK(test::orthogonality_error(X, result.Q) < 1e-14);
      CHECK(test::largest_difference(comm, reduced::lift(result.Q, result.R), S) < 1e-14);
      for (int j = 0; j < 12; ++j) {
        CHECK(result.R(j, j) > 0.0);
        for (int i = j + 1; i < 12; ++i) CHECK(result.R(i, j) == 0.0);
      }
    }
  }
}

TEST_CASE("fewer rows on a rank, or on all together, than columns are no obstacle to an orthonormal basis") {
  const Communicator comm(MPI_COMM_WORLD);
  for (const std::int64_t n : {1, 3, 9}) {
    const auto mine = test::share(comm, n);
    for (const auto& X : test::inner_products(comm, mine, n)) {
      const Block S = test::hilbert(mine, 5);
      const auto result = reduced::orthonormalise(X, S);
      CHECK(result.Q.num_columns() == std::min<std::int64_t>(n, 5));
      CHECK(test::orthogonality_error(X, result.Q) < 1e-14);
      CHECK(test::largest_difference(comm, reduced::lift(result.Q, result.R), S) < 1e-14);
    }
  }
  const auto none = reduced::orthonormalise(InnerProduct::euclidean(comm), Block(test::share(comm, 4).count));
  CHECK(none.Q.num_columns() == 0);
}

TEST_CASE("repeated, zero and wildly scaled columns still give an orthonormal basis that holds them") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 40);
  const auto smooth = [](double scale, int k) {
    return [=](std::int64_t i) { return scale * test::cosine(40, i, k); };
  };
  Block S(mine.count);
  for (const auto& column : {smooth(1.0, 1), smooth(0.0, 1), smooth(1e9, 2), smooth(1.0, 1), smooth(1e-9, 3)}) {
    S.append(test::fill(mine, column));
  }
  for (const auto& X : test::inner_products(comm, mine, 40)) {
    const auto result = reduced::orthonormalise(X, S);
    CHECK(test::orthogonality_error(X, result.Q) < 1e-14);
    const Block back = reduced::lift(result.Q, result.R);
    for (int j = 0; j < 5; ++j) {
      std::vector<double> difference(mine.count);
      for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = back.column(j)[i] - S.column(j)[i];
      CHECK(X.norm(difference) <= 1e-13 * X.norm(S.column(j)));
    }
  }
}

TEST_CASE("a vector is split into its coefficients, its remainder and a new direction; dependent ones are named") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 50);
  const auto u = [&](int k) { return test::fill(mine, [=](std::int64_t i) { return test::cosine(50, i, k); }); };
  const auto X = InnerProduct::euclidean(comm);
  Block basis(mine.count);
  basis.append(u(1));
  basis.append(u(2));
  // 3 u_1 - 2 u_2 + 1e-9 u_3: what the basis does not hold is nine digits down.
  std::vector<double> v(mine.count);
  const auto u1 = u(1), u2 = u(2), u3 = u(3);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = 3.0 * u1[i] - 2.0 * u2[i] + 1e-9 * u3[i];
  const auto split = reduced::orthogonalise(X, basis, v);
  CHECK_FALSE(split.dependent);
  CHECK(split.coefficients[0] == Approx(3.0).epsilon(1e-14));
  CHECK(split.coefficients[1] == Approx(-2.0).epsilon(1e-14));
  CHECK(split.remainder == Approx(1e-9).epsilon(1e-6));
  CHECK(X.norm(v) == Approx(1.0).epsilon(1e-14));
  CHECK(std::abs(X.dot(v, u1)) < 1e-15);
  CHECK(std::abs(X.dot(v, u2)) < 1e-15);
  CHECK(X.dot(v, u3) == Approx(1.0).epsilon(1e-12));

  std::vector<double> w(mine.count);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = 3.0 * u1[i] - 2.0 * u2[i];
  CHECK(reduced::orthogonalise(X, basis, w).dependent);
  CHECK(X.norm(w) == 0.0);
  std::vector<double> zero(mine.count, 0.0);
  CHECK(reduced::orthogonalise(X, Block(mine.count), zero).dependent);
  std::vector<double> coarse(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) coarse[i] = u1[i] + 1e-5 * u3[i];
  CHECK(reduced::orthogonalise(X, basis, coarse, 1e-4).dependent);
}

TEST_CASE("a vector that is not finite on one rank is refused on all") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 6);
  auto v = test::fill(mine, [](std::int64_t i) { return i == 0 ? std::numeric_limits<double>::quiet_NaN() : 1.0; });
  Block S(mine.count);
  S.append(v);
  for (const auto& X : test::inner_products(comm, mine, 6)) {
    CHECK_THROWS_AS(reduced::orthonormalise(X, S), sdk::Error);
    CHECK_THROWS_AS(reduced::orthogonalise(X, Block(mine.count), v), sdk::Error);
  }
}
