#pragma once
/// Bodies in a plane that attract each other, G = 1.

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "engine/time/learning/hermite.hpp"

namespace ansatz::test {

/// Positions and velocities as x, y of each body.
class Gravity final : public time::JerkFunction {
 public:
  explicit Gravity(std::vector<double> masses) : masses_(std::move(masses)) {}

  std::size_t size() const override { return 2 * masses_.size(); }

  void evaluate(std::span<const double> x, std::span<const double> v, std::span<double> a,
                std::span<double> jerk) override {
    std::fill(a.begin(), a.end(), 0.0);
    std::fill(jerk.begin(), jerk.end(), 0.0);
    for_pairs(x, v, [&](std::size_t i, std::size_t j, const Pair& p) {
      const double r3 = p.r * p.r * p.r, alpha = 3.0 * (p.dx * p.dvx + p.dy * p.dvy) / (p.r * p.r);
      const std::array<double, 2> d{p.dx / r3, p.dy / r3}, e{(p.dvx - alpha * p.dx) / r3, (p.dvy - alpha * p.dy) / r3};
      for (std::size_t c = 0; c < 2; ++c) {
        a[2 * i + c] += masses_[j] * d[c];
        a[2 * j + c] -= masses_[i] * d[c];
        jerk[2 * i + c] += masses_[j] * e[c];
        jerk[2 * j + c] -= masses_[i] * e[c];
      }
    });
  }

  /// min over pairs of r / |v| and sqrt(r / a), a = (m_i + m_j) / r^2.
  double shortest_time(std::span<const double> x, std::span<const double> v) const override {
    double least = std::numeric_limits<double>::infinity();
    for_pairs(x, v, [&](std::size_t i, std::size_t j, const Pair& p) {
      const double speed = std::hypot(p.dvx, p.dvy), a = (masses_[i] + masses_[j]) / (p.r * p.r);
      least = std::min({least, p.r / speed, std::sqrt(p.r / a)});
    });
    return least;
  }

  double energy(std::span<const double> x, std::span<const double> v) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < masses_.size(); ++i)
      sum += 0.5 * masses_[i] * (v[2 * i] * v[2 * i] + v[2 * i + 1] * v[2 * i + 1]);
    for_pairs(x, v, [&](std::size_t i, std::size_t j, const Pair& p) { sum -= masses_[i] * masses_[j] / p.r; });
    return sum;
  }

 private:
  struct Pair {
    double dx, dy, dvx, dvy, r;  ///< of the second relative to the first
  };
  template <class Work>
  void for_pairs(std::span<const double> x, std::span<const double> v, const Work& work) const {
    for (std::size_t i = 0; i < masses_.size(); ++i) {
      for (std::size_t j = i + 1; j < masses_.size(); ++j) {
        const double dx = x[2 * j] - x[2 * i], dy = x[2 * j + 1] - x[2 * i + 1];
        work(i, j, {dx, dy, v[2 * j] - v[2 * i], v[2 * j + 1] - v[2 * i + 1], std::hypot(dx, dy)});
      }
    }
  }

  std::vector<double> masses_;
};

/// The published three-body problem of a seed: masses of the sun, lengths in AU, in units with G = 1, the mass of all
/// three and 1 AU (research/time_and_linear.md, 3a). NumPy's legacy generator draws the places.
struct ThreeBodies {
  std::vector<double> masses{1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}, x, v;
  static constexpr double kilometre_per_second = 0.01938376;  ///< in units of the velocity
  static constexpr double year = 10.882796185405306;          ///< in units of time: 2 pi sqrt(3)

  explicit ThreeBodies(std::uint32_t seed) {
    std::mt19937 generator(seed);
    const auto uniform = [&] {
      const auto a = generator() >> 5, b = generator() >> 6;
      return (a * 67108864.0 + b) / 9007199254740992.0;
    };
    const double x1 = 5.0 + 15.0 * uniform(), y1 = 10.0 * uniform(), x2 = -10.0 * uniform(),
                 y2 = 5.0 + 15.0 * uniform();
    x = {0.0, 0.0, x1, y1, x2, y2};
    v = {0.0, 10.0 * kilometre_per_second, -10.0 * kilometre_per_second, 0.0, 0.0, 0.0};
    for (auto* vector : {&x, &v}) {
      for (std::size_t c = 0; c < 2; ++c) {
        const double mean = ((*vector)[c] + (*vector)[2 + c] + (*vector)[4 + c]) / 3.0;
        for (std::size_t i = 0; i < 3; ++i) (*vector)[2 * i + c] -= mean;
      }
    }
  }
};

}  // namespace ansatz::test
