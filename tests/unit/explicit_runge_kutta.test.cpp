// Explicit Runge-Kutta methods: order conditions, errors by tolerances, refusals.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/time/tableaus/butcher_tableau.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"
#include "tests/support/rooted_trees.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

using Vector = std::vector<double>;

using Function = test::PlainSystem;

}  // namespace

TEST_CASE("Explicit methods and their estimates fulfil the order conditions of their orders, and no more", "[time]") {
  for (const auto& method : explicit_methods()) {
    INFO(method.name);
    const auto residual = [&](int order, const Vector& b) { return test::order_residual(order, b, method.a); };
    for (int p = 1; p <= 5; ++p) {
      INFO("order " << p);
      if (p <= method.order) CHECK(residual(p, method.b) < 1e-13);
      if (p == method.order + 1) CHECK(residual(p, method.b) > 1e-4);
      if (method.d.empty()) continue;
      if (p <= method.embedded_order) CHECK(residual(p, method.d) < 1e-13);
      if (p == method.embedded_order + 1) CHECK(residual(p, method.d) > 1e-5);
    }
    CHECK(method.first_is_last == !method.d.empty());
  }
}

TEST_CASE("Dense outputs fulfil the order conditions of order 4 at any place in the step, and meet its ends",
          "[time]") {
  int found = 0;
  for (const auto& method : explicit_methods()) {
    if (method.dense.empty()) continue;
    INFO(method.name);
    ++found;
    for (const double theta : {0.0, 0.1, 0.37, 0.5, 0.9, 1.0}) {
      Vector weights;
      for (int i = 0; i < method.num_stages(); ++i) weights.push_back(method.dense_weight(i, theta));
      const auto edge = [&](const test::Tree&, const test::Tree&) -> const test::Rows& { return method.a; };
      for (const auto& tree : test::rooted_trees(4)) {
        const double value = std::pow(theta, tree.order()) / tree.density();
        CHECK(test::tree_residual(tree, weights, edge, value) < 1e-13);
      }
      for (int i = 0; theta == 1.0 && i < method.num_stages(); ++i)
        CHECK(weights[i] == Approx(method.b[i]).margin(1e-14));
    }
  }
  CHECK(found == 2);
}

TEST_CASE("Errors follow the tolerance, with every method and law", "[time]") {
  // y' = -2 t y^2, y(0) = 1: y = 1 / (1 + t^2).
  const auto right = [](double t, std::span<const double> y, std::span<double> f) { f[0] = -2.0 * t * y[0] * y[0]; };
  for (const auto& method : explicit_methods()) {
    if (method.d.empty()) continue;
    for (const auto& law : controller_laws()) {
      double errors[2];
      for (int k = 0; k < 2; ++k) {
        Function f(1, right);
        const double tolerance = k == 0 ? 1e-5 : 1e-8;
        auto stepper = test::controlled(f, method.name, 0.0, {1.0}, {0.0, {tolerance}}, law.name);
        while (stepper.time() < 3.0) stepper.advance(3.0);
        errors[k] = std::abs(stepper.state()[0] - 0.1);
        const auto attempts = stepper.work().accepted + stepper.work().rejected;
        CHECK(f.evaluations == 2 + static_cast<std::int64_t>(method.b.size() - 1) * attempts);
        INFO(method.name << ", " << law.name << ", tolerance " << tolerance << ": error " << errors[k]);
        CHECK(errors[k] <= 20.0 * tolerance);
      }
    }
  }
}

TEST_CASE("A solution that blows up ends with a report, not in a loop", "[time]") {
  Function f(2, [](double, std::span<const double> y, std::span<double> out) {
    out[0] = 0.0;
    out[1] = y[1] * y[1];
  });
  auto integrator = test::controlled(f, "dormand_prince54", 0.0, {1.0, 1.0}, {1e-6, {1e-9}});
  const auto error = test::error_of([&] {
    while (integrator.time() < 2.0) integrator.advance(2.0);
  });
  CHECK(error.kind() == sdk::ErrorKind::solver);
  CHECK(error.report().find("unknown 1") != std::string::npos);
  CHECK(integrator.time() == Approx(1.0).epsilon(1e-3));
}

TEST_CASE("Wrong tolerances and methods are refused", "[time]") {
  Function f(2, [](double, std::span<const double>, std::span<double> out) { out[0] = out[1] = 0.0; });
  for (const Tolerances& wrong :
       {Tolerances{1e-6, {0.0}}, Tolerances{-1.0, {1e-6}}, Tolerances{1e-6, {1e-6, 1e-6, 1e-6}}}) {
    CHECK(test::kind_of([&] {
            test::controlled(f, "bogacki_shampine32", 0.0, {1.0, 1.0}, wrong);
          }) == sdk::ErrorKind::parameter);
  }
  CHECK(test::error_of([] { find_time_method("dormand_prince"); }).report().find("dormand_prince54") !=
        std::string::npos);
  CHECK(test::kind_of([&] { test::controlled(f, "rk4", 0.0, {1.0, 1.0}, {}); }) == sdk::ErrorKind::case_file);
}
