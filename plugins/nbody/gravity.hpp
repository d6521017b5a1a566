#pragma once
/// Newton's law of gravity, for any scalar.

#include <ansatz/sdk/dual.hpp>
#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace ansatz::nbody {

/// d / |d|^3: the acceleration towards a unit mass at the distance d, with G = 1.
template <class S, std::size_t dim>
std::array<S, dim> attraction(const std::array<S, dim>& d) {
  using std::sqrt;
  S square = d[0] * d[0];
  for (std::size_t c = 1; c < dim; ++c) square += d[c] * d[c];
  const S factor = 1.0 / (square * sqrt(square));
  std::array<S, dim> out;
  for (std::size_t c = 0; c < dim; ++c) out[c] = factor * d[c];
  return out;
}

/// Point masses in the plane or in space. Positions q and velocities v hold the coordinates of the first body, then
/// those of the second, ..., shapes (bodies, dimension).
class Gravity {
 public:
  /// \param constant G [m^3/(kg s^2), or in other units that fit]
  /// \param dimension 2 or 3
  Gravity(std::vector<double> masses, double constant, int dimension)
      : masses_(std::move(masses)), constant_(constant), dimension_(static_cast<std::size_t>(dimension)) {}

  /// a_i = G sum_j m_j (q_j - q_i) / |q_j - q_i|^3.
  template <class S>
  void accelerations(std::span<const S> q, std::span<S> a) const {
    dimension_ == 2 ? accelerations<2, S>(q, a) : accelerations<3, S>(q, a);
  }

  /// sum_i m_i |v_i|^2 / 2 - G sum_(i<j) m_i m_j / |q_i - q_j|.
  double energy(std::span<const double> q, std::span<const double> v) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < masses_.size(); ++i) {
      for (std::size_t c = 0; c < dimension_; ++c) {
        sum += 0.5 * masses_[i] * v[i * dimension_ + c] * v[i * dimension_ + c];
      }
      for (std::size_t j = i + 1; j < masses_.size(); ++j)
        sum -= constant_ * masses_[i] * masses_[j] / distance(q, i, j);
    }
    return sum;
  }

  /// sum_i m_i (x_i w_i - y_i u_i) about the axis that is normal to the coordinates `first` and `second`, w and u their
  /// rates.
  double angular_momentum(std::span<const double> q, std::span<const double> v, std::size_t first,
                          std::size_t second) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < masses_.size(); ++i) {
      const std::size_t x = i * dimension_ + first, y = i * dimension_ + second;
      sum += masses_[i] * (q[x] * v[y] - q[y] * v[x]);
    }
    return sum;
  }

  /// sum_i m_i v_i of one coordinate.
  double momentum(std::span<const double> v, std::size_t coordinate) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < masses_.size(); ++i) sum += masses_[i] * v[i * dimension_ + coordinate];
    return sum;
  }

  std::size_t dimension() const { return dimension_; }

 private:
  template <std::size_t dim, class S>
  void accelerations(std::span<const S> q, std::span<S> a) const {
    for (auto& x : a) x = S(0.0);
    for (std::size_t i = 0; i < masses_.size(); ++i) {
      for (std::size_t j = i + 1; j < masses_.size(); ++j) {
        std::array<S, dim> d;
        for (std::size_t c = 0; c < dim; ++c) d[c] = q[j * dim + c] - q[i * dim + c];
        const auto pull = attraction(d);
        for (std::size_t c = 0; c < dim; ++c) {
          a[i * dim + c] += (constant_ * masses_[j]) * pull[c];
          a[j * dim + c] -= (constant_ * masses_[i]) * pull[c];
        }
      }
    }
  }

  double distance(std::span<const double> q, std::size_t i, std::size_t j) const {
    double square = 0.0;
    for (std::size_t c = 0; c < dimension_; ++c) {
      const double d = q[j * dimension_ + c] - q[i * dimension_ + c];
      square += d * d;
    }
    return std::sqrt(square);
  }

  std::vector<double> masses_;
  double constant_;
  std::size_t dimension_;
};

}  // namespace ansatz::nbody
