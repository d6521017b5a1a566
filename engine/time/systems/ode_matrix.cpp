#include "engine/time/systems/ode_matrix.hpp"

#include <algorithm>
#include <cmath>

#include "engine/base/small_lu.hpp"

namespace ansatz::time {

OdeMatrix::OdeMatrix(std::size_t n, std::optional<sdk::OdeInfo::Band> band)
    : n_(static_cast<int>(n)),
      lower_(band ? band->lower : n_ - 1),
      upper_(band ? band->upper : n_ - 1),
      full_(!band),
      rows_(full_ ? n : 2 * std::size_t(lower_) + upper_ + 1),
      offset_(full_ ? 0 : std::size_t(lower_) + upper_),
      jacobian_size_(full_ ? n * n : n * (std::size_t(lower_) + upper_ + 1)),
      values_(n * rows_),
      pivots_(n) {}

void OdeMatrix::assign(std::span<const double> jacobian) {
  if (full_) return (void)std::ranges::copy(jacobian, values_.begin());
  std::ranges::fill(values_, 0.0);
  const std::size_t height = jacobian.size() / n_;
  for (int j = 0; j < n_; ++j) {
    for (int i = std::max(0, j - upper_); i <= std::min(n_ - 1, j + lower_); ++i) {
      entry(i, j) = jacobian[std::size_t(j) * height + upper_ + i - j];
    }
  }
}

void OdeMatrix::assign_shifted(const OdeMatrix& W, double shift) {
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = -shift * W.values_[i];
  for (int i = 0; i < n_; ++i) entry(i, i) += 1.0;
}

bool OdeMatrix::factorise() {
  if (full_) return base::factorise(values_, pivots_);
  int reach = 0;  // last column that a pivot row so far has entries in
  for (int k = 0; k < n_; ++k) {
    const int last = std::min(n_ - 1, k + lower_);
    int pivot = k;
    for (int i = k + 1; i <= last; ++i) {
      if (std::abs(entry(i, k)) > std::abs(entry(pivot, k))) pivot = i;
    }
    if (!(std::abs(entry(pivot, k)) > 0.0)) return false;
    pivots_[k] = pivot;
    reach = std::max(reach, std::min(n_ - 1, pivot + upper_));
    if (pivot != k) {
      for (int j = k; j <= reach; ++j) std::swap(entry(k, j), entry(pivot, j));
    }
    const double inverse = 1.0 / entry(k, k);
    double* const column = &entry(k, k);
    for (int i = 1; i <= last - k; ++i) column[i] *= inverse;
    for (int j = k + 1; j <= reach; ++j) {
      double* const other = &entry(k, j);
      const double factor = other[0];
      if (factor == 0.0) continue;
      for (int i = 1; i <= last - k; ++i) other[i] -= factor * column[i];
    }
  }
  return true;
}

void OdeMatrix::solve(std::span<double> x) const {
  if (full_) return base::solve_factorised(values_, pivots_, x);
  for (int k = 0; k < n_; ++k) {
    std::swap(x[k], x[pivots_[k]]);
    const double value = x[k];
    const double* const column = values_.data() + std::size_t(k) * rows_ + offset_;
    for (int i = 1; i <= std::min(n_ - 1 - k, lower_); ++i) x[k + i] -= column[i] * value;
  }
  for (int k = n_ - 1; k >= 0; --k) {
    const double* const column = values_.data() + std::size_t(k) * rows_ + offset_;
    const double value = x[k] /= column[0];
    const int first = std::max(0, k - upper_ - lower_);
    for (int i = first; i < k; ++i) x[i] -= column[i - k] * value;
  }
}

void OdeMatrix::apply(std::span<const double> x, std::span<double> out) const {
  std::ranges::fill(out, 0.0);
  for (int j = 0; j < n_; ++j) {
    for (int i = std::max(0, j - upper_); i <= std::min(n_ - 1, j + lower_); ++i) out[i] += entry(i, j) * x[j];
  }
}

}  // namespace ansatz::time
