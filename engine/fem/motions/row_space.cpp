#include "engine/fem/motions/row_space.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ansatz::fem {
namespace {

/// Gauss-Jordan elimination of a square matrix. Columns are `strong`, then `weak` pivots, or free.
class Elimination {
 public:
  Elimination(std::span<const double> R, std::span<const double> scales)
      : n_(static_cast<int>(scales.size())), M_(R.begin(), R.end()), scales_(scales), row_of_(n_, -1) {}

  /// Eliminates with pivots above `limit`; later pivots leave the rows of the stage before as they are.
  std::vector<int> eliminate(double limit) {
    const int first = done_;
    std::vector<int> pivots;
    while (done_ < n_) {
      int row = -1, column = -1;
      double largest = limit;
      for (int j = 0; j < n_; ++j) {
        if (row_of_[j] >= 0 || scales_[j] == 0.0) continue;
        for (int i = done_; i < n_; ++i) {
          const double size = std::abs(at(i, j)) / scales_[j];
          if (!(size > largest)) continue;
          largest = size;
          row = i;
          column = j;
        }
      }
      if (row < 0) break;
      for (int j = 0; j < n_; ++j) std::swap(at(row, j), at(done_, j));
      for (int i = first; i < n_; ++i) {
        if (i == done_) continue;
        const double factor = at(i, column) / at(done_, column);
        if (factor == 0.0) continue;
        for (int j = 0; j < n_; ++j) at(i, j) -= factor * at(done_, j);
        at(i, column) = 0.0;
      }
      row_of_[column] = done_++;
      pivots.push_back(column);
    }
    return pivots;
  }

  bool is_free(int column) const { return row_of_[column] < 0; }

  /// x of the pivots from the entries of x that are set.
  void solve_for(const std::vector<int>& pivots, std::vector<double>& x) const {
    auto solution = x;
    for (const int p : pivots) {
      double sum = 0.0;
      for (int j = 0; j < n_; ++j) {
        if (j != p) sum += M_[row_of_[p] * n_ + j] * x[j];
      }
      solution[p] = -sum / M_[row_of_[p] * n_ + p];
    }
    x = std::move(solution);
  }

 private:
  double& at(int i, int j) { return M_[i * n_ + j]; }

  int n_, done_ = 0;
  std::vector<double> M_;
  std::span<const double> scales_;
  std::vector<int> row_of_;  ///< of pivot columns
};

}  // namespace

void RowSpace::add(std::span<double> row) {
  for (int k = 0; k < n_; ++k) {
    if (row[k] == 0.0) continue;
    double* pivot = R_.data() + std::size_t(k) * n_;
    const double length = std::hypot(pivot[k], row[k]), c = pivot[k] / length, s = row[k] / length;
    for (int j = k; j < n_; ++j) {
      const double p = pivot[j], r = row[j];
      pivot[j] = c * p + s * r;
      row[j] = c * r - s * p;
    }
    row[k] = 0.0;
  }
}

std::vector<NullCombination> null_combinations(const RowSpace& rows, std::span<const double> scales, double zero,
                                               double small) {
  const int n = rows.num_columns();
  Elimination elimination(rows.factor(), scales);
  const auto strong = elimination.eliminate(small), weak = elimination.eliminate(zero);
  std::vector<NullCombination> found;
  const auto keep = [&](std::vector<double> x, bool nearly) {
    double largest = 0.0;
    for (const double value : x) largest = std::max(largest, std::abs(value));
    for (double& value : x) {
      if (std::abs(value) <= zero * largest) value = 0.0;
    }
    found.push_back({std::move(x), nearly});
  };
  for (const int column : weak) {
    std::vector<double> x(n, 0.0);
    x[column] = 1.0;
    elimination.solve_for(strong, x);
    keep(std::move(x), true);
  }
  for (int column = 0; column < n; ++column) {
    if (!elimination.is_free(column)) continue;
    std::vector<double> x(n, 0.0);
    x[column] = 1.0;
    elimination.solve_for(weak, x);
    elimination.solve_for(strong, x);
    keep(std::move(x), false);
  }
  return found;
}

std::vector<RowSpace> united(const base::Communicator& comm, const std::vector<RowSpace>& mine) {
  std::vector<double> rows;
  for (std::size_t part = 0; part < mine.size(); ++part) {
    const auto R = mine[part].factor();
    for (std::size_t first = 0; first < R.size(); first += mine[part].num_columns()) {
      const auto row = R.subspan(first, mine[part].num_columns());
      if (std::ranges::all_of(row, [](double x) { return x == 0.0; })) continue;
      rows.push_back(static_cast<double>(part));
      rows.insert(rows.end(), row.begin(), row.end());
    }
  }
  std::vector<RowSpace> all;
  for (const auto& space : mine) all.emplace_back(space.num_columns());
  rows = comm.gather_all(std::span<const double>(rows));
  for (std::size_t i = 0; i < rows.size();) {
    auto& space = all[static_cast<std::size_t>(rows[i])];
    space.add(std::span(rows).subspan(i + 1, space.num_columns()));
    i += 1 + space.num_columns();
  }
  return all;
}

std::vector<double> column_norms(const RowSpace& space) {
  const int n = space.num_columns();
  std::vector<double> norms(n, 0.0);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) norms[j] = std::hypot(norms[j], space.factor()[i * n + j]);
  }
  return norms;
}

}  // namespace ansatz::fem
