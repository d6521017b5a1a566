#include "engine/reduced/interpolation/point_fit.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::reduced {

namespace {

constexpr double cutoff = 1e-15;  // of singular values, relative to the largest: what is below is round-off

}  // namespace

Dense leading(const Dense& A, int rows, int columns) {
  Dense out(rows, columns);
  for (int j = 0; j < columns; ++j) std::ranges::copy(A.column(j).first(rows), out.column(j).begin());
  return out;
}

PointFit::PointFit(const Dense& basis, const Dense& upper) : upper_(leading(upper, basis.columns, basis.columns)) {
  if (basis.columns == 0) return;
  const bool is_short = basis.rows < basis.columns;
  Svd parts = svd(is_short ? multiply(basis, upper_) : basis);
  const double least = parts.s.empty() ? 0.0 : cutoff * parts.s.front();
  if (least == 0.0 || (!is_short && parts.s.back() <= least)) {
    throw sdk::Error(sdk::ErrorKind::parameter,
                     "the values at " + std::to_string(basis.rows) + " points do not determine an interpolation of " +
                         std::to_string(basis.columns) + " terms",
                     "reduced::PointFit", "interpolate with a larger tolerance, or at other points");
  }
  U_ = std::move(parts.U);
  V_ = std::move(parts.V);
  for (const double s : parts.s) inverse_.push_back(s > least ? 1.0 / s : 0.0);
}

void PointFit::solve(std::span<const double> values, std::span<double> x, std::span<double> scratch) const {
  std::ranges::fill(x, 0.0);
  for (std::size_t k = 0; k < inverse_.size(); ++k) {
    const auto u = U_.column(static_cast<int>(k));
    double sum = 0.0;
    for (std::size_t l = 0; l < values.size(); ++l) sum += u[l] * values[l];
    scratch[k] = sum * inverse_[k];
  }
  for (std::size_t k = 0; k < inverse_.size(); ++k) {
    const auto v = V_.column(static_cast<int>(k));
    for (std::size_t m = 0; m < x.size(); ++m) x[m] += v[m] * scratch[k];
  }
}

void PointFit::weights(std::span<const double> values, std::span<double> lambda, std::span<double> scratch) const {
  solve(values, lambda, scratch);
  if (!is_short()) solve_upper(upper_, lambda);
}

void PointFit::coefficients(std::span<const double> values, std::span<double> c, std::span<double> scratch) const {
  solve(values, c, scratch);
  if (!is_short()) return;
  for (std::size_t k = 0; k < c.size(); ++k) {
    double sum = 0.0;
    for (std::size_t m = k; m < c.size(); ++m) sum += upper_(static_cast<int>(k), static_cast<int>(m)) * c[m];
    c[k] = sum;
  }
}

std::vector<MagicPoint> points_of(const Eim& eim, PointRule rule, std::span<const PointBlock> blocks) {
  if (rule == PointRule::eim) return {eim.magic().begin(), eim.magic().begin() + blocks.back().points};
  return select_points(eim.comm(), eim.keys(), orthonormal_columns(eim.comm(), eim.basis()), rule, blocks);
}

double fit_remainder(const Eim& eim, std::span<const MagicPoint> points, const PointFit& fit, const Block& snapshots) {
  const Dense values = entries_at(eim.comm(), points.first(fit.num_points()), snapshots);
  std::vector<double> c(fit.terms()), scratch(fit.num_points()), left(snapshots.num_rows());
  double largest = 0.0;
  for (int j = 0; j < snapshots.num_columns(); ++j) {
    fit.coefficients(values.column(j), c, scratch);
    std::ranges::copy(snapshots.column(j), left.begin());
    for (int k = 0; k < fit.terms(); ++k) {
      const auto q = eim.basis().column(k);
      for (std::size_t i = 0; i < left.size(); ++i) left[i] -= c[k] * q[i];
    }
    for (const double v : left) largest = std::max(largest, std::abs(v));
  }
  return eim.comm().max(largest);
}

}  // namespace ansatz::reduced
