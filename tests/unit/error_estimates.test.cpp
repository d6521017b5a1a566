// Error estimates of all methods that have one: errors of controlled runs on linear problems without and with a source,
// ones that are moved by boundary values, nonlinear ones; what estimates are by their tableaux.
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/time/tableaus/butcher_tableau.hpp"
#include "engine/time/tableaus/imex_tableau.hpp"
#include "engine/time/tableaus/rosenbrock_tableau.hpp"
#include "tests/support/ode_support.hpp"
#include "tools/conformance/estimate_problems.hpp"

using namespace ansatz;
using namespace ansatz::time;
using test::Vector;

namespace {

/// The methods with an estimate on the problems that suit them: errors within 20 tolerances at each step.
void check_errors(std::initializer_list<double> wanted) {
  const auto problems = conformance::estimate_problems();
  for (const auto& entry : time_methods()) {
    if (entry.info.embedded_order == 0) continue;
    for (const auto& problem : problems) {
      if (!suits(entry.info, OdeTimeSystem(*problem.system).traits())) continue;
      for (const double tolerance : wanted) {
        const double error = conformance::largest_error(
            problem, [&](sdk::TimeSystem& system) { return entry.create(system); }, tolerance);
        INFO(entry.info.name << " on " << problem.name << ", tolerance " << tolerance << ": " << error << " of it");
        CHECK(error < 20.0);
      }
    }
  }
}

/// y' = lambda (y - sin t) + cos t with y = sin t: errors of all stages, but none of the start.
struct Follows {
  static inline double lambda = -1.0;
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}}, .initial = {0.0}, .end = 3.0}; }
  explicit Follows(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    using std::sin;
    nonstiff(t, y, f);
    f[0] += lambda * (y[0] - sin(t));
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    using std::cos;
    f[0] = cos(t);
  }
};

/// y' = -decay y + the integrand, 1 before and 2 from the time `jump` on, which no stop announces. Nonstiff: the
/// integrand.
struct Jumps {
  static inline double jump = 0.0, decay = 1.0;
  static double exact(double t) {
    const auto answer = [](double s) { return s <= 0.0 ? 0.0 : decay == 0.0 ? s : -std::expm1(-decay * s) / decay; };
    return answer(t) + answer(t - jump);
  }
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}}, .initial = {0.0}, .end = 1.0}; }
  explicit Jumps(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    nonstiff(t, y, f);
    f[0] -= decay * y[0];
  }
  template <class S>
  void nonstiff(const S& t, std::span<const S>, std::span<S> f) const {
    f[0] = sdk::value(t) < jump ? 1.0 : 2.0;
  }
};

/// y' = sqrt t.
struct FromRoot {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}}, .initial = {0.0}, .end = 1.0}; }
  explicit FromRoot(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S>, std::span<S> f) const {
    using std::sqrt;
    f[0] = sqrt(t);
  }
};

using Rows = std::vector<Vector>;

/// rows times x.
Vector product(const Rows& rows, const Vector& x) {
  Vector out;
  for (const auto& row : rows) {
    double sum = 0.0;
    for (std::size_t j = 0; j < row.size(); ++j) sum += row[j] * x[j];
    out.push_back(sum);
  }
  return out;
}

double dot(const Vector& a, const Vector& b) { return product({a}, b)[0]; }

/// Weights of an estimate of this order; `linear` of the rates of y' = L y, `plain` of the times of y' = g(t).
void check_leading_terms(const std::string& name, int order, const Vector& b, const Vector& d, const Rows& linear,
                         const Rows& plain) {
  INFO(name);
  Vector e, power(b.size(), 1.0), times = product(plain, power), integrand(b.size(), 1.0);
  for (std::size_t i = 0; i < b.size(); ++i) e.push_back(b[i] - d[i]);
  for (int k = 0; k < order; ++k) {
    CHECK(std::abs(dot(e, power)) < 1e-12);
    power = product(linear, power);
    for (std::size_t i = 0; i < b.size(); ++i) integrand[i] *= times[i];
  }
  CHECK(std::abs(dot(e, power)) > 1e-4);
  if (order == 1) integrand = product(linear, Vector(b.size(), 1.0));  // y' = t
  CHECK(std::abs(dot(e, integrand)) > 1e-4);
}

}  // namespace

TEST_CASE("Every method with an estimate keeps errors of linear, driven and nonlinear problems within 20 tolerances",
          "[time]") {
  check_errors({1e-3, 1e-4, 1e-6});
}

TEST_CASE("So it does with tight tolerances", "[time][slow]") { check_errors({1e-5, 1e-7, 1e-8}); }

TEST_CASE("Estimates of all tableaux see y' = L y and y' = g(t) in their leading terms", "[time]") {
  for (const auto& m : explicit_methods()) {
    if (m.embedded_order > 0) check_leading_terms(m.name, m.embedded_order, m.b, m.d, m.a, m.a);
  }
  for (const auto& m : implicit_methods()) {
    check_leading_terms(m.name, std::min(m.order, m.embedded_order), m.b, m.d, m.a, m.a);
  }
  for (const auto& m : imex_methods()) {
    const auto& implicit = m.implicit();
    check_leading_terms(m.name, implicit.embedded_order, implicit.b, m.d, m.explicit_a, m.explicit_a);
  }
  for (const auto& m : rosenbrock_methods()) {
    Rows beta = m.gamma_ij;
    for (std::size_t i = 0; i < beta.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) beta[i][j] += m.alpha_ij[i][j];
    }
    check_leading_terms(m.name, m.embedded_order, m.b, m.d, beta, m.alpha_ij);
  }
}

TEST_CASE("Estimates of explicit methods vanish nowhere on the negative axis where they are stable", "[time]") {
  for (const auto& m : explicit_methods()) {
    if (m.embedded_order == 0) continue;
    INFO(m.name);
    for (double z = -0.01; z > -4.0; z -= 0.001) {
      Vector k;
      double R = 1.0, error = 0.0;
      for (int i = 0; i < m.num_stages(); ++i) {
        double y = 1.0;
        for (int j = 0; j < i; ++j) y += z * m.a[i][j] * k[j];
        k.push_back(y);
        R += z * m.b[i] * y;
        error += z * (m.b[i] - m.d[i]) * y;
      }
      if (std::abs(R) > 1.0) break;
      CHECK(std::abs(R - std::exp(z)) < 5.0 * std::abs(error));
    }
  }
}

/// At each step, over all lambda.
double largest_error_of_following(const std::string& method, double tolerance, std::initializer_list<double> decades) {
  double largest = 0.0;
  for (const double decade : decades) {
    Follows::lambda = -std::pow(10.0, decade);
    const auto problem = test::ode_system<Follows>();
    OdeTimeSystem system(problem);
    auto stepper = test::controlled(system, method, 0.0, {0.0}, {tolerance, {tolerance}});
    while (stepper.time() < 3.0) {
      stepper.advance(3.0);
      const double exact = std::sin(stepper.time());
      largest = std::max(largest, std::abs(stepper.state()[0] - exact) / (tolerance * (1.0 + std::abs(exact))));
    }
  }
  return largest;
}

TEST_CASE("Implicit methods keep errors within 20 tolerances however fast an unknown follows what drives it",
          "[time]") {
  // From a time scale of the forcing to one far below all steps, through those where an estimate may vanish.
  for (const auto& entry : time_methods()) {
    if (entry.info.embedded_order == 0 || !entry.info.needs_jacobian || entry.info.needs_second_order) continue;
    if (std::isnan(entry.info.r_infinity)) continue;
    for (const double tolerance : {1e-3, 1e-4}) {
      const double error =
          largest_error_of_following(entry.info.name, tolerance, {0.0, 0.7, 1.0, 1.2, 1.5, 1.8, 2.5, 3.5, 4.5, 6.0});
      INFO(entry.info.name << ", tolerance " << tolerance << ": " << error << " of it");
      CHECK(error < 20.0);
    }
  }
}

TEST_CASE("A source that jumps where no stop is costs no method more than 20 tolerances", "[time]") {
  for (const auto& entry : time_methods()) {
    Jumps::jump = std::sqrt(0.3);
    const auto author = test::ode_system<Jumps>();
    if (entry.info.embedded_order == 0 || !suits(entry.info, OdeTimeSystem(author).traits())) continue;
    for (const double tolerance : {1e-4, 1e-6}) {
      double largest = 0.0;
      for (const double decay : {0.0, 1.0, 5.0}) {
        for (const double jump : {std::sqrt(0.05), std::sqrt(0.3), std::sqrt(0.5), std::numbers::pi / 4.0}) {
          Jumps::decay = decay;
          Jumps::jump = jump;
          OdeTimeSystem system(author);
          auto stepper = test::controlled(system, entry.info.name, 0.0, {0.0}, {tolerance, {tolerance}});
          while (stepper.time() < 1.0) stepper.advance(1.0);
          const double exact = Jumps::exact(1.0);
          largest = std::max(largest, std::abs(stepper.state()[0] - exact) / (tolerance * (1.0 + exact)));
        }
      }
      INFO(entry.info.name << ", tolerance " << tolerance << ": " << largest << " of it");
      CHECK(largest < 20.0);
    }
  }
}

TEST_CASE("Methods that say that their rates at the end are exact give those of the equations", "[time]") {
  int found = 0;
  for (const auto& entry : time_methods()) {
    if (!entry.info.exact_end_rate) continue;
    ++found;
    Follows::lambda = -2.0;
    const auto author = test::ode_system<Follows>();
    OdeTimeSystem system(author);
    StepperOptions options;
    options.fixed_step = 0.25;
    Stepper stepper(system, entry.create(system), 0.0, {0.0}, options);
    Vector rate(1), expected(1);
    while (stepper.time() < 1.0) {
      stepper.advance(1.0);
      INFO(entry.info.name << " at " << stepper.time());
      REQUIRE(stepper.method().end_rate(rate));
      system.f(stepper.time(), stepper.state(), sdk::Part::all, expected);
      CHECK(rate[0] == Approx(expected[0]).epsilon(1e-9));
    }
  }
  CHECK(found >= 2);
}

TEST_CASE("Rosenbrock methods say once that a derivative by time is infinite", "[time]") {
  std::vector<std::string> said;
  const auto author = test::ode_system<FromRoot>();
  for (const auto& method : rosenbrock_methods()) {
    said.clear();
    OdeTimeSystem system(author);
    StepperOptions options;
    options.say = [&](const std::string& line) { said.push_back(line); };
    auto stepper = test::controlled(system, method.name, 0.0, {0.0}, {1e-5, {1e-5}}, "pi42", options);
    while (stepper.time() < 1.0) stepper.advance(1.0);
    INFO(method.name);
    CHECK(stepper.state()[0] == Approx(2.0 / 3.0).epsilon(2e-4));
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("derivative by time") != std::string::npos);
    CHECK(said[0].find("t = 0") != std::string::npos);
  }
}

TEST_CASE("Methods whose estimate does not see their errors have none, and say which do", "[time]") {
  for (const char* name : {"singly2", "singly3", "rktase3"}) CHECK(find_time_method(name).info.embedded_order == 0);
  for (const char* name : {"ms2a", "ms3b", "ros3p", "etd_rk4"}) CHECK(find_time_method(name).info.embedded_order > 0);
}
