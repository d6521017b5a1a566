// Explicit Runge-Kutta methods: order conditions, errors by tolerances, refusals.
#include "engine/time/butcher_tableau.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

using Vector = std::vector<double>;

/// Residuals of the order conditions of one set of weights, by order 1 ... 5 (Butcher's trees).
class Conditions {
 public:
  explicit Conditions(const ButcherTableau& method) : m_(method), c_(method.c) {}

  std::array<double, 5> residuals(const Vector& b) const {
    const Vector one(c_.size(), 1.0), c2 = times(c_, c_), c3 = times(c2, c_), c4 = times(c2, c2);
    const Vector Ac = A(c_), AAc = A(Ac), Ac2 = A(c2);
    const std::vector<std::vector<std::pair<Vector, double>>> trees{
        {{one, 1.0}},
        {{c_, 2.0}},
        {{c2, 3.0}, {Ac, 6.0}},
        {{c3, 4.0}, {times(c_, Ac), 8.0}, {Ac2, 12.0}, {AAc, 24.0}},
        {{c4, 5.0},
         {times(c2, Ac), 10.0},
         {times(Ac, Ac), 20.0},
         {times(c_, Ac2), 15.0},
         {times(c_, AAc), 30.0},
         {A(c3), 20.0},
         {A(times(c_, Ac)), 40.0},
         {A(Ac2), 60.0},
         {A(AAc), 120.0}}};
    std::array<double, 5> out{};
    for (std::size_t p = 0; p < trees.size(); ++p) {
      for (const auto& [phi, gamma] : trees[p]) {
        double sum = 0.0;
        for (std::size_t i = 0; i < b.size(); ++i) sum += b[i] * phi[i];
        out[p] = std::max(out[p], std::abs(sum - 1.0 / gamma));
      }
    }
    return out;
  }

 private:
  static Vector times(const Vector& x, const Vector& y) {
    Vector out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * y[i];
    return out;
  }
  Vector A(const Vector& x) const {
    Vector out(x.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < m_.a[i].size(); ++j) out[i] += m_.a[i][j] * x[j];
    }
    return out;
  }

  const ButcherTableau& m_;
  Vector c_;
};

using Function = test::PlainSystem;

}  // namespace

TEST_CASE("Explicit methods and their estimates fulfil the order conditions of their orders, and no more", "[time]") {
  for (const auto& method : explicit_methods()) {
    INFO(method.name);
    const Conditions conditions(method);
    const auto of_b = conditions.residuals(method.b);
    for (int p = 1; p <= 5; ++p) {
      INFO("order " << p);
      if (p <= method.order) CHECK(of_b[p - 1] < 1e-13);
      if (p == method.order + 1) CHECK(of_b[p - 1] > 1e-4);
      if (method.d.empty()) continue;
      if (p <= method.embedded_order) CHECK(conditions.residuals(method.d)[p - 1] < 1e-13);
      if (p == method.embedded_order + 1) CHECK(conditions.residuals(method.d)[p - 1] > 1e-5);
    }
    CHECK(method.first_is_last == !method.d.empty());
  }
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
  CHECK(test::kind_of([&] {
          test::controlled(f, "rk4", 0.0, {1.0, 1.0}, {});
        }) == sdk::ErrorKind::case_file);
}
