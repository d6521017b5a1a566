#pragma once
/// Full and banded matrices of small systems, and their factors.

#include <optional>
#include <span>
#include <vector>

#include "ansatz/sdk/ode.hpp"

namespace ansatz::time {

/// Full: column after column. Banded: each column holds `lower` rows for fill-in, then the band.
class OdeMatrix {
 public:
  OdeMatrix(std::size_t n, std::optional<sdk::OdeInfo::Band> band);

  /// From the layout of OdeSystem::jacobian().
  void assign(std::span<const double> jacobian);
  /// I - shift W.
  void assign_shifted(const OdeMatrix& W, double shift);
  /// A := its factors, with partial pivoting. \returns false where it is singular.
  bool factorise();
  /// x := A^-1 x, with what factorise() left.
  void solve(std::span<double> x) const;
  /// out = A x, of a matrix that is not factorised.
  void apply(std::span<const double> x, std::span<double> out) const;

  std::size_t stored() const { return jacobian_size_; }  ///< numbers that assign() takes

 private:
  double& entry(int i, int j) { return values_[std::size_t(j) * rows_ + offset_ + i - (full_ ? 0 : j)]; }
  double entry(int i, int j) const { return values_[std::size_t(j) * rows_ + offset_ + i - (full_ ? 0 : j)]; }

  int n_, lower_, upper_;
  bool full_;
  std::size_t rows_, offset_, jacobian_size_;
  std::vector<double> values_;
  std::vector<int> pivots_;
};

}  // namespace ansatz::time
