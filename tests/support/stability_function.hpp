#pragma once
// The stability function of diagonally implicit and linearly implicit Runge-Kutta methods.

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <vector>

namespace ansatz::test {

/// R(z) = 1 + z b (I - z A)^-1 1 of a method with triangular A (rows of length i + 1; of Rosenbrock methods alpha +
/// gamma).
struct StabilityFunction {
  std::vector<std::vector<double>> a;
  std::vector<double> b;

  std::complex<double> operator()(std::complex<double> z) const {
    std::vector<std::complex<double>> stage;
    std::complex<double> out = 1.0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      std::complex<double> sum = 1.0;
      for (std::size_t j = 0; j < i; ++j) sum += z * a[i][j] * stage[j];
      stage.push_back(sum / (1.0 - z * a[i][i]));
      out += z * b[i] * stage[i];
    }
    return out;
  }

  /// The limit, by the expansion of the stages p_i + q_i / z.
  double at_infinity() const {
    std::vector<double> p, q;
    double first = 0.0, second = 1.0;  // R = first z + second
    for (std::size_t i = 0; i < b.size(); ++i) {
      double of_p = 0.0, of_q = 0.0;
      for (std::size_t j = 0; j < i; ++j) {
        of_p += a[i][j] * p[j];
        of_q += a[i][j] * q[j];
      }
      const bool is_explicit = a[i][i] == 0.0;  // the first stage only
      p.push_back(is_explicit ? 1.0 : -of_p / a[i][i]);
      q.push_back(is_explicit ? 0.0 : (p[i] - 1.0 - of_q) / a[i][i]);
      first += b[i] * p[i];
      second += b[i] * q[i];
    }
    return std::abs(first) < 1e-12 ? second : std::numeric_limits<double>::infinity();
  }

  /// The largest |R| on the ray at this angle from the negative real axis: 90 is the imaginary axis.
  double largest_on_ray(double degrees) const {
    double worst = 0.0;
    for (double power = -3.0; power < 8.0; power += 0.005) {
      const auto z = std::polar(std::pow(10.0, power), std::numbers::pi * (1.0 - degrees / 180.0));
      worst = std::max(worst, std::abs((*this)(z)));
    }
    return worst;
  }
};

}  // namespace ansatz::test
