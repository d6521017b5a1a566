#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/interpolation/eim.hpp"

using namespace ansatz;
using namespace ansatz::reduced;

namespace {

constexpr int num_points = 400;

double bump(double mu, double x) { return 0.1 + std::exp(-20.0 * (x - mu) * (x - mu)); }
double point(std::size_t i) { return static_cast<double>(i) / (num_points - 1); }

Block bumps(int num_parameters) {
  return tabulate(num_points, num_parameters, [=](int j, std::span<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = bump(j / (num_parameters - 1.0), point(i));
  });
}

std::vector<std::int64_t> numbers(std::size_t n) {
  std::vector<std::int64_t> keys(n);
  for (std::size_t i = 0; i < n; ++i) keys[i] = static_cast<std::int64_t>(i);
  return keys;
}

Eim bump_eim(int terms, double round_off = 50.0) {
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(num_points));
  eim.extend(bumps(300), {.max_terms = terms, .round_off = round_off});
  return eim;
}

std::vector<double> random_parameters(int count) {
  std::mt19937 random(7);
  std::vector<double> out(count);
  for (double& mu : out) mu = std::generate_canonical<double, 53>(random);
  return out;
}

/// Largest error of sum_k c_k v_k over 60 random parameters, c from the values at the magic points.
double bump_error(const Eim& eim, const Block& functions,
                  const std::function<std::vector<double>(std::vector<double>)>& solve) {
  double worst = 0.0;
  for (const double mu : random_parameters(60)) {
    std::vector<double> values;
    for (const auto& p : eim.magic()) values.push_back(bump(mu, point(p.index)));
    const auto c = solve(values);
    for (std::size_t i = 0; i < num_points; ++i) {
      double sum = 0.0;
      for (int k = 0; k < eim.size(); ++k) sum += c[k] * functions.column(k)[i];
      worst = std::max(worst, std::abs(sum - bump(mu, point(i))));
    }
  }
  return worst;
}

struct Errors {
  double triangular, factors, lu, inverse, condition;
};

Errors errors_of(const Eim& eim) {
  const int n = eim.size();
  Block picked(num_points);
  Dense F(n, n);
  const Block all = bumps(300);
  for (int m = 0; m < n; ++m) {
    picked.append(all.column(eim.picks()[m]));
    for (int l = 0; l < n; ++l) F(l, m) = picked.column(m)[eim.magic()[l].index];
  }
  const Lu lu(F);
  Dense inverse(n, n);
  for (int j = 0; j < n; ++j) {
    inverse(j, j) = 1.0;
    lu.solve(inverse.column(j));
  }
  Errors out{};
  out.triangular = bump_error(eim, eim.basis(), [&](std::vector<double> v) {
    eim.online().interpolate(v, v);
    return v;
  });
  out.factors = bump_error(eim, picked, [&](std::vector<double> v) {
    eim.online().weights(v, v);
    return v;
  });
  out.lu = bump_error(eim, picked, [&](std::vector<double> v) {
    lu.solve(v);
    return v;
  });
  out.inverse = bump_error(eim, picked, [&](std::vector<double> v) {
    Dense right(n, 1);
    right.values = v;
    return multiply(inverse, right).values;
  });
  const auto s = svd(eim.online().lower()).s;
  out.condition = s.front() / s.back();
  return out;
}

double defect(const Eim& eim) {
  double largest = 0.0;
  for (int j = 0; j < eim.size(); ++j) {
    for (int i = 0; i < j; ++i) largest = std::max(largest, std::abs(eim.online().lower()(i, j)));
  }
  return largest;
}

}  // namespace

TEST_CASE("Empirical interpolation of a moving bump reaches round-off where an explicit inverse loses everything",
          "[reduced][eim]") {
  // mor 5.2: terms, error of the stable solves, least error of the inverse, cond B.
  struct Row {
    int terms;
    double error, inverse, condition;
  };
  const Row rows[] = {{12, 4.1e-5, 0.0, 7},
                      {16, 7.7e-8, 0.0, 8},
                      {20, 4.4e-11, 1e-7, 11},
                      {24, 3.1e-15, 1e-3, 14},
                      {28, 8.2e-16, 0.1, 17}};
  for (const Row& row : rows) {
    const Eim eim = bump_eim(row.terms, 0.0);
    const Errors e = errors_of(eim);
    INFO(row.terms << ": " << e.triangular << " " << e.factors << " " << e.lu << " " << e.inverse << " cond "
                   << e.condition << " defect " << defect(eim));
    REQUIRE(eim.size() == row.terms);
    CHECK(e.triangular < 4.0 * row.error);
    CHECK(e.factors < 4.0 * row.error);
    CHECK(e.lu < 4.0 * row.error);
    CHECK(e.inverse > row.inverse);
    CHECK(e.condition < 2.0 * row.condition);
    CHECK(defect(eim) < 1e-16);
  }
}

TEST_CASE("One pass of the residual operator is not enough", "[reduced][eim]") {
  // The textbook greedy, residual anew in each step and one pass only: its matrix stops being triangular
  // (mor 5.2: 2.2e-1).
  const Block F = bumps(300);
  Block q(num_points);
  std::vector<std::size_t> x;
  Dense B(28, 28);
  for (int k = 0; k < 28; ++k) {
    double largest = 0.0;
    std::size_t at = 0;
    std::vector<double> best;
    for (int j = 0; j < F.num_columns(); ++j) {
      std::vector<double> r(F.column(j).begin(), F.column(j).end()), c;
      for (int l = 0; l < k; ++l) {
        c.push_back(F.column(j)[x[l]]);
        for (int m = 0; m < l; ++m) c[l] -= B(l, m) * c[m];
      }
      for (std::size_t i = 0; i < r.size(); ++i) {
        for (int l = 0; l < k; ++l) r[i] -= c[l] * q.column(l)[i];
        if (std::abs(r[i]) > largest) {
          largest = std::abs(r[i]);
          at = i;
          best = r;
        }
      }
    }
    const double pivot = best[at];
    for (double& v : best) v /= pivot;
    q.append(best);
    x.push_back(at);
    for (int l = 0; l <= k; ++l) {
      B(l, k) = best[x[l]];
      B(k, l) = q.column(l)[at];
    }
  }
  double largest = 0.0;
  for (int j = 0; j < 28; ++j) {
    for (int i = 0; i < j; ++i) largest = std::max(largest, std::abs(B(i, j)));
  }
  CHECK(largest > 1e-2);
  CHECK(defect(bump_eim(28, 0.0)) < 1e-16);
}

TEST_CASE("The greedy choice says why it stopped", "[reduced][eim]") {
  Eim eim(base::Communicator(MPI_COMM_SELF), numbers(num_points));
  auto result = eim.extend(bumps(300), {.max_terms = 5});
  CHECK(result.stop == EimStop::size);
  CHECK(eim.size() == 5);
  CHECK(result.scale == Approx(1.1));
  CHECK(result.remainders.front() == result.scale);

  result = eim.extend(bumps(300), {.tolerance = 1e-6});
  CHECK(result.stop == EimStop::tolerance);
  CHECK(result.remainders.back() <= 1e-6 * 1.1);
  CHECK(result.remainders[result.remainders.size() - 2] > 1e-6 * 1.1);
  const double error = bump_error(eim, eim.basis(), [&](std::vector<double> v) {
    eim.online().interpolate(v, v);
    return v;
  });
  CHECK(error < 1e-5);
  CHECK(error > 1e-8);

  result = eim.extend(bumps(300), {});
  CHECK(result.stop == EimStop::round_off);
  CHECK(result.remainders.back() < 1.3e-14);
  CHECK(std::string(text(result.stop)) == "round-off");
  CHECK_FALSE(eim.extend(bumps(300).column(17), 17));

  // Terms picked in three goes are those picked in one.
  const Eim once = bump_eim(eim.size());
  CHECK(once.picks() == eim.picks());
}

TEST_CASE("Of equal entries the lowest key and then the lowest snapshot is picked", "[reduced][eim]") {
  Block snapshots(4);
  snapshots.append(std::vector<double>{0.0, 2.0, -2.0 * (1.0 + 1e-9), 1.0});
  snapshots.append(std::vector<double>{1.0, -2.0, 2.0, 0.0});
  Eim eim(base::Communicator(MPI_COMM_SELF), {40, 30, 20, 10});
  eim.extend(snapshots, {});
  REQUIRE(eim.size() == 2);
  CHECK(eim.magic()[0].key == 20);
  CHECK(eim.magic()[0].index == 2);
  CHECK(eim.picks() == std::vector<int>{0, 1});
  // What is left of the second: (1, ~2e-9, 0, 1); the key 10 beats 40.
  CHECK(eim.magic()[1].key == 10);
}

TEST_CASE("The next level tells what the interpolation leaves", "[reduced][eim]") {
  const Eim eim = bump_eim(17);
  double worst = 0.0;
  for (const double mu : random_parameters(60)) {
    std::vector<double> c(17);
    for (int l = 0; l < 17; ++l) c[l] = bump(mu, point(eim.magic()[l].index));
    eim.online().interpolate(c, c);
    double error = 0.0;
    for (std::size_t i = 0; i < num_points; ++i) {
      double sum = 0.0;
      for (int k = 0; k < 12; ++k) sum += c[k] * eim.basis().column(k)[i];
      error = std::max(error, std::abs(sum - bump(mu, point(i))));
    }
    const double estimate = Interpolation::remainder(c, 12);
    worst = std::max(worst, error / estimate);
    CHECK(estimate < 20.0 * error);
  }
  CHECK(worst < 1.01);

  // Leading terms alone give the same as an interpolation of that size.
  const Eim small = bump_eim(6);
  std::vector<double> values(6), lambda(6), expected(6);
  for (int l = 0; l < 6; ++l) values[l] = bump(0.4321, point(eim.magic()[l].index));
  eim.online().weights(values, lambda);
  small.online().weights(values, expected);
  CHECK(lambda == expected);
}

TEST_CASE("Snapshots that cannot be interpolated are errors", "[reduced][eim]") {
  const base::Communicator self(MPI_COMM_SELF);
  Eim eim(self, numbers(3));
  Block bad(3);
  bad.append(std::vector<double>{1.0, 2.0, 3.0});
  bad.append(std::vector<double>{1.0, std::nan(""), 3.0});
  CHECK_THROWS_WITH(eim.extend(bad, {}, 4), Catch::Contains("snapshot 5") && Catch::Contains("not finite"));
  CHECK_THROWS_WITH(eim.extend(std::vector<double>{1.0}, 0), Catch::Contains("number of rows"));
  CHECK_THROWS_WITH(Eim(self, {1, 2, 1}), Catch::Contains("unique"));
  CHECK(eim.size() == 0);
  const auto result = eim.extend(Block(3), {});
  CHECK(result.stop == EimStop::round_off);
  Dense no_diagonal(2, 2);
  CHECK_THROWS_WITH(Interpolation(no_diagonal, no_diagonal), Catch::Contains("do not fit"));
}
