#include "engine/reduced/interpolation/point_selection.hpp"

#include <algorithm>
#include <cmath>

#include "engine/reduced/algebra/dense.hpp"
#include "engine/reduced/interpolation/eim.hpp"

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

namespace {

[[noreturn]] void dependent(int column) {
  throw Error(ErrorKind::parameter, "column " + std::to_string(column) + " of the basis depends on those before",
              "reduced::select_points", "orthonormalise the basis first, and drop what is round-off");
}

/// Values of every column at a point. *Collective.*
std::vector<double> row_at(const base::Communicator& comm, const Block& columns, const MagicPoint& point) {
  std::vector<double> row(columns.num_columns());
  if (comm.rank() == point.rank) {
    for (int j = 0; j < columns.num_columns(); ++j) row[j] = columns.column(j)[point.index];
  }
  comm.broadcast(row.data(), row.size() * sizeof(double), point.rank);
  return row;
}

std::vector<MagicPoint> deim(const base::Communicator& comm, std::span<const std::int64_t> keys, const Block& basis) {
  Eim eim(comm, {keys.begin(), keys.end()});
  for (int j = 0; j < basis.num_columns(); ++j) {
    if (!eim.extend(basis.column(j), j)) dependent(j);
  }
  return eim.magic();
}

std::vector<MagicPoint> q_deim(const base::Communicator& comm, std::span<const std::int64_t> keys, Block rows) {
  const int p = rows.num_columns();
  std::vector<MagicPoint> points;
  std::vector<double> norms(keys.size());
  double first = 0.0;
  for (int step = 0; step < p; ++step) {
    std::ranges::fill(norms, 0.0);
    for (int j = 0; j < p; ++j) {
      for (std::size_t i = 0; i < norms.size(); ++i) norms[i] += rows.column(j)[i] * rows.column(j)[i];
    }
    for (double& v : norms) v = std::sqrt(v);
    const LargestEntry best = largest_entry(comm, keys, norms, 1);
    if (step == 0) first = best.value;
    if (!(best.value > 1e-14 * first)) dependent(step);
    points.push_back(best.point);
    std::vector<double> direction = row_at(comm, rows, best.point);
    double length = 0.0;
    for (const double v : direction) length += v * v;
    for (double& v : direction) v /= std::sqrt(length);
    std::ranges::fill(norms, 0.0);
    for (int j = 0; j < p; ++j) {
      for (std::size_t i = 0; i < norms.size(); ++i) norms[i] += direction[j] * rows.column(j)[i];
    }
    for (int j = 0; j < p; ++j) {
      for (std::size_t i = 0; i < norms.size(); ++i) rows.column(j)[i] -= direction[j] * norms[i];
    }
  }
  return points;
}

/// Sampled rows A of the first columns, and what they say of a further row r.
class SampledRows {
 public:
  explicit SampledRows(int columns) : columns_(columns), squares_(columns, 0.0) {}

  int size() const { return static_cast<int>(rows_.size()); }
  void add(std::vector<double> row) {
    for (int j = 0; j < columns_; ++j) squares_[j] += row[j] * row[j];
    rows_.push_back(std::move(row));
  }

  /// prod_j |A_j|^2 over the first `count` columns once r is added, relative to before where that is not 0.
  double lengths(std::span<const double> row, int count) const {
    double product = 1.0;
    for (int j = 0; j < count; ++j) {
      const double square = squares_[j] + row[j] * row[j];
      product *= squares_[j] > 0.0 ? square / squares_[j] : square;
    }
    return product;
  }

  /// Coefficients that make the first size() columns equal the next one at the sampled rows.
  std::vector<double> next_column() const {
    const int n = size();
    Dense A(n, n);
    std::vector<double> right(n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) A(i, j) = rows_[i][j];
      right[i] = rows_[i][n];
    }
    Lu(A).solve(right);
    return right;
  }

  /// Upper triangular R with A^T A = R^T R.
  Dense triangle() const {
    Dense gram(columns_, columns_);
    for (const auto& row : rows_) {
      for (int i = 0; i < columns_; ++i) {
        for (int j = 0; j < columns_; ++j) gram(i, j) += row[i] * row[j];
      }
    }
    Dense R = cholesky(std::move(gram));
    if (R.rows == 0) dependent(columns_ - 1);
    return R;
  }

 private:
  int columns_;
  std::vector<std::vector<double>> rows_;
  std::vector<double> squares_;
};

/// r^T (R^T R)^-1 r.
double inverse_form(const Dense& R, std::vector<double> r) {
  double sum = 0.0;
  for (int j = 0; j < R.columns; ++j) {
    for (int i = 0; i < j; ++i) r[j] -= R(i, j) * r[i];
    r[j] /= R(j, j);
    sum += r[j] * r[j];
  }
  return sum;
}

std::vector<MagicPoint> s_opt(const base::Communicator& comm, std::span<const std::int64_t> keys, const Block& basis,
                              int num_points) {
  const int p = basis.num_columns();
  SampledRows sampled(p);
  std::vector<MagicPoint> points;
  std::vector<double> score(keys.size()), row(p);
  std::vector<char> taken(keys.size(), 0);
  while (sampled.size() < num_points) {
    const int step = sampled.size();
    std::vector<double> c;
    Dense R;
    if (step > 0 && step < p) c = sampled.next_column();
    if (step >= p) R = sampled.triangle();
    for (std::size_t i = 0; i < score.size(); ++i) {
      for (int j = 0; j < p; ++j) row[j] = basis.column(j)[i];
      if (taken[i]) {
        score[i] = 0.0;
      } else if (step == 0) {
        score[i] = row[0] * row[0];
      } else if (step < p) {
        // det of the square grown by a row and a column is det A times what interpolation leaves.
        double left = row[step], size = std::abs(row[step]);
        for (int k = 0; k < step; ++k) {
          left -= c[k] * row[k];
          size += std::abs(c[k] * row[k]);
        }
        if (std::abs(left) <= 1e-14 * size) left = 0.0;
        score[i] = left * left / sampled.lengths(row, step + 1);
      } else {
        score[i] = (1.0 + inverse_form(R, row)) / sampled.lengths(row, p);
      }
    }
    const LargestEntry best = largest_entry(comm, keys, score, 1);
    if (!(best.value > 0.0)) dependent(step);
    if (best.point.rank == comm.rank()) taken[best.point.index] = 1;
    points.push_back(best.point);
    sampled.add(row_at(comm, basis, best.point));
  }
  return points;
}

}  // namespace

std::vector<MagicPoint> select_points(const base::Communicator& comm, std::span<const std::int64_t> keys,
                                      const Block& basis, PointRule rule, int num_points) {
  const int p = basis.num_columns();
  if (num_points == 0) num_points = p;
  const auto rows = comm.sum(static_cast<std::int64_t>(keys.size()));
  if (num_points < p || num_points > rows || (num_points > p && rule != PointRule::s_opt)) {
    throw Error(ErrorKind::parameter,
                std::to_string(num_points) + " points for a basis of " + std::to_string(p) + " columns and " +
                    std::to_string(rows) + " rows",
                "reduced::select_points", "take at least as many points as columns, and more of them only with S-OPT");
  }
  switch (rule) {
    case PointRule::deim:
      return deim(comm, keys, basis);
    case PointRule::q_deim:
      return q_deim(comm, keys, basis);
    case PointRule::s_opt:
      return s_opt(comm, keys, basis, num_points);
  }
  return {};
}

}  // namespace ansatz::reduced
