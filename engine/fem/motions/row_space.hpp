#pragma once
/// Which combinations of a few columns vanish in all of many rows.

#include <span>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::fem {

/// The triangular factor of all rows that were added, by rotations: R^T R = A^T A, without squaring the condition.
class RowSpace {
 public:
  explicit RowSpace(int num_columns) : n_(num_columns), R_(std::size_t(n_) * n_, 0.0) {}

  int num_columns() const { return n_; }
  /// \param row (num_columns), destroyed
  void add(std::span<double> row);
  /// Shape (num_columns, num_columns), upper triangular.
  std::span<const double> factor() const { return R_; }

 private:
  int n_;
  std::vector<double> R_;
};

/// One for each part of something, with the rows of all ranks. *Collective.*
/// \param mine of each part, those of this rank
std::vector<RowSpace> united(const base::Communicator& comm, const std::vector<RowSpace>& mine);

/// Euclidean norms of the columns of the rows. Shape (num_columns). Not collective.
std::vector<double> column_norms(const RowSpace& space);

/// A combination of columns that vanishes in all rows, or nearly.
struct NullCombination {
  std::vector<double> coefficients;  ///< (num_columns)
  bool nearly = false;               ///< what is left is small, but more than round-off
};

/// Elimination with complete pivoting on the factor.
/// \param scales (num_columns) the size of the terms that each column adds up; a column of scale 0 is zero
/// \param zero   remainders up to this, relative to their column's scale, are round-off
/// \param small  remainders up to this are nearly zero; at least `zero`
std::vector<NullCombination> null_combinations(const RowSpace& rows, std::span<const double> scales, double zero,
                                               double small);

}  // namespace ansatz::fem
