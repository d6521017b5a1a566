// Implicit, additive and Rosenbrock methods: order conditions, stage orders, stability functions.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "engine/time/tableaus/imex_tableau.hpp"
#include "engine/time/tableaus/rosenbrock_tableau.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/rooted_trees.hpp"
#include "tests/support/stability_function.hpp"

using namespace ansatz;
using namespace ansatz::time;
using test::Rows;
using test::StabilityFunction;
using test::Tree;

namespace {

/// The order conditions hold up to the order, and one of the next order does not.
void check_order(int order, const std::function<double(int)>& residual) {
  for (int p = 1; p <= order; ++p) {
    INFO("condition of order " << p);
    CHECK(residual(p) < 1e-13);
  }
  CHECK(residual(order + 1) > 1e-5);
}

double power_sum(const std::vector<double>& row, const std::vector<double>& c, int power) {
  double sum = 0.0;
  for (std::size_t j = 0; j < row.size(); ++j) sum += row[j] * std::pow(c[j], power);
  return sum;
}

/// Largest |sum_j a_ij c_j^(q-1) - c_i^q / q|.
double stage_residual(const Rows& a, const std::vector<double>& c, int q) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(power_sum(a[i], c, q - 1) - std::pow(c[i], q) / q));
  }
  return worst;
}

/// alpha + gamma.
Rows beta(const RosenbrockTableau& m) {
  auto out = m.gamma_ij;
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) out[i][j] += m.alpha_ij[i][j];
  }
  return out;
}

/// With the exact Jacobian: a node with one branch takes alpha + gamma, others alpha.
double rosenbrock_residual(const RosenbrockTableau& m, const std::vector<double>& b, int order) {
  const Rows sum = beta(m);
  return test::order_residual(order, b, [&](const Tree& node, const Tree&) -> const Rows& {
    return node.branches.size() == 1 ? sum : m.alpha_ij;
  });
}

/// With any W: nodes of colour 1 stand for W, have one branch, and make the sum vanish.
double w_residual(const RosenbrockTableau& m, const std::vector<double>& b, int order) {
  const auto is_w = [](const Tree& node) { return node.colour == 1; };
  const auto edge = [&](const Tree& node, const Tree&) -> const Rows& { return is_w(node) ? m.gamma_ij : m.alpha_ij; };
  double worst = 0.0;
  for (const auto& tree : test::rooted_trees(order, 2)) {
    const bool exists = !tree.any([&](const Tree& node) { return is_w(node) && node.branches.size() != 1; });
    if (tree.order() != order || !exists) continue;
    worst = std::max(worst, test::tree_residual(tree, b, edge, tree.any(is_w) ? 0.0 : 1.0 / tree.density()));
  }
  return worst;
}

void check_stability(const StabilityFunction& R, double limit) {
  CHECK(R.at_infinity() == Approx(limit).margin(1e-12));
  CHECK(std::abs(R(-1e6)) == Approx(std::abs(limit)).margin(1e-4));
  // With all poles on the right, |R| <= 1 on the imaginary axis is A-stability.
  for (std::size_t i = 0; i < R.a.size(); ++i) CHECK(R.a[i][i] >= 0.0);
  CHECK(R.largest_on_ray(90.0) <= 1.0 + 1e-12);
  CHECK(R.largest_on_ray(45.0) <= 1.0);
}

void check_values(const std::vector<double>& values, const std::vector<double>& expected) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == Approx(expected[i]).epsilon(1e-13).margin(1e-13));
}

}  // namespace

TEST_CASE("Rooted trees are as many as they must be, with the densities of bushes and stalks", "[time]") {
  const auto count = [](int order, int colours) {
    const auto all = test::rooted_trees(order, colours);
    return std::ranges::count_if(all, [order](const Tree& tree) { return tree.order() == order; });
  };
  const int plain[] = {1, 1, 2, 4, 9, 20}, two_colours[] = {2, 4, 14, 52, 214};
  for (int p = 1; p <= 6; ++p) CHECK(count(p, 1) == plain[p - 1]);
  for (int p = 1; p <= 5; ++p) CHECK(count(p, 2) == two_colours[p - 1]);
  Tree bush{0, {4, Tree{}}}, stalk;
  for (int i = 0; i < 4; ++i) stalk = Tree{0, {stalk}};
  CHECK(bush.density() == 5.0);
  CHECK(stalk.density() == 120.0);
}

TEST_CASE("Diagonally implicit methods and their estimates have their orders, and no more", "[time]") {
  std::set<int> orders;
  for (const auto& m : implicit_methods()) {
    INFO(m.name);
    check_order(m.order, [&](int p) { return test::order_residual(p, m.b, m.a); });
    orders.insert(m.order);
    INFO("estimate");
    REQUIRE(m.d.size() == m.b.size());
    check_order(m.embedded_order, [&](int p) { return test::order_residual(p, m.d, m.a); });
  }
  CHECK(orders == std::set<int>{2, 3, 4, 5});
}

TEST_CASE("Stages of diagonally implicit methods have their order, one diagonal and the published times", "[time]") {
  for (const auto& m : implicit_methods()) {
    INFO(m.name);
    for (int q = 1; q <= m.stage_order; ++q) CHECK(stage_residual(m.a, m.c, q) < 1e-13);
    CHECK(stage_residual(m.a, m.c, m.stage_order + 1) > 1e-3);
    for (std::size_t i = m.explicit_first_stage() ? 1 : 0; i < m.a.size(); ++i) {
      CHECK(m.a[i].size() == i + 1);
      CHECK(m.a[i][i] == m.gamma());
    }
  }
  const double r = std::sqrt(2.0);
  check_values(implicit_method("sdirk2").c, {1.0 - 1.0 / r, 1.0});
  check_values(implicit_method("tr_bdf2").c, {0.0, 2.0 - r, 1.0});
  check_values(implicit_method("esdirk3").c, {0.0, 2.0 * implicit_method("esdirk3").gamma(), 0.6, 1.0});
  check_values(implicit_method("sdirk4").c, {0.25, 0.75, 0.55, 0.5, 1.0});
  check_values(implicit_method("esdirk4").c, {0.0, 0.5, (2.0 - r) / 4.0, 0.625, 1.04, 1.0});
  check_values(implicit_method("ark4_esdirk").c, {0.0, 0.5, 0.332, 0.62, 0.85, 1.0});
  check_values(implicit_method("esdirk5").c, {0.0, 0.368, 7121331996143.0 / 11335814405378.0, 49.0 / 353.0,
                                              3706679970760.0 / 5295570149437.0, 347.0 / 382.0, 1.0});
}

TEST_CASE("Diagonally implicit methods are L-stable and stiffly accurate", "[time]") {
  for (const auto& m : implicit_methods()) {
    INFO(m.name);
    check_stability({m.a, m.b}, 0.0);
    CHECK(m.b == m.a.back());
    CHECK(m.c.back() == Approx(1.0).epsilon(1e-14));
  }
}

TEST_CASE("Additive methods and their estimates have their orders in both colours of all trees", "[time]") {
  std::set<int> orders;
  for (const auto& m : imex_methods()) {
    INFO(m.name);
    const auto& implicit = m.implicit();
    orders.insert(implicit.order);
    const auto edge = [&](const Tree&, const Tree& branch) -> const Rows& {
      return branch.colour == 0 ? m.explicit_a : implicit.a;
    };
    check_order(implicit.order, [&](int p) { return test::order_residual(p, implicit.b, edge, 2); });
    check_order(implicit.embedded_order, [&](int p) { return test::order_residual(p, implicit.d, edge, 2); });
    REQUIRE(m.explicit_a.size() == implicit.c.size());
    for (std::size_t i = 0; i < implicit.c.size(); ++i) {
      CHECK(m.explicit_a[i].size() == i);
      CHECK(power_sum(m.explicit_a[i], implicit.c, 0) == Approx(implicit.c[i]).margin(1e-14));
    }
  }
  CHECK(orders == std::set<int>{3, 4});
}

TEST_CASE("Rosenbrock methods have their orders with the Jacobian, W-methods with any matrix", "[time]") {
  for (const auto& m : rosenbrock_methods()) {
    INFO(m.name);
    check_order(m.order, [&](int p) { return rosenbrock_residual(m, m.b, p); });
    check_order(m.embedded_order, [&](int p) { return rosenbrock_residual(m, m.d, p); });
    if (m.w_method) {
      check_order(m.order, [&](int p) { return w_residual(m, m.b, p); });
      check_order(m.embedded_order, [&](int p) { return w_residual(m, m.d, p); });
    } else {
      CHECK(w_residual(m, m.b, m.order) > 1e-3);
    }
  }
  CHECK(rosenbrock_method("ros34pw2").w_method);
  CHECK(rosenbrock_method("ros2").w_method);
}

TEST_CASE("Rosenbrock methods are A-stable, with their limits at infinity", "[time]") {
  const std::map<std::string, std::pair<double, bool>> facts{{"ros2", {0.0, false}},
                                                             {"ros3p", {-0.7320508075688772, false}},
                                                             {"ros34pw2", {0.0, true}},
                                                             {"rodas3", {0.0, true}},
                                                             {"rodas4", {0.0, true}}};
  for (const auto& m : rosenbrock_methods()) {
    INFO(m.name);
    check_stability({beta(m), m.b}, m.r_infinity);
    CHECK(m.r_infinity == Approx(facts.at(m.name).first).margin(1e-14));
    CHECK(m.stiffly_accurate == facts.at(m.name).second);
  }
}

TEST_CASE("The form of Rosenbrock methods without products is the published one", "[time]") {
  const auto& rodas4 = rosenbrock_method("rodas4");
  check_values(rodas4.alpha, {0.0, 0.386, 0.21, 0.63, 1.0, 1.0});
  check_values(rodas4.gamma_i, {0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0});
  check_values(rodas4.a[3], {3.314825187068521, 2.896124015972201, 0.9986419139977817});
  check_values(rodas4.a[5], {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0});
  check_values(rodas4.c[1], {-5.6688});
  check_values(rodas4.c[4], {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160});
  check_values(rodas4.c[5],
               {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054});
  check_values(rodas4.m, {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0, 1.0});
  check_values(rodas4.e, {0.0, 0.0, 0.0, 0.0, 0.0, 1.0});

  const auto& rodas3 = rosenbrock_method("rodas3");
  check_values(rodas3.a[3], {2.0, 0.0, 1.0});
  check_values(rodas3.c[1], {4.0});
  check_values(rodas3.c[3], {1.0, -1.0, -8.0 / 3.0});
  check_values(rodas3.m, {2.0, 0.0, 1.0, 1.0});
  check_values(rodas3.e, {0.0, 0.0, 0.0, 1.0});

  const auto& ros3p = rosenbrock_method("ros3p");
  check_values(ros3p.gamma_i,
               {0.7886751345948129, -0.2113248654051871, -1.077350269189626, 0.0});  // the last for the estimate
  check_values(ros3p.a[2], {1.267949192431123, 0.0});
  check_values(ros3p.c[2], {-3.464101615137755, -1.732050807568877});
  check_values(ros3p.m, {2.0, 0.5773502691896258, 0.4226497308103742, 0.0});
}

TEST_CASE("Unknown implicit, additive and Rosenbrock methods are refused with a suggestion", "[time]") {
  CHECK(test::error_of([] { implicit_method("edirk5"); }).report().find("esdirk5") != std::string::npos);
  CHECK(test::error_of([] { imex_method("arc4"); }).report().find("ark4") != std::string::npos);
  CHECK(test::error_of([] { rosenbrock_method("rodass4"); }).report().find("rodas4") != std::string::npos);
}
