// The TASE family: order conditions as W-methods, stability at infinity, orders with any W, the Brusselator's errors.
#include "engine/time/methods/tase.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "tests/support/errors.hpp"
#include "tests/support/ode_support.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr double pi = 3.14159265358979323846;
using Matrix = std::vector<std::vector<double>>;

/// The W-method that a TASE method is: one stage X^l f(Y_i) for each power.
struct WMethod {
  Matrix alpha, gamma;
  std::vector<double> b;

  explicit WMethod(const TaseMethod& m) {
    const int s = m.num_stages(), p = m.order;
    alpha = gamma = Matrix(s * p, std::vector<double>(s * p, 0.0));
    for (int i = 0; i < s; ++i) {
      const auto beta = m.powers(i);
      for (int l = 0; l < p; ++l) {
        b.push_back(m.b[i] * beta[l]);
        for (int j = 0; j < i; ++j) {
          for (int q = 0; q < p; ++q) alpha[i * p + l][j * p + q] = m.a[i][j] * m.powers(j)[q];
        }
        for (int q = 0; q <= l; ++q) gamma[i * p + l][i * p + q] = m.gamma;
      }
    }
  }
  std::vector<double> times(const Matrix& A, const std::vector<double>& x) const {
    std::vector<double> out(x.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j) out[i] += A[i][j] * x[j];
    }
    return out;
  }
  double sum(const std::vector<double>& phi) const {
    double out = 0.0;
    for (std::size_t i = 0; i < phi.size(); ++i) out += b[i] * phi[i];
    return out;
  }
  /// Largest residual of the conditions up to an order, for any W.
  double residual(int order) const {
    const std::vector<double> e(b.size(), 1.0), Ae = times(alpha, e), Ge = times(gamma, e);
    std::vector<double> squares(b.size());
    for (std::size_t i = 0; i < squares.size(); ++i) squares[i] = Ae[i] * Ae[i];
    double worst = std::max({std::abs(sum(e) - 1.0), std::abs(sum(Ae) - 0.5), std::abs(sum(Ge))});
    if (order < 3) return worst;
    return std::max({worst, std::abs(sum(squares) - 1.0 / 3.0), std::abs(sum(times(alpha, Ae)) - 1.0 / 6.0),
                     std::abs(sum(times(alpha, Ge))), std::abs(sum(times(gamma, Ae))),
                     std::abs(sum(times(gamma, Ge)))});
  }
};

/// R(z) of y' = lambda y with W = lambda.
std::complex<double> amplification(const TaseMethod& m, std::complex<double> z) {
  const std::complex<double> X = 1.0 / (1.0 - m.gamma * z);
  std::vector<std::complex<double>> k;
  const auto g = m.pole_weights();
  for (int i = 0; i < m.num_stages(); ++i) {
    std::complex<double> y = 1.0, T = 0.0, power = X;
    for (int j = 0; j < i; ++j) y += m.a[i][j] * k[j];
    for (std::size_t l = 0; l < g.size(); ++l) T += g[l] / (1.0 - m.poles[l] * z);
    for (const double beta : m.poles.empty() ? m.powers(i) : std::vector<double>{}) {
      T += beta * power;
      power *= X;
    }
    k.push_back(T * z * y);
  }
  std::complex<double> R = 1.0;
  for (int i = 0; i < m.num_stages(); ++i) R += m.b[i] * k[i];
  return R;
}

/// u' = 1 + u^2 v - 4 u + a u_xx, v' = 3 u - u^2 v + a v_xx on 40 points, a = 1/50, u = 1 and v = 3 at the ends. The
/// reaction is not stiff.
struct Brusselator {
  static constexpr std::size_t N = 40;
  static constexpr double diffusion = 41.0 * 41.0 / 50.0;

  static sdk::OdeInfo info(const sdk::ParameterSet&) {
    sdk::OdeInfo info;
    info.components.resize(2 * N);
    info.initial.assign(2 * N, 3.0);
    for (std::size_t i = 0; i < N; ++i) info.initial[i] = 1.0 + std::sin(2.0 * pi * double(i + 1) / 41.0);
    return info;
  }
  explicit Brusselator(const sdk::ParameterSet&) {}

  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    nonstiff(t, y, f);
    const auto at = [&](std::size_t field, std::size_t i) {  // i = 0 and N + 1 are the ends
      return i == 0 || i == N + 1 ? S(field == 0 ? 1.0 : 3.0) : y[field * N + i - 1];
    };
    for (std::size_t field = 0; field < 2; ++field) {
      for (std::size_t i = 1; i <= N; ++i) {
        f[field * N + i - 1] += diffusion * (at(field, i - 1) - 2.0 * at(field, i) + at(field, i + 1));
      }
    }
  }
  template <class S>
  void nonstiff(const S&, std::span<const S> y, std::span<S> f) const {
    for (std::size_t i = 0; i < N; ++i) {
      const S u = y[i], v = y[N + i];
      f[i] = 1.0 + u * u * v - 4.0 * u;
      f[N + i] = 3.0 * u - u * u * v;
    }
  }
};

/// At t = 10, by an explicit method with tight tolerances.
const std::vector<double>& reference() {
  static const auto values = [] {
    const auto system = test::ode_system<Brusselator>();
    OdeTimeSystem in_time(system);
    auto stepper = test::controlled(in_time, "tsitouras54", 0.0, system.info().initial, {1e-12, {1e-12}});
    while (stepper.time() < 10.0) stepper.advance(10.0);
    return std::vector<double>(stepper.state().begin(), stepper.state().end());
  }();
  return values;
}

double norm(std::span<const double> v) {
  double sum = 0.0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

double relative_error(const std::string& name, bool exact, int steps) {
  const auto system = test::ode_system<Brusselator>();
  OdeTimeSystem in_time(system, exact ? JacobianChoice::exact : JacobianChoice::stiff);
  const auto end = test::in_steps(in_time, name, 0.0, system.info().initial, 10.0, steps);
  std::vector<double> difference(reference());
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= end[i];
  return norm(difference) / norm(reference());
}

struct Row {
  const char* name;
  double with_jacobian[2], with_diffusion[2];
};

void check_rows(int first, int step, std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    for (int k = 0; k < 2; ++k) {
      for (const bool exact : {true, false}) {
        const int steps = first * (k == 0 ? 1 : step);
        const double error = relative_error(row.name, exact, steps),
                     published = exact ? row.with_jacobian[k] : row.with_diffusion[k];
        INFO(row.name << ", " << steps << " steps, W = " << (exact ? "J" : "diffusion") << ": " << error << " ("
                      << published << ")");
        CHECK(std::abs(error / published - 1.0) <= 0.2);
      }
    }
  }
}

}  // namespace

TEST_CASE("TASE methods fulfil the order conditions of W-methods, for any W", "[time]") {
  for (const auto& method : tase_methods()) {
    if (!method.poles.empty()) continue;
    INFO(method.name);
    CHECK(WMethod(method).residual(method.order) < 1e-13);
  }
}

TEST_CASE("TASE methods damp stiff components as their construction says", "[time]") {
  for (const auto& method : tase_methods()) {
    INFO(method.name);
    if (!method.poles.empty()) {
      CHECK(std::abs(amplification(method, -1e9)) == Approx(method.r_infinity).margin(1e-7));
      for (double power = -3.0; power < 7.0; power += 0.01) {
        CHECK(std::abs(amplification(method, -std::pow(10.0, power))) <= 1.0 + 1e-12);
      }
      continue;
    }
    if (method.name == "singly2") {
      CHECK(std::abs(amplification(method, -1e6)) < 1.0 + 1e-12);  // no gamma makes its limit 0
    } else {
      CHECK(std::abs(amplification(method, -1e6)) < 1e-5);
    }
    CHECK(std::abs(amplification(method, -1e9)) == Approx(method.r_infinity).margin(1e-7));
    // Rays up to the angles that were found by scans.
    const double angle =
        method.order == 2 ? 89.9 : (method.name == "ms3a" ? 89.0 : (method.name == "ms3b" ? 89.7 : 88.8));
    double worst = 0.0;
    for (double power = -3.0; power < 7.0; power += 0.01) {
      for (const double degrees : {0.0, 30.0, 60.0, 80.0, angle - 0.1}) {
        worst = std::max(worst,
                         std::abs(amplification(method, std::polar(std::pow(10.0, power), pi - degrees * pi / 180.0))));
      }
    }
    CHECK(worst <= 1.0 + 1e-9);
  }
}

TEST_CASE("The Brusselator's reference is that of another integrator", "[time]") {
  CHECK(reference()[19] == Approx(0.43006072969383).epsilon(1e-9));
  CHECK(reference()[Brusselator::N + 19] == Approx(3.68814582843052).epsilon(1e-9));
  CHECK(norm(reference()) == Approx(22.595423315786).epsilon(1e-9));
}

TEST_CASE("Errors of TASE methods on the Brusselator are those of their construction", "[time]") {
  // Steps of 0.05 and 0.025.
  check_rows(200, 2,
             {{"singly2", {1.7e-3, 4.9e-4}, {3.1e-4, 7.6e-5}},
              {"ms2a", {1.2e-4, 2.8e-5}, {4.1e-4, 1.0e-4}},
              {"singly3", {1.9e-3, 2.5e-4}, {1.7e-5, 3.0e-6}},
              {"ms3a", {2.7e-5, 3.6e-6}, {7.2e-6, 6.8e-7}},
              {"ms3b", {5.7e-6, 5.8e-7}, {1.8e-5, 2.3e-6}}});
}

TEST_CASE("So are those with smaller steps", "[time][slow]") {
  check_rows(800, 2,
             {{"singly2", {1.3e-4, 3.4e-5}, {1.9e-5, 4.7e-6}},
              {"ms2a", {7.0e-6, 1.7e-6}, {2.5e-5, 6.2e-6}},
              {"singly3", {3.2e-5, 4.1e-6}, {5.0e-7, 7.6e-8}},
              {"ms3a", {4.6e-7, 5.8e-8}, {7.0e-8, 7.9e-9}},
              {"ms3b", {6.1e-8, 6.7e-9}, {2.9e-7, 3.6e-8}}});
}

TEST_CASE("An unknown TASE method is refused with a suggestion", "[time]") {
  CHECK(test::error_of([] { tase_method("ms3"); }).report().find("ms3") != std::string::npos);
}

TEST_CASE("Operators with distinct poles differ from 1 in the order of their method only", "[time]") {
  for (const auto& method : tase_methods()) {
    if (method.poles.empty()) continue;
    INFO(method.name);
    const auto g = method.pole_weights();
    // sum_l g_l / (1 - alpha_l z) = 1 + O(z^p): sum_l g_l alpha_l^k is 1 for k = 0 and 0 for 0 < k < p.
    for (int k = 0; k <= method.order; ++k) {
      double sum = 0.0;
      for (std::size_t l = 0; l < g.size(); ++l) sum += g[l] * std::pow(method.poles[l], k);
      if (k < method.order) CHECK(sum == Approx(k == 0 ? 1.0 : 0.0).margin(1e-11));
      if (k == method.order) CHECK(std::abs(sum) > 1.0);
    }
  }
}

namespace {

/// y' = -2 t y^2, y(0) = 1: y = 1 / (1 + t^2).
struct Bell {
  static sdk::OdeInfo info(const sdk::ParameterSet&) { return {.components = {{"y"}}, .initial = {1.0}}; }
  explicit Bell(const sdk::ParameterSet&) {}
  template <class S>
  void operator()(const S& t, std::span<const S> y, std::span<S> f) const {
    f[0] = -2.0 * t * y[0] * y[0];
  }
};

}  // namespace

TEST_CASE("Methods with distinct poles reach their orders where nothing is stiff, and less where it is", "[time]") {
  const auto system = test::ode_system<Bell>();
  for (const auto& method : tase_methods()) {
    if (method.poles.empty()) continue;
    double errors[2];
    for (const int k : {0, 1}) {
      OdeTimeSystem in_time(system);
      errors[k] = std::abs(test::in_steps(in_time, method.name, 0.0, {1.0}, 1.0, k == 0 ? 100 : 200)[0] - 0.5);
    }
    INFO(method.name << ": " << errors[0] << ", " << errors[1]);
    CHECK(std::log2(errors[0] / errors[1]) > method.order - 0.2);
    const double coarse = relative_error(method.name, true, 400), fine = relative_error(method.name, true, 800);
    INFO("Brusselator: " << coarse << ", " << fine);
    CHECK(std::log2(coarse / fine) > std::min(method.order, 3) - 0.35);
  }
}
