// Explicit Runge-Kutta methods: order conditions, observed orders, published end values.
#include "engine/time/butcher_tableau.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"
#include "tests/support/rooted_trees.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

using Vector = std::vector<double>;

using Function = test::PlainSystem;

Vector solution(const std::string& name, Function& f, Vector y0, double end, Tolerances tolerances,
                WorkCount* work = nullptr) {
  auto stepper = test::controlled(f, name, 0.0, std::move(y0), std::move(tolerances));
  while (stepper.time() < end) stepper.advance(end);
  CHECK(stepper.time() == end);
  if (work != nullptr) *work = stepper.work();
  return {stepper.state().begin(), stepper.state().end()};
}

void arenstorf(double, std::span<const double> y, std::span<double> f) {
  constexpr double mu = 0.012277471, nu = 1.0 - mu;
  const double d1 = std::pow((y[0] + mu) * (y[0] + mu) + y[1] * y[1], 1.5),
               d2 = std::pow((y[0] - nu) * (y[0] - nu) + y[1] * y[1], 1.5);
  f[0] = y[2];
  f[1] = y[3];
  f[2] = y[0] + 2.0 * y[3] - nu * (y[0] + mu) / d1 - mu * (y[0] - nu) / d2;
  f[3] = y[1] - 2.0 * y[2] - nu * y[1] / d1 - mu * y[1] / d2;
}

/// Seven stars in a plane, of masses 1 to 7: x, y, x', y'.
void pleiades(double, std::span<const double> s, std::span<double> f) {
  for (int i = 0; i < 14; ++i) f[i] = s[14 + i];
  for (int i = 0; i < 7; ++i) {
    f[14 + i] = f[21 + i] = 0.0;
    for (int j = 0; j < 7; ++j) {
      if (i == j) continue;
      const double dx = s[j] - s[i], dy = s[7 + j] - s[7 + i], r3 = std::pow(dx * dx + dy * dy, 1.5);
      f[14 + i] += (j + 1) * dx / r3;
      f[21 + i] += (j + 1) * dy / r3;
    }
  }
}

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

TEST_CASE("The restricted three-body orbit of Arenstorf closes", "[time]") {
  const Vector start{0.994, 0.0, 0.0, -2.00158510637908252240537862224};
  for (const char* name : {"dormand_prince54", "tsitouras54"}) {
    Function f(4, arenstorf);
    WorkCount work;
    const auto end = solution(name, f, start, 17.0652165601579625588917206249, {1e-12, {1e-13}}, &work);
    INFO(name << ": " << f.evaluations << " evaluations, " << work.rejected << " rejected");
    for (int i = 0; i < 4; ++i) CHECK(std::abs(end[i] - start[i]) < 1e-5);
    CHECK(f.evaluations == 2 + 6 * (work.accepted + work.rejected));
  }
}

TEST_CASE("The Pleiades end where the test set for initial-value problems says", "[time]") {
  const Vector start{3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0};
  const Vector expected{.3706139143970502,  3.237284092057233,  -3.222559032418324, .6597091455775310,
                        .3425581707156584,  1.562172101400631,  -.7003092922212495, -3.943437585517392,
                        -3.271380973972550, 5.225081843456543,  -2.590612434977470, 1.198213693392275,
                        -.2429682344935824, 1.091449240428980,  3.417003806314313,  1.354584501625501,
                        -2.590065597810775, 2.025053734714242,  -1.155815100160448, -.8072988170223021,
                        .5952396354208710,  -3.741244961234010, .3773459685750630,  .9386858869551073,
                        .3667922227200571,  -.3474046353808490, 2.344915448180937,  -1.947020434263292};
  for (const char* name : {"dormand_prince54", "tsitouras54"}) {
    Function f(28, pleiades);
    const auto end = solution(name, f, start, 3.0, {1e-12, {1e-12}});
    double worst = 0.0;
    for (std::size_t i = 0; i < end.size(); ++i) worst = std::max(worst, std::abs(end[i] / expected[i] - 1.0));
    INFO(name << ": scd " << -std::log10(worst));
    CHECK(worst < 1e-6);
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
  Function f(2, arenstorf);
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
