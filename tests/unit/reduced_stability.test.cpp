// Lower bounds of coercivity constants, online, where the constant is known: A = a_1 M_1 + a_2 M_2 with diagonal 2 x 2
// matrices.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/stability/stability.hpp"
#include "tests/unit/allocation_count.hpp"

using namespace ansatz;
using namespace ansatz::reduced;
using namespace ansatz::sampling;

namespace {

// M_1 = diag(1, -1/2), M_2 = diag(0, 1), the parameters are the factors (a_1, a_2); the second of three terms does not
// count.
double constant(double a1, double a2) { return std::min(a1, a2 - 0.5 * a1); }

std::vector<double> values_at(double a1, double a2) { return {a1, 99.0, a2}; }

StabilityData trained(int num_picks, int num_known) {
  StabilityData data;
  data.kind = "SCM";
  data.terms = {0, 2};
  data.box = {{"a1", 0.5, 2.0}, {"a2", 1.5, 3.0}};
  data.low = {-0.5, 0.0};
  data.high = {1.0, 1.0};
  std::mt19937 random(3);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  const auto append = [&](Dense& matrix, double first, double second) {
    matrix.rows = 2;
    ++matrix.columns;
    matrix.values.insert(matrix.values.end(), {first, second});
  };
  for (int k = 0; k < num_picks + num_known; ++k) {
    const double a1 = 0.5 + 1.5 * unit(random), a2 = 1.5 + 1.5 * unit(random);
    append(k < num_picks ? data.points : data.known_points, a1, a2);
    append(k < num_picks ? data.factors : data.known_factors, a1, a2);
    if (k >= num_picks) {
      data.known.push_back(0.5 * constant(a1, a2));
      continue;
    }
    data.eigenvalues.push_back(constant(a1, a2));
    const bool first = a1 < a2 - 0.5 * a1;
    append(data.minimisers, first ? 1.0 : -0.5, first ? 0.0 : 1.0);
  }
  return data;
}

}  // namespace

TEST_CASE("Successive constraints enclose a known constant and give it at picked parameters", "[reduced]") {
  for (const int num_picks : {1, 4, 60}) {
    const Stability stability(trained(num_picks, 30));
    Stability::Workspace work(stability);
    const auto& points = stability.data().points;
    for (int k = 0; k < num_picks; ++k) {
      const auto mu = points.column(k);
      const auto values = values_at(mu[0], mu[1]);
      CHECK(stability.lower(mu, values, work) == Approx(constant(mu[0], mu[1])).epsilon(1e-12));
      CHECK(stability.upper(values) == Approx(constant(mu[0], mu[1])).epsilon(1e-12));
    }
    double widest = 0.0;
    for (double a1 = 0.5; a1 <= 2.0; a1 += 0.125) {
      for (double a2 = 1.5; a2 <= 3.0; a2 += 0.125) {
        const auto values = values_at(a1, a2);
        const double lower = stability.lower(std::vector{a1, a2}, values, work), upper = stability.upper(values);
        CHECK(lower <= constant(a1, a2) + 1e-12);
        CHECK(upper >= constant(a1, a2) - 1e-12);
        widest = std::max(widest, upper - lower);
      }
    }
    if (num_picks == 60) CHECK(widest < 0.05);
  }
}

TEST_CASE("Lower bounds of coercivity constants take no memory online", "[reduced]") {
  const Stability scm(trained(60, 200)), min_theta = Stability::min_theta({0, 2}, {1.0, 2.0});
  Stability::Workspace work(scm), other(min_theta);
  const std::vector<double> mu{1.1, 2.2}, values = values_at(1.1, 2.2);
  const auto before = test::allocation_count();
  const double a = scm.lower(mu, values, work), b = min_theta.lower(mu, values, other);
  CHECK(test::allocation_count() == before);
  CHECK(a > 0.0);
  CHECK(b == Approx(1.1));
}

TEST_CASE("Without anything known the lower bound is zero, and parts that do not fit are refused", "[reduced]") {
  const Stability none;
  Stability::Workspace work(none);
  CHECK(none.name() == "none");
  CHECK(none.lower({}, {}, work) == 0.0);
  auto data = trained(3, 2);
  data.eigenvalues.pop_back();
  CHECK_THROWS_AS(Stability(data), sdk::Error);
  data.kind = "other";
  CHECK_THROWS_AS(Stability(data), sdk::Error);
}
