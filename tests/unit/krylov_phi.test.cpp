// Exponentials of small matrices and phi functions of large ones against exact values.
#include "engine/time/methods/krylov_phi.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/time/methods/small_exponential.hpp"
#include "tests/support/errors.hpp"

using namespace ansatz;
using namespace ansatz::time;

namespace {

constexpr double pi = 3.14159265358979323846;
using Vector = std::vector<double>;

/// phi_k(z): by its series near 0, else by recurrence, in long double.
double phi(int k, double z) {
  const long double x = z;
  if (std::abs(z) < 4.0) {
    long double term = 1.0L, sum = 0.0L;
    for (int j = 1; j <= k; ++j) term /= j;
    for (int j = 0; j < 60; ++j) {
      sum += term;
      term *= x / (j + k + 1);
    }
    return static_cast<double>(sum);
  }
  long double value = std::exp(x), factorial = 1.0L;
  for (int j = 1; j <= k; ++j) {
    value = (value - 1.0L / factorial) / x;
    factorial *= j;
  }
  return static_cast<double>(value);
}

/// Second differences on a line, times a factor: eigenvectors are sines.
struct Diffusion {
  std::size_t n;
  double factor;
  void apply(std::span<const double> x, std::span<double> out) const {
    for (std::size_t i = 0; i < n; ++i) {
      out[i] = factor * ((i > 0 ? x[i - 1] : 0.0) - 2.0 * x[i] + (i + 1 < n ? x[i + 1] : 0.0));
    }
  }
  /// sum_k t^k phi_k(t A) b_k.
  Vector exact(const std::vector<Vector>& b, double t) const {
    Vector out(n, 0.0);
    for (std::size_t mode = 1; mode <= n; ++mode) {
      const auto sine = [&](std::size_t i) { return std::sin(pi * double(mode * (i + 1)) / double(n + 1)); };
      const double half = std::sin(0.5 * pi * double(mode) / double(n + 1)), lambda = -4.0 * factor * half * half;
      double amplitude = 0.0;
      for (std::size_t k = 0; k < b.size(); ++k) {
        double product = 0.0;
        for (std::size_t i = 0; i < b[k].size(); ++i) product += b[k][i] * sine(i);
        amplitude += std::pow(t, k) * phi(int(k), t * lambda) * 2.0 * product / double(n + 1);
      }
      for (std::size_t i = 0; i < n; ++i) out[i] += amplitude * sine(i);
    }
    return out;
  }
};

std::vector<Vector> some_vectors(std::size_t n, int count) {
  std::vector<Vector> b(count, Vector(n));
  for (int k = 0; k < count; ++k) {
    for (std::size_t i = 0; i < n; ++i) b[k][i] = std::cos(1.0 + 3.0 * double(i) * (k + 1)) + 0.3 * k;
  }
  return b;
}

double distance(std::span<const double> x, std::span<const double> y) {
  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) worst = std::max(worst, std::abs(x[i] - y[i]));
  return worst;
}

double largest(std::span<const double> x) { return distance(x, Vector(x.size(), 0.0)); }

std::vector<Vector> evaluate(KrylovPhi& phi, const std::vector<Vector>& b, const Vector& times, double tolerance) {
  std::vector<std::span<const double>> views(b.begin(), b.end());
  std::vector<Vector> out(times.size());
  phi.evaluate(
      views, times, [&](std::span<const double> e) { return largest(e) / tolerance; }, out);
  return out;
}

double alone(double x) { return x; }

}  // namespace

TEST_CASE("Exponentials of small matrices are exact", "[time]") {
  for (const double angle : {0.1, 3.0, 80.0}) {  // a rotation that grows
    const auto E = exponential({0.2, angle, -angle, 0.2}, 2);
    const double grown = std::exp(0.2);
    CHECK(distance(E, Vector{grown * std::cos(angle), grown * std::sin(angle), -grown * std::sin(angle),
                             grown * std::cos(angle)}) < 1e-13 * (1.0 + angle));
  }
  const auto J = exponential({-2.0, 0.0, 0.0, 1.0, -2.0, 0.0, 0.0, 1.0, -2.0}, 3);  // a Jordan block
  const double e = std::exp(-2.0);
  CHECK(distance(J, Vector{e, 0.0, 0.0, e, e, 0.0, e / 2.0, e, e}) < 1e-15);
  CHECK(exponential({-1e8}, 1)[0] == 0.0);
  CHECK(test::kind_of([] { exponential({1e9}, 1); }) == sdk::ErrorKind::not_finite);
  CHECK(test::kind_of([] { exponential({std::nan("")}, 1); }) == sdk::ErrorKind::not_finite);
}

TEST_CASE("Phi functions of a diffusion matrix are those of its eigenvalues", "[time]") {
  for (const double factor : {1e-3, 1.0, 50.0, 2000.0}) {
    const Diffusion A{30, factor};
    KrylovPhi phi(
        A.n, [&](std::span<const double> x, std::span<double> out) { A.apply(x, out); }, alone);
    for (int count = 1; count <= 4; ++count) {
      const auto b = some_vectors(A.n, count);
      const Vector times{0.3, 0.5, 1.0};
      const auto out = evaluate(phi, b, times, 1e-12);
      for (std::size_t i = 0; i < times.size(); ++i) {
        INFO(factor << ", b_0 ... b_" << count - 1 << ", t = " << times[i]);
        CHECK(distance(out[i], A.exact(b, times[i])) < 1e-12);
      }
    }
  }
}

TEST_CASE("Krylov spaces are as large as the tolerance asks for, and time is divided where they do not suffice",
          "[time]") {
  const Diffusion A{300, 300.0};
  KrylovPhi phi(
      A.n, [&](std::span<const double> x, std::span<double> out) { A.apply(x, out); }, alone);
  const auto b = some_vectors(A.n, 3);
  std::int64_t last = 0;
  for (const double tolerance : {1e-2, 1e-6, 1e-10}) {
    const auto before = phi.products();
    const auto out = evaluate(phi, b, {1.0}, tolerance);
    const auto products = phi.products() - before;
    INFO(tolerance << ": " << products);
    CHECK(distance(out[0], A.exact(b, 1.0)) < tolerance);
    CHECK(products > last);
    CHECK(products < 500);
    last = products;
  }
}

TEST_CASE("Phi functions of a nilpotent matrix are polynomials", "[time]") {
  const std::size_t n = 12;
  KrylovPhi phi(
      n,
      [](std::span<const double> x, std::span<double> out) {
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = i == 0 ? 0.0 : 2.0 * x[i - 1];
      },
      alone);
  std::vector<Vector> b(3);
  b[0] = Vector(n, 0.0);
  b[0][0] = 1.0;
  b[2] = Vector(n, 0.0);
  b[2][0] = 3.0;
  const double t = 0.7;
  const auto out = evaluate(phi, b, {t}, 1e-14)[0];
  double factorial = 1.0;  // of i
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) factorial *= double(i);
    const double power = std::pow(2.0 * t, i);
    CHECK(out[i] ==
          Approx(power / factorial + 3.0 * t * t * power / (factorial * (i + 1.0) * (i + 2.0))).margin(1e-14));
  }
}

TEST_CASE("Phi functions of what is far too stiff are refused", "[time]") {
  const Diffusion A{2000, 1e9};
  KrylovPhi phi(
      A.n, [&](std::span<const double> x, std::span<double> out) { A.apply(x, out); }, alone);
  CHECK(test::kind_of([&] { evaluate(phi, some_vectors(A.n, 2), {1.0}, 1e-10); }) == sdk::ErrorKind::solver);
}
