#pragma once
/// Matrices of the tests, given row by row in global numbers.

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::test {

using Row = std::map<std::int64_t, double>;                ///< global column -> value
using RowFunction = std::function<Row(std::int64_t row)>;  ///< of a global row

/// Rows [first, first + count) of this rank.
struct Share {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Contiguous shares of `num_blocks` blocks; rank `empty` gets none (when there are several ranks).
inline Share share(const base::Communicator& comm, std::int64_t num_blocks, int block_size = 1, int empty = -1) {
  std::vector<int> working;
  for (int r = 0; r < comm.size(); ++r) {
    if (r != empty || comm.size() == 1) working.push_back(r);
  }
  const auto at = std::find(working.begin(), working.end(), comm.rank()) - working.begin();
  const auto n = static_cast<std::int64_t>(working.size());
  Share out;
  if (at < n) out.count = block_size * (num_blocks * (at + 1) / n - num_blocks * at / n);
  out.first = comm.exclusive_scan(out.count);
  return out;
}

/// Writes the values of `row_of` in the matrix's pattern.
inline void write_values(linear::SparseMatrix& matrix, const RowFunction& row_of) {
  const auto& p = matrix.pattern();
  matrix.begin_values();
  for (std::int32_t i = 0; i < p.num_owned; ++i) {
    Row row = row_of(p.first_global + i);
    for (auto k = p.diag_offsets[i]; k < p.diag_offsets[i + 1]; ++k) {
      matrix.diagonal_values()[k] = row[p.first_global + p.diag_columns[k]];
    }
    for (auto k = p.ghost_offsets[i]; k < p.ghost_offsets[i + 1]; ++k) {
      matrix.ghost_values()[k] = row[p.ghost_global[p.ghost_columns[k]]];
    }
  }
  matrix.end_values();
}

/// \param unused_ghosts global numbers that become ghosts where not owned, although no row may refer to them
inline std::unique_ptr<linear::SparseMatrix> make_matrix(const base::Communicator& comm, Share mine,
                                                         const RowFunction& row_of, int block_size = 1,
                                                         const std::set<std::int64_t>& unused_ghosts = {}) {
  auto pattern = std::make_shared<linear::Pattern>();
  pattern->num_owned = static_cast<std::int32_t>(mine.count);
  pattern->first_global = mine.first;
  const auto owned = [&](std::int64_t column) { return column >= mine.first && column < mine.first + mine.count; };
  std::set<std::int64_t> ghosts;
  for (const auto ghost : unused_ghosts) {
    if (!owned(ghost)) ghosts.insert(ghost);
  }
  for (std::int64_t i = 0; i < mine.count; ++i) {
    for (const auto& [column, value] : row_of(mine.first + i)) {
      if (!owned(column)) ghosts.insert(column);
    }
  }
  pattern->ghost_global.assign(ghosts.begin(), ghosts.end());
  pattern->diag_offsets = pattern->ghost_offsets = {0};
  for (std::int64_t i = 0; i < mine.count; ++i) {
    for (const auto& [column, value] : row_of(mine.first + i)) {
      if (owned(column)) {
        pattern->diag_columns.push_back(static_cast<PetscInt>(column - mine.first));
      } else {
        pattern->ghost_columns.push_back(static_cast<PetscInt>(std::distance(ghosts.begin(), ghosts.find(column))));
      }
    }
    pattern->diag_offsets.push_back(static_cast<PetscInt>(pattern->diag_columns.size()));
    pattern->ghost_offsets.push_back(static_cast<PetscInt>(pattern->ghost_columns.size()));
  }
  auto matrix = std::make_unique<linear::SparseMatrix>(comm, pattern, block_size);
  write_values(*matrix, row_of);
  return matrix;
}

/// Owned part of a vector given by global number.
inline std::vector<double> fill(Share mine, const std::function<double(std::int64_t)>& value) {
  std::vector<double> out;
  for (std::int64_t i = mine.first; i < mine.first + mine.count; ++i) out.push_back(value(i));
  return out;
}

/// Owned part of A x, computed row by row without the matrix.
inline std::vector<double> apply(Share mine, const RowFunction& row_of, const std::function<double(std::int64_t)>& x) {
  return fill(mine, [&](std::int64_t i) {
    double sum = 0.0;
    for (const auto& [column, value] : row_of(i)) sum += value * x(column);
    return sum;
  });
}

inline double largest_difference(const base::Communicator& comm, const std::vector<double>& a,
                                 const std::vector<double>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return comm.max(largest);
}

/// Second differences on a line of n points; ends: value fixed outside (Dirichlet) or no flux (Neumann).
inline RowFunction line_laplacian(std::int64_t n, bool neumann = false) {
  return [=](std::int64_t i) {
    Row row;
    double diagonal = neumann ? 0.0 : 2.0;
    for (const auto j : {i - 1, i + 1}) {
      if (j < 0 || j >= n) continue;
      row[j] = -1.0;
      if (neumann) diagonal += 1.0;
    }
    row[i] = diagonal;
    return row;
  };
}

/// Five-point Laplacian on n x n points, plus upwind differences of a wind along x and y of strength `wind`.
inline RowFunction square(std::int64_t n, double wind = 0.0) {
  return [=](std::int64_t i) {
    const auto x = i % n, y = i / n;
    Row row;
    row[i] = 4.0 + 2.0 * wind;
    if (x > 0) row[i - 1] = -1.0 - wind;
    if (x < n - 1) row[i + 1] = -1.0;
    if (y > 0) row[i - n] = -1.0 - wind;
    if (y < n - 1) row[i + n] = -1.0;
    return row;
  };
}

/// Wave that is no eigenvector of the matrices here.
inline double wave(std::int64_t i) { return std::sin(1.0 + 0.7 * static_cast<double>(i)) + 0.3; }

}  // namespace ansatz::test
