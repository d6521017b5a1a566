// Small linear programs against the enumeration of all vertices.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/algebra/small_program.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;

namespace {

struct Program {
  std::vector<double> cost, low, high, h;
  std::vector<std::vector<double>> g;
};

Program random_program(std::mt19937& random, int n, int m) {
  std::uniform_real_distribution<double> number(-1.0, 1.0);
  Program p;
  std::vector<double> inside;
  for (int q = 0; q < n; ++q) {
    p.cost.push_back(number(random));
    p.low.push_back(number(random));
    p.high.push_back(p.low.back() + 1.0 + number(random));
    inside.push_back(0.5 * (p.low[q] + p.high[q]) + 0.4 * number(random) * (p.high[q] - p.low[q]));
  }
  for (int i = 0; i < m; ++i) {
    double at = 0.0;
    p.g.emplace_back();
    for (int q = 0; q < n; ++q) {
      p.g[i].push_back(number(random));
      at += p.g[i][q] * inside[q];
    }
    p.h.push_back(at - 0.2 * std::abs(number(random)));
  }
  return p;
}

/// The least cost of all points where n of the constraints hold with equality and the others hold.
double by_enumeration(const Program& p) {
  const int n = static_cast<int>(p.cost.size()), m = static_cast<int>(p.h.size()), all = m + 2 * n;
  double best = std::numeric_limits<double>::infinity();
  const auto row = [&](int k, int q) { return k < m ? p.g[k][q] : ((k - m) % n == q ? 1.0 : 0.0); };
  const auto side = [&](int k) { return k < m ? p.h[k] : (k < m + n ? p.low[k - m] : p.high[k - m - n]); };
  std::vector<int> chosen(all, 0);
  std::fill(chosen.end() - n, chosen.end(), 1);
  do {
    reduced::Dense A(n, n);
    std::vector<double> y;
    for (int k = 0; k < all; ++k) {
      if (chosen[k] == 0) continue;
      for (int q = 0; q < n; ++q) A(static_cast<int>(y.size()), q) = row(k, q);
      y.push_back(side(k));
    }
    try {
      reduced::Lu(A).solve(y);
    } catch (const sdk::Error&) {
      continue;
    }
    bool good = true;
    for (int q = 0; q < n; ++q) good &= y[q] >= p.low[q] - 1e-9 && y[q] <= p.high[q] + 1e-9;
    for (int i = 0; i < m; ++i) {
      double sum = 0.0;
      for (int q = 0; q < n; ++q) sum += p.g[i][q] * y[q];
      good &= sum >= p.h[i] - 1e-9;
    }
    double cost = 0.0;
    for (int q = 0; q < n; ++q) cost += p.cost[q] * y[q];
    if (good) best = std::min(best, cost);
  } while (std::next_permutation(chosen.begin(), chosen.end()));
  return best;
}

double solve(reduced::SmallProgram& program, const Program& p) {
  program.begin(p.cost, p.low, p.high);
  for (std::size_t i = 0; i < p.h.size(); ++i) program.add(p.g[i], p.h[i]);
  return program.minimum();
}

}  // namespace

TEST_CASE("The minimum of a small linear program is the best of its vertices", "[reduced]") {
  std::mt19937 random(7);
  reduced::SmallProgram program(4, 6);
  for (int k = 0; k < 400; ++k) {
    const auto p = random_program(random, 1 + k % 4, k % 7);
    const double expected = by_enumeration(p);
    INFO("program " << k);
    REQUIRE(std::isfinite(expected));
    CHECK(solve(program, p) == Approx(expected).margin(1e-10));
  }
}

TEST_CASE("A small linear program in other units has the same minimum, bit by bit", "[reduced]") {
  std::mt19937 random(5);
  reduced::SmallProgram program(4, 6);
  for (int k = 0; k < 100; ++k) {
    const auto p = random_program(random, 1 + k % 4, k % 7);
    auto q = p;
    // Variables in units of 2^(60, 57, ...), constraints of 2^(-50, -30, ...): coefficients from 1e-34 to 1e12.
    for (std::size_t j = 0; j < q.cost.size(); ++j) {
      const double unit = std::exp2(60.0 - 3.0 * double(j));
      q.cost[j] /= unit;
      q.low[j] *= unit;
      q.high[j] *= unit;
      for (auto& row : q.g) row[j] /= unit;
    }
    for (std::size_t i = 0; i < q.h.size(); ++i) {
      const double unit = std::exp2(-50.0 + 20.0 * double(i));
      q.h[i] *= unit;
      for (auto& entry : q.g[i]) entry *= unit;
    }
    CHECK(solve(program, q) == solve(program, p));
  }
}

TEST_CASE("Degenerate linear programs end at their minimum", "[reduced]") {
  reduced::SmallProgram program(3, 9);
  // Nine planes through one point, the minimum.
  Program p{{1.0, 1.0, 1.0}, {-5.0, -5.0, -5.0}, {5.0, 5.0, 5.0}, {}, {}};
  for (int i = 0; i < 9; ++i) {
    p.g.push_back({1.0 + (i % 3), 1.0 + (i % 2), 1.0 + i / 4});
    p.h.push_back(0.0);
  }
  p.g[0] = p.g[8] = {1.0, 1.0, 1.0};
  CHECK(solve(program, p) == Approx(0.0).margin(1e-12));
  // A box without width.
  CHECK(solve(program, {{1.0, -2.0}, {3.0, 4.0}, {3.0, 4.0}, {2.0}, {{1.0, 0.0}}}) == Approx(-5.0));
}

TEST_CASE("Constraints that nothing meets leave a number that is not below the minimum over the box", "[reduced]") {
  reduced::SmallProgram program(1, 1);
  CHECK(solve(program, {{1.0}, {0.0}, {1.0}, {2.0}, {{1.0}}}) >= 0.0);
}

TEST_CASE("A linear program of twelve variables and sixty constraints takes no memory", "[reduced]") {
  std::mt19937 random(11);
  reduced::SmallProgram program(12, 60);
  const auto p = random_program(random, 12, 60);
  solve(program, p);
  const auto before = test::allocation_count();
  const double value = solve(program, p);
  CHECK(test::allocation_count() == before);
  CHECK(std::isfinite(value));
}
