#pragma once
/// Several distributed vectors, each rank's rows of them together.

#include <cstddef>
#include <span>
#include <vector>

namespace ansatz::reduced {

/// Columns of equal length, one after the other: this rank's part of a set of distributed vectors. A rank may have no
/// rows.
class Block {
 public:
  explicit Block(std::size_t num_rows = 0) : num_rows_(num_rows) {}

  std::size_t num_rows() const { return num_rows_; }  ///< on this rank
  int num_columns() const { return num_columns_; }
  std::span<double> column(int j) { return {values_.data() + static_cast<std::size_t>(j) * num_rows_, num_rows_}; }
  std::span<const double> column(int j) const {
    return {values_.data() + static_cast<std::size_t>(j) * num_rows_, num_rows_};
  }
  const std::vector<double>& values() const { return values_; }  ///< (num_columns, num_rows)

  /// Adds a column, shape (num_rows).
  void append(std::span<const double> column) {
    values_.insert(values_.end(), column.begin(), column.end());
    ++num_columns_;
  }
  /// Keeps the first columns only.
  void truncate(int num_columns) {
    num_columns_ = num_columns;
    values_.resize(static_cast<std::size_t>(num_columns) * num_rows_);
  }

 private:
  std::size_t num_rows_;
  int num_columns_ = 0;
  std::vector<double> values_;
};

}  // namespace ansatz::reduced
