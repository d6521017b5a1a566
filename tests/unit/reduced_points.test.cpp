#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/interpolation/eim.hpp"
#include "engine/reduced/interpolation/point_selection.hpp"

using namespace ansatz;
using namespace ansatz::reduced;

namespace {

constexpr int n = 40, p = 6;

std::vector<std::int64_t> numbers() {
  std::vector<std::int64_t> keys(n);
  std::iota(keys.begin(), keys.end(), 0);
  return keys;
}

/// Orthonormal columns of a random matrix.
Dense random_basis(unsigned seed) {
  std::mt19937 random(seed);
  Dense A(n, p);
  for (double& v : A.values) v = std::generate_canonical<double, 53>(random) - 0.5;
  return svd(A).U;
}

Block block_of(const Dense& A) {
  Block out(A.rows);
  for (int j = 0; j < A.columns; ++j) out.append(A.column(j));
  return out;
}

std::vector<int> indices(const std::vector<MagicPoint>& points) {
  std::vector<int> out;
  for (const auto& point : points) out.push_back(static_cast<int>(point.index));
  return out;
}

std::vector<int> choose(const Dense& V, PointRule rule, const std::vector<PointBlock>& blocks) {
  return indices(select_points(base::Communicator(MPI_COMM_SELF), numbers(), block_of(V), rule, blocks));
}

std::vector<int> choose(const Dense& V, PointRule rule, int num_points = p) {
  return choose(V, rule, std::vector{PointBlock{p, num_points}});
}

/// log S(A) of rows and leading columns, from singular values: the definition, not the update.
double log_s(const Dense& V, const std::vector<int>& rows, int columns) {
  Dense A(static_cast<int>(rows.size()), columns);
  double sum = 0.0;
  for (int j = 0; j < columns; ++j) {
    double square = 0.0;
    for (int i = 0; i < A.rows; ++i) {
      A(i, j) = V(rows[i], j);
      square += A(i, j) * A(i, j);
    }
    sum -= 0.5 * std::log(square);
  }
  for (const double s : svd(A).s) sum += std::log(s);
  return sum;
}

}  // namespace

TEST_CASE("Interpolation of a basis, column by column, is DEIM", "[reduced][eim]") {
  const Dense V = random_basis(1);
  std::vector<int> expected;
  for (int k = 0; k < p; ++k) {
    Dense A(k, k);
    std::vector<double> c;
    for (int i = 0; i < k; ++i) {
      for (int j = 0; j < k; ++j) A(i, j) = V(expected[i], j);
      c.push_back(V(expected[i], k));
    }
    if (k > 0) Lu(A).solve(c);
    int best = 0;
    double largest = 0.0;
    for (int i = 0; i < n; ++i) {
      double r = V(i, k);
      for (int j = 0; j < k; ++j) r -= V(i, j) * c[j];
      if (std::abs(r) > largest) {
        largest = std::abs(r);
        best = i;
      }
    }
    expected.push_back(best);
  }
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers());
  for (int k = 0; k < p; ++k) CHECK(eim.extend(V.column(k), k));
  CHECK(indices(eim.magic()) == expected);
}

TEST_CASE("Q-DEIM takes the pivots of LAPACK's QR of the transposed basis", "[reduced][eim]") {
  for (unsigned seed = 1; seed < 6; ++seed) {
    const Dense V = random_basis(seed);
    Dense transposed(p, n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < p; ++j) transposed(j, i) = V(i, j);
    }
    const auto order = pivoted_qr(transposed).order;
    CHECK(choose(V, PointRule::q_deim) == std::vector<int>(order.begin(), order.begin() + p));
  }
}

TEST_CASE("S-OPT takes at each step the point with the largest S, by its definition", "[reduced][eim]") {
  for (unsigned seed = 1; seed < 4; ++seed) {
    const Dense V = random_basis(seed);
    const auto chosen = choose(V, PointRule::s_opt, 2 * p);
    REQUIRE(chosen.size() == 2 * p);
    for (int i = 0; i < n; ++i) CHECK(std::abs(V(i, 0)) <= std::abs(V(chosen[0], 0)));
    for (int step = 1; step < 2 * p; ++step) {
      const int columns = std::min(step + 1, p);
      std::vector<int> rows(chosen.begin(), chosen.begin() + step + 1);
      const double best = log_s(V, rows, columns);
      for (int i = 0; i < n; ++i) {
        if (std::find(rows.begin(), rows.end() - 1, i) != rows.end() - 1) continue;
        rows.back() = i;
        CHECK(log_s(V, rows, columns) <= best + 1e-10);
        rows.back() = chosen[step];
      }
    }
  }
}

TEST_CASE("Q-DEIM's points of all columns begin with those of the first ones", "[reduced][eim]") {
  const Dense V = random_basis(2);
  const std::vector<PointBlock> blocks{{3, 2}, {p, 5}};
  const auto chosen = choose(V, PointRule::q_deim, blocks);
  Dense first(n, 3);
  for (int j = 0; j < 3; ++j) std::ranges::copy(V.column(j), first.column(j).begin());
  const auto alone = choose(first, PointRule::q_deim, std::vector{PointBlock{3, 3}});
  REQUIRE(chosen.size() == 5);
  CHECK(std::equal(alone.begin(), alone.begin() + 2, chosen.begin()));
  // Each further one is the row that is farthest from the span of those before.
  for (int step = 2; step < 5; ++step) {
    Dense A(p, step);
    for (int i = 0; i < step; ++i) {
      for (int j = 0; j < p; ++j) A(j, i) = V(chosen[i], j);
    }
    const auto distance = [&](int row) {
      std::vector<double> r(p);
      for (int j = 0; j < p; ++j) r[j] = V(row, j);
      const auto c = least_squares(A, r);
      for (int i = 0; i < step; ++i) {
        for (int j = 0; j < p; ++j) r[j] -= A(j, i) * c[i];
      }
      return norm(r);
    };
    for (int row = 0; row < n; ++row) CHECK(distance(row) <= distance(chosen[step]) + 1e-12);
  }
}

TEST_CASE("S-OPT goes on from the points of the first columns, by its definition", "[reduced][eim]") {
  const Dense V = random_basis(4);
  const std::vector<PointBlock> blocks{{3, 5}, {p, 10}};
  const auto chosen = choose(V, PointRule::s_opt, blocks);
  REQUIRE(chosen.size() == 10);
  const std::vector<int> columns{1, 2, 3, 3, 3, 4, 5, 6, 6, 6};
  for (int step = 1; step < 10; ++step) {
    std::vector<int> rows(chosen.begin(), chosen.begin() + step + 1);
    const double best = log_s(V, rows, columns[step]);
    for (int i = 0; i < n; ++i) {
      if (std::find(rows.begin(), rows.end() - 1, i) != rows.end() - 1) continue;
      rows.back() = i;
      CHECK(log_s(V, rows, columns[step]) <= best + 1e-10);
      rows.back() = chosen[step];
    }
  }
  const std::vector<PointBlock> one{{p, 10}}, first{{3, 5}};
  CHECK(choose(V, PointRule::s_opt, first) == std::vector<int>(chosen.begin(), chosen.begin() + 5));
  CHECK(choose(V, PointRule::s_opt, one).size() == 10);
}

TEST_CASE("Columns are made orthonormal, leading ones by leading ones, also where they nearly depend",
          "[reduced][eim]") {
  for (const double apart : {1.0, 1e-5, 1e-8}) {
    Dense A = random_basis(5);
    for (int i = 0; i < n; ++i) A(i, 3) = A(i, 0) + apart * A(i, 3);
    const Block V = orthonormal_columns(base::Communicator(MPI_COMM_SELF), block_of(A));
    const Dense expected = qr(A).Q;
    for (int j = 0; j < p; ++j) {
      double along = 0.0, square = 0.0;
      for (int i = 0; i < n; ++i) {
        along += V.column(j)[i] * expected(i, j);
        square += V.column(j)[i] * V.column(j)[i];
      }
      INFO(apart << ", column " << j);
      CHECK(square == Approx(1.0).epsilon(1e-6));
      CHECK(std::abs(along) == Approx(1.0).epsilon(1e-6));
    }
  }
  Dense same = random_basis(6);
  std::ranges::fill(same.column(2), 0.0);
  CHECK_THROWS_WITH(orthonormal_columns(base::Communicator(MPI_COMM_SELF), block_of(same)),
                    Catch::Contains("depends on those before"));
}

TEST_CASE("Points that a basis cannot give are errors", "[reduced][eim]") {
  Dense V = random_basis(1);
  CHECK_THROWS_WITH(choose(V, PointRule::q_deim, p + 1), Catch::Contains("7 points"));
  CHECK_THROWS_WITH(choose(V, PointRule::s_opt, n + 1), Catch::Contains("41 points"));
  for (int i = 0; i < n; ++i) V(i, 3) = V(i, 0);
  for (const auto rule : {PointRule::q_deim, PointRule::s_opt}) {
    CHECK_THROWS_WITH(choose(V, rule), Catch::Contains("depends on those before"));
  }
}
