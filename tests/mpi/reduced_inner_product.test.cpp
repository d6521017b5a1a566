#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/reduced/algebra/inner_product.hpp"
#include "rows.hpp"

using namespace ansatz;
using base::Communicator;
using reduced::Block;
using reduced::InnerProduct;

namespace {

Block block_of(test::Share mine, std::initializer_list<std::function<double(std::int64_t)>> columns) {
  Block out(mine.count);
  for (const auto& column : columns) out.append(test::fill(mine, column));
  return out;
}

}  // namespace

TEST_CASE("inner products give the sums known in closed form, also with ranks without rows") {
  const Communicator comm(MPI_COMM_WORLD);
  for (const std::int64_t n : {3, 60}) {
    for (const int empty : {-1, 0}) {
      const auto mine = test::share(comm, n, 1, empty);
      const auto row = [](std::int64_t i) { return double(i + 1); };
      const Block U = block_of(mine, {row, [](std::int64_t) { return 1.0; }});
      const auto plain = InnerProduct::euclidean(comm).gram(U, U);
      CHECK(plain(0, 0) == n * (n + 1) * (2 * n + 1) / 6);
      CHECK(plain(0, 1) == n * (n + 1) / 2);
      CHECK(plain(1, 1) == n);
      const auto weighted = InnerProduct::weighted(comm, test::fill(mine, row));
      CHECK(weighted.is_diagonal());
      CHECK(weighted.dot(U.column(0), U.column(0)) == n * n * (n + 1) * (n + 1) / 4);  // sum of cubes
      CHECK(weighted.gram(U, U)(1, 0) == n * (n + 1) * (2 * n + 1) / 6);
      const auto X =
          std::shared_ptr<const linear::SparseMatrix>(test::make_matrix(comm, mine, test::line_laplacian(n)));
      const auto energy = InnerProduct::matrix(comm, X);
      CHECK_FALSE(energy.is_diagonal());
      // u_i = i + 1: n unit steps and one of -n at the end.
      CHECK(energy.norm(U.column(0)) == Approx(std::sqrt(n + double(n) * n)).epsilon(1e-14));
      CHECK(energy.gram(U, U)(1, 1) == 2.0);
      CHECK(energy.gram(U, U)(0, 1) == n + 1.0);
      const Block none(mine.count);
      CHECK(energy.gram(U, none).values.empty());
    }
  }
}

TEST_CASE("a rectangular Gram matrix has the products in the right places") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 10);
  const auto power = [](int k) { return [k](std::int64_t i) { return std::pow(double(i), k); }; };
  const auto result = InnerProduct::euclidean(comm).gram(block_of(mine, {power(0), power(1), power(2)}),
                                                         block_of(mine, {power(0), power(1)}));
  REQUIRE(result.rows == 3);
  REQUIRE(result.columns == 2);
  CHECK(result.values == std::vector<double>{10, 45, 285, 45, 285, 2025});
}

TEST_CASE("wrong weights and matrices that are not positive are refused on every rank") {
  const Communicator comm(MPI_COMM_WORLD);
  const auto mine = test::share(comm, 8);
  // Only the first row's weight is wrong, so that one rank alone sees it.
  CHECK_THROWS_AS(InnerProduct::weighted(comm, test::fill(mine, [](std::int64_t i) { return i == 0 ? 0.0 : 1.0; })),
                  sdk::Error);
  const auto negative = [](std::int64_t i) { return test::Row{{i, i == 3 ? -1.0 : 1.0}}; };
  const auto X = std::shared_ptr<const linear::SparseMatrix>(test::make_matrix(comm, mine, negative));
  const auto product = InnerProduct::matrix(comm, X);
  CHECK_THROWS_AS(product.norm(test::fill(mine, [](std::int64_t i) { return i == 3 ? 1.0 : 0.0; })), sdk::Error);
  const auto free =
      std::shared_ptr<const linear::SparseMatrix>(test::make_matrix(comm, mine, test::line_laplacian(8, true)));
  // In the null space of X: the norm is zero up to round-off, and no error.
  CHECK(InnerProduct::matrix(comm, free).norm(test::fill(mine, [](std::int64_t) { return 0.1; })) < 1e-8);
}
