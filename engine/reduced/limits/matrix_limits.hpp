#pragma once
/// Limits of powers of a parametrised matrix, from their values at a few parameters (arXiv 1710.02488).

#include <functional>
#include <span>
#include <vector>

#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/interpolation/interpolation.hpp"

namespace ansatz::reduced {

/// For A(mu) = sum_p theta_p(mu) A_p: weights with A(mu)^j = sum_r lambda_r(mu) A(mu_r)^j for all j <= degree.
///
/// Any limit L of polynomials in A (inverse by Neumann's series, log-determinant by traces of powers, sign, square
/// root) inherits L(A(mu)) ~ sum_r lambda_r(mu) L(A(mu_r)), with values at the mu_r from a black box; the A_p are never
/// needed. Left out is what the limit has beyond the degree, times at most 1 + sum |lambda_r|: the error falls like the
/// series does, fast where A(mu) varies little beside its distance to where the limit ends to exist. The weights sum
/// to 1.
///
/// Behind it: empirical interpolation of all monomials up to the degree of the theta, each first scaled to [-1, 1].
class MatrixLimits {
 public:
  /// theta at a parameter.
  /// \param theta shape (num_theta)
  using Theta = std::function<void(std::span<const double> mu, std::span<double> theta)>;

  /// At most as many, as each becomes a value from a black box.
  static constexpr int most_monomials = 2000;
  /// Monomials up to a degree in some variables, (v + d)! / (v! d!).
  static double num_monomials(int num_variables, int degree);

  /// \param parameters to pick from, shape (num_parameters per point, num_points)
  /// \throws sdk::Error of kind parameter for a degree < 1, too many monomials, or fewer points than monomials;
  /// not_finite for theta that is not
  MatrixLimits(const Theta& theta, int num_theta, const Dense& parameters, int degree);

  int num_terms() const { return static_cast<int>(picks_.size()); }
  const std::vector<int>& picks() const { return picks_; }  ///< points mu_r

  /// lambda(mu), shape (num_terms()).
  /// \param workspace shape (num_theta)
  /// \returns sum |lambda_r|
  double weights(std::span<const double> mu, std::span<double> lambda, std::span<double> workspace) const;

 private:
  void scaled_theta(std::span<const double> mu, std::span<double> t) const;

  Theta theta_;
  std::vector<double> middle_, half_;  ///< of the range of each theta, half 0 for a constant
  std::vector<int> picks_;
  std::vector<std::vector<int>> exponents_;  ///< of the magic monomials
  Interpolation online_;
};

}  // namespace ansatz::reduced
