#pragma once
/// Interpolations whose points are not the magic ones, or are more or fewer than the terms.

#include <span>
#include <vector>

#include "engine/reduced/interpolation/eim.hpp"
#include "engine/reduced/interpolation/point_selection.hpp"

namespace ansatz::reduced {

/// g ~ sum_k c_k q_k = sum_m lambda_m f_m from the values v_l = g(x_l) at any points.
///
/// At least as many points as terms: c = B^+ v with B_lk = q_k(x_l), the least squares, and lambda = U^-1 c with
/// f_m = sum_k q_k U_km. B is well conditioned where F_lm = f_m(x_l) = (B U)_lm is not. Fewer points: lambda = F^+ v,
/// the shortest weights that fit, which so keep to what the snapshots are like; c = U lambda (arXiv 1508.05330: a lost
/// sensor keeps its field). Small, replicated; nothing communicates, and nothing but the constructor allocates.
class PointFit {
 public:
  PointFit() = default;
  /// \param basis B, shape (num_points, terms)
  /// \param upper U, of the terms or more
  /// \throws sdk::Error of kind parameter where at least as many points as terms do not determine them, or F is 0
  PointFit(const Dense& basis, const Dense& upper);

  int num_points() const { return U_.rows; }
  int terms() const { return upper_.rows; }

  /// lambda, shape (terms).
  /// \param values shape (num_points)
  /// \param scratch shape (num_points)
  void weights(std::span<const double> values, std::span<double> lambda, std::span<double> scratch) const;
  /// c, shape (terms); the rest as above.
  void coefficients(std::span<const double> values, std::span<double> c, std::span<double> scratch) const;

 private:
  bool is_short() const { return num_points() < terms(); }
  void solve(std::span<const double> values, std::span<double> x, std::span<double> scratch) const;

  Dense U_, V_;  ///< of the singular value decomposition of B, or of F where points are fewer than terms
  std::vector<double> inverse_;  ///< of its singular values; 0: of round-off
  Dense upper_;
};

/// The leading rows and columns of a matrix.
Dense leading(const Dense& A, int rows, int columns);

/// Points for the terms of a trained interpolation, by a rule.
/// \param blocks ascending, as for select_points(). *Collective.*
std::vector<MagicPoint> points_of(const Eim& eim, PointRule rule, std::span<const PointBlock> blocks);

/// Largest entry that a fit leaves of any of some snapshots.
/// \param points of the fit \throws as comm. *Collective.*
double fit_remainder(const Eim& eim, std::span<const MagicPoint> points, const PointFit& fit, const Block& snapshots);

}  // namespace ansatz::reduced
