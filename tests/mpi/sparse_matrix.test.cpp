#include <catch2/catch.hpp>

#include "ansatz/sdk/error.hpp"
#include "engine/linear/matrices/matrix.hpp"
#include "tests/mpi/rows.hpp"

using namespace ansatz;
using namespace ansatz::test;

TEST_CASE("A matrix multiplies as its rows say, with empty ranks and ghosts that no row uses", "[linear][matrix]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const std::int64_t n = 13;
  for (int empty = -1; empty < comm.size(); ++empty) {
    const Share mine = share(comm, n, 1, empty);
    // Second differences of i^2 are 2 inside; the ends miss the neighbours (-1)^2 and n^2.
    const auto square_of = [](std::int64_t i) { return static_cast<double>(i * i); };
    const auto expected = fill(mine, [&](std::int64_t i) {
      return i == 0 ? -1.0 : i == n - 1 ? 2.0 * (n - 1) * (n - 1) - (n - 2) * (n - 2) : -2.0;
    });
    const auto matrix = make_matrix(comm, mine, line_laplacian(n), 1, {0, 1, 6, 7, n - 1});
    const auto x = fill(mine, square_of);
    std::vector<double> y(x.size());
    matrix->multiply(x, y);
    CHECK(y == expected);
    CHECK(matrix->num_global() == n);

    // |A| |x|: 2 i^2 + (i-1)^2 + (i+1)^2 = 4 i^2 + 2 inside.
    matrix->multiply_absolute(x, y);
    const auto absolute = fill(mine, [&](std::int64_t i) {
      return i == 0 ? 1.0 : i == n - 1 ? 2.0 * (n - 1) * (n - 1) + (n - 2) * (n - 2) : 4.0 * i * i + 2.0;
    });
    CHECK(y == absolute);
    matrix->multiply(x, y);
    CHECK(y == expected);
  }
}

TEST_CASE("Values written in place are seen by the next product", "[linear][matrix]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 36);
  const auto matrix = make_matrix(comm, mine, square(6));
  const auto x = fill(mine, wave);
  std::vector<double> before(x.size()), after(x.size());
  matrix->multiply(x, before);
  const auto version = matrix->version();
  matrix->begin_values();
  for (double& value : matrix->diagonal_values()) value *= 4.0;
  for (double& value : matrix->ghost_values()) value *= 4.0;
  matrix->end_values();
  CHECK(matrix->version() == version + 1);
  matrix->multiply(x, after);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(after[i] == 4.0 * before[i]);
}

TEST_CASE("A matrix in blocks tells PETSc the block size", "[linear][matrix]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 8, 3);
  const auto matrix = make_matrix(comm, mine, line_laplacian(24), 3);
  PetscInt block_size = 0;
  MatGetBlockSize(matrix->get(), &block_size);
  CHECK(block_size == 3);
}

TEST_CASE("A pattern that contradicts itself is an error on every rank", "[linear][matrix]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 8);
  auto pattern = std::make_shared<linear::Pattern>(make_matrix(comm, mine, line_laplacian(8))->pattern());
  const bool last = comm.rank() == comm.size() - 1;
  SECTION("column out of range") {
    if (last) pattern->diag_columns.back() = pattern->num_owned;
  }
  SECTION("columns not ascending") {
    if (last) std::swap(pattern->diag_columns[0], pattern->diag_columns[1]);
  }
  SECTION("wrong first number") {
    if (last) pattern->first_global += 1;
  }
  SECTION("owned ghost") {
    if (last) pattern->ghost_global = {pattern->first_global};
  }
  try {
    linear::SparseMatrix matrix(comm, pattern, 1);
    FAIL_CHECK("no error");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::internal);
  }
}

TEST_CASE("Using a matrix while its values are open is an error", "[linear][matrix]") {
  const base::Communicator comm(MPI_COMM_WORLD);
  const Share mine = share(comm, 8);
  const auto matrix = make_matrix(comm, mine, line_laplacian(8));
  std::vector<double> x(mine.count), y(mine.count);
  matrix->begin_values();
  CHECK_THROWS_AS(matrix->multiply(x, y), sdk::Error);
  matrix->end_values();
  CHECK_NOTHROW(matrix->multiply(x, y));
}
