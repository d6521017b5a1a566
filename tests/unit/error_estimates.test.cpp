// Error estimates of all methods that have one: errors of controlled runs on linear problems without and with a source,
// ones that are moved by boundary values, nonlinear ones; what estimates are by their tableaux.
#include <catch2/catch.hpp>

#include "engine/time/butcher_tableau.hpp"
#include "engine/time/imex_tableau.hpp"
#include "engine/time/rosenbrock_tableau.hpp"
#include "sdk/conformance/estimate_problems.hpp"
#include "tests/support/ode_support.hpp"

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

TEST_CASE("Every method with an estimate keeps errors of linear, driven and nonlinear problems within 20 tolerances", "[time]") {
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
    check_leading_terms(m.name, implicit.embedded_order, implicit.b, implicit.d, m.explicit_a, m.explicit_a);
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

TEST_CASE("Methods whose estimate does not see their errors have none, and say which do", "[time]") {
  for (const char* name : {"singly2", "singly3", "rktase3"}) CHECK(find_time_method(name).info.embedded_order == 0);
  for (const char* name : {"ms2a", "ms3b", "ros3p", "etd_rk4"}) CHECK(find_time_method(name).info.embedded_order > 0);
}
