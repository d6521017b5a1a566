#include "engine/reduced/interpolation/point_selection.hpp"

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"

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

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// out := sum_j factor_j column_j, entry by entry.
void combine(const Block& columns, std::span<const double> factors, std::vector<double>& out) {
  std::ranges::fill(out, 0.0);
  for (std::size_t j = 0; j < factors.size(); ++j) {
    const auto v = columns.column(static_cast<int>(j));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += factors[j] * v[i];
  }
}

/// Projects the row at a point out of all rows. *Collective.*
void project_out(const base::Communicator& comm, const MagicPoint& point, Block& rows) {
  std::vector<double> direction = row_at(comm, rows, point), parts(rows.num_rows());
  const double length = norm(direction);
  for (double& v : direction) v /= length;
  combine(rows, direction, parts);
  for (int j = 0; j < rows.num_columns(); ++j) {
    for (std::size_t i = 0; i < parts.size(); ++i) rows.column(j)[i] -= direction[j] * parts[i];
  }
}

void q_deim(const base::Communicator& comm, std::span<const std::int64_t> keys, Block rows, int num_points,
            std::vector<MagicPoint>& points) {
  const auto longest = [&] {
    std::vector<double> norms(keys.size(), 0.0);
    for (int j = 0; j < rows.num_columns(); ++j) {
      for (std::size_t i = 0; i < norms.size(); ++i) norms[i] += rows.column(j)[i] * rows.column(j)[i];
    }
    for (double& v : norms) v = std::sqrt(v);
    return largest_entry(comm, keys, norms, 1);
  };
  const double first = longest().value;
  for (const auto& point : points) project_out(comm, point, rows);
  while (static_cast<int>(points.size()) < num_points) {
    const LargestEntry best = longest();
    if (!(best.value > 1e-14 * first)) dependent(static_cast<int>(points.size()));
    points.push_back(best.point);
    project_out(comm, best.point, rows);
  }
}

/// S-OPT: the sampled rows A of the columns in regard, and what they say of every further row r.
class SOptimal {
 public:
  SOptimal(const base::Communicator& comm, std::span<const std::int64_t> keys, const Block& basis)
      : comm_(comm), keys_(keys), basis_(basis), leverage_(keys.size(), 0.0), taken_(keys.size(), 0) {}

  const std::vector<MagicPoint>& points() const { return points_; }

  /// One more point, and one more column unless there are as many as `most_columns`. *Collective.*
  void add_point(int most_columns) {
    const bool grows = columns_ < most_columns;
    if (grows) regress();
    std::vector<double> score(keys_.size());
    if (grows) combine_left(score);
    const auto lengths = lengths_with_row(columns_ + (grows ? 1 : 0));
    for (std::size_t i = 0; i < score.size(); ++i) {
      // The determinant grows by what the new column leaves of its regression on the others, old and new row together.
      const double growth = grows ? (1.0 + leverage_[i]) * left_ + score[i] * score[i] : 1.0 + leverage_[i];
      const bool counts = taken_[i] == 0 && lengths[i] > 0.0;
      score[i] = !counts ? 0.0 : columns_ == 0 ? growth : growth / lengths[i];  // one entry alone has S = 1
    }
    const LargestEntry best = largest_entry(comm_, keys_, score, 1);
    if (!(best.value > 0.0)) dependent(columns_);
    take(best.point);
    if (!grows) return;
    regress();
    std::vector<double> left(keys_.size());
    combine_left(left);
    ++columns_;
    for (std::size_t i = 0; i < left.size(); ++i) leverage_[i] += left[i] * left[i] / left_;
  }

 private:
  int size() const { return static_cast<int>(rows_.size()); }

  /// Sampled rows of the columns in regard.
  Dense sampled() const {
    Dense A(size(), columns_);
    for (int i = 0; i < A.rows; ++i) {
      for (int j = 0; j < A.columns; ++j) A(i, j) = rows_[i][j];
    }
    return A;
  }

  /// Coefficients of the next column on those in regard at the sampled rows, and the square of what they leave.
  void regress() {
    std::vector<double> right;
    for (const auto& row : rows_) right.push_back(row[columns_]);
    coefficients_.clear();
    if (columns_ == 0) {
      left_ = dot(right, right);
      return;
    }
    const Qr factors = qr(sampled());
    for (int j = 0; j < columns_; ++j) {
      if (factors.R(j, j) == 0.0) dependent(j);
      coefficients_.push_back(dot(factors.Q.column(j), right));
      for (std::size_t i = 0; i < right.size(); ++i) right[i] -= coefficients_.back() * factors.Q.column(j)[i];
    }
    left_ = size() > columns_ ? dot(right, right) : 0.0;
    for (int j = columns_ - 1; j >= 0; --j) {
      coefficients_[j] /= factors.R(j, j);
      for (int i = 0; i < j; ++i) coefficients_[i] -= factors.R(i, j) * coefficients_[j];
    }
  }

  /// What the regression leaves of the next column in every row; 0 where that is round-off.
  void combine_left(std::vector<double>& left) const {
    const auto next = basis_.column(columns_);
    std::vector<double> sizes(left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      left[i] = next[i];
      sizes[i] = std::abs(next[i]);
    }
    for (int j = 0; j < columns_; ++j) {
      const auto v = basis_.column(j);
      for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] -= coefficients_[j] * v[i];
        sizes[i] += std::abs(coefficients_[j] * v[i]);
      }
    }
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = std::abs(left[i]) <= 1e-14 * sizes[i] ? 0.0 : left[i];
  }

  /// prod_j |A_j|^2 over the first columns with each row added, relative to before where that is not 0.
  std::vector<double> lengths_with_row(int count) const {
    std::vector<double> product(keys_.size(), 1.0);
    for (int j = 0; j < count; ++j) {
      double square = 0.0;
      for (const auto& row : rows_) square += row[j] * row[j];
      const auto v = basis_.column(j);
      for (std::size_t i = 0; i < product.size(); ++i)
        product[i] *= square > 0.0 ? (square + v[i] * v[i]) / square : v[i] * v[i];
    }
    return product;
  }

  /// Adds a row; the leverage r^T (A^T A)^-1 r of every row becomes that with it.
  void take(const MagicPoint& point) {
    std::vector<double> row = row_at(comm_, basis_, point);
    if (columns_ > 0) {
      const Qr factors = qr(sampled());
      std::vector<double> g(row.begin(), row.begin() + columns_), along(keys_.size());
      for (int j = 0; j < columns_; ++j) {
        for (int i = 0; i < j; ++i) g[j] -= factors.R(i, j) * g[i];
        g[j] /= factors.R(j, j);
      }
      const double own = 1.0 + dot(g, g);
      for (int j = columns_ - 1; j >= 0; --j) {
        g[j] /= factors.R(j, j);
        for (int i = 0; i < j; ++i) g[i] -= factors.R(i, j) * g[j];
      }
      combine(basis_, g, along);
      for (std::size_t i = 0; i < along.size(); ++i)
        leverage_[i] = std::max(leverage_[i] - along[i] * along[i] / own, 0.0);
    }
    if (point.rank == comm_.rank()) taken_[point.index] = 1;
    points_.push_back(point);
    rows_.push_back(std::move(row));
  }

  const base::Communicator& comm_;
  std::span<const std::int64_t> keys_;
  const Block& basis_;
  std::vector<double> leverage_;
  std::vector<char> taken_;
  std::vector<MagicPoint> points_;
  std::vector<std::vector<double>> rows_;
  int columns_ = 0;
  std::vector<double> coefficients_;
  double left_ = 0.0;
};

/// Gram matrix, bit by bit the same on any number of ranks. *Collective.*
Dense gram_matrix(const base::Communicator& comm, const Block& V) {
  double largest = 0.0;
  for (const double v : V.values()) largest = std::max(largest, std::abs(v));
  largest = comm.max(largest);
  Dense gram(V.num_columns(), V.num_columns());
  if (largest == 0.0) return gram;
  const OrderlessSums sums(comm.sum(static_cast<std::int64_t>(V.num_rows())));
  std::vector<std::int64_t> units(gram.values.size(), 0);
  for (int j = 0; j < gram.columns; ++j) {
    for (int i = 0; i <= j; ++i) {
      const auto a = V.column(i), b = V.column(j);
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < a.size(); ++k) sum += sums.units((a[k] / largest) * (b[k] / largest));
      units[static_cast<std::size_t>(j) * gram.rows + i] = sum;
    }
  }
  gram.values = sums.total(comm, units);
  for (double& v : gram.values) v *= largest * largest;
  return gram;
}

}  // namespace

Block orthonormal_columns(const base::Communicator& comm, Block Q) {
  constexpr int most_passes = 6;
  for (int pass = 0; pass < most_passes; ++pass) {
    Dense G = gram_matrix(comm, Q);
    double defect = 0.0, trace = 0.0;
    for (int j = 0; j < G.columns; ++j) {
      trace += G(j, j);
      for (int i = 0; i <= j; ++i) defect = std::max(defect, std::abs(G(i, j) - (i == j ? 1.0 : 0.0)));
    }
    if (defect <= 1e-6) return Q;
    Dense R = cholesky(G);
    // Columns that are nearly dependent: a shift, which further passes take back.
    for (double shift = 1e-14; R.rows == 0 && shift < 1e-3; shift *= 10.0) {
      for (int j = 0; j < G.columns; ++j) G(j, j) += shift * trace;
      R = cholesky(G);
    }
    if (R.rows != G.rows) break;
    for (int j = 0; j < R.columns; ++j) {
      for (int i = 0; i < j; ++i) {
        for (std::size_t k = 0; k < Q.num_rows(); ++k) Q.column(j)[k] -= R(i, j) * Q.column(i)[k];
      }
      for (double& v : Q.column(j)) v /= R(j, j);
    }
  }
  dependent(Q.num_columns() - 1);
}

std::vector<MagicPoint> select_points(const base::Communicator& comm, std::span<const std::int64_t> keys,
                                      const Block& basis, PointRule rule, std::span<const PointBlock> blocks) {
  const auto rows = comm.sum(static_cast<std::int64_t>(keys.size()));
  std::vector<MagicPoint> points;
  SOptimal s_opt(comm, keys, basis);
  for (const auto& block : blocks) {
    if (block.columns > basis.num_columns() || block.points > rows ||
        (block.points > block.columns && rule != PointRule::s_opt)) {
      throw Error(ErrorKind::parameter,
                  std::to_string(block.points) + " points for " + std::to_string(block.columns) +
                      " columns of a basis with " + std::to_string(rows) + " rows",
                  "reduced::select_points", "take more points than columns only with S-OPT, and no more than rows");
    }
    if (rule == PointRule::q_deim) {
      Block leading = basis;
      leading.truncate(block.columns);
      q_deim(comm, keys, std::move(leading), block.points, points);
    }
    while (rule == PointRule::s_opt && static_cast<int>(s_opt.points().size()) < block.points)
      s_opt.add_point(block.columns);
  }
  return rule == PointRule::s_opt ? s_opt.points() : points;
}

}  // namespace ansatz::reduced
