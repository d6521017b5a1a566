#include "engine/reduced/interpolation/cross_eim.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "engine/reduced/interpolation/selection.hpp"

namespace ansatz::reduced {

using sdk::Error;
using sdk::ErrorKind;

namespace {

struct Entry {
  int row = 0, column = 0;
  double value = 0.0;  ///< largest magnitude of all entries
};

/// Of those within the tie tolerance of the largest: first in order of (row + column), then by the lower of the two,
/// which neither variable can tell apart from its transpose.
Entry largest(const Dense& R) {
  Entry best;
  for (const double v : R.values) best.value = std::max(best.value, std::abs(v));
  const double threshold = best.value * (1.0 - tie_tolerance);
  bool found = false;
  for (int j = 0; j < R.columns; ++j) {
    for (int i = 0; i < R.rows; ++i) {
      if (std::abs(R(i, j)) < threshold) continue;
      const int sum = i + j, best_sum = best.row + best.column;
      if (found && (sum > best_sum || (sum == best_sum && std::min(i, j) >= std::min(best.row, best.column)))) continue;
      found = true;
      best.row = i;
      best.column = j;
    }
  }
  return best;
}

double norm_of(std::span<const double> values, CrossNorm norm) {
  double out = 0.0;
  for (const double v : values) {
    if (norm == CrossNorm::largest) out = std::max(out, std::abs(v));
    if (norm == CrossNorm::sum) out += std::abs(v);
    if (norm == CrossNorm::square) out += v * v;
  }
  return out;
}

int first_largest(std::span<const double> values) {
  const double threshold = (1.0 - tie_tolerance) * *std::ranges::max_element(values);
  return static_cast<int>(std::ranges::find_if(values, [=](double v) { return v >= threshold; }) - values.begin());
}

/// The entry to pick next; its value is that of the largest of all.
Entry choose(const Dense& R, CrossNorm norm) {
  Entry entry = largest(R);
  if (norm == CrossNorm::largest) return entry;
  std::vector<double> norms;
  for (int j = 0; j < R.columns; ++j) norms.push_back(norm_of(R.column(j), norm));
  entry.column = first_largest(norms);
  std::vector<double> magnitudes;
  for (const double v : R.column(entry.column)) magnitudes.push_back(std::abs(v));
  entry.row = first_largest(magnitudes);
  return entry;
}

/// One step of the recursion; each entry sees the two variables alike.
void eliminate(Dense& R, const Entry& at) {
  const double pivot = R(at.row, at.column);
  const std::vector<double> column(R.column(at.column).begin(), R.column(at.column).end());
  for (int j = 0; j < R.columns; ++j) {
    const double right = R(at.row, j);
    for (int i = 0; i < R.rows; ++i) R(i, j) -= column[i] * right / pivot;
    R(at.row, j) = 0.0;
  }
  std::ranges::fill(R.column(at.column), 0.0);
}

}  // namespace

Dense entries_of(const Dense& table, std::span<const int> rows, std::span<const int> columns) {
  Dense F(static_cast<int>(rows.size()), static_cast<int>(columns.size()));
  for (int m = 0; m < F.columns; ++m) {
    for (int l = 0; l < F.rows; ++l) F(l, m) = table(rows[l], columns[m]);
  }
  return F;
}

CrossEim::CrossEim(const Dense& table, int max_terms, double tolerance, CrossNorm norm) {
  if (table.values.empty()) {
    throw Error(ErrorKind::parameter, "there is nothing to interpolate in an empty table", "reduced::CrossEim",
                "sample both variables");
  }
  if (!std::ranges::all_of(table.values, [](double v) { return std::isfinite(v); })) {
    throw Error(ErrorKind::not_finite, "a table for interpolation has an entry that is not finite", "reduced::CrossEim",
                "restrict both variables to where the function is defined");
  }
  Dense R = table;
  const double noise = 50.0 * std::numeric_limits<double>::epsilon();
  while (true) {
    const Entry next = choose(R, norm);
    remainders_.push_back(next.value);
    if (size() >= max_terms || next.value <= std::max(tolerance, noise) * remainders_.front()) break;
    rows_.push_back(next.row);
    columns_.push_back(next.column);
    eliminate(R, next);
  }
  if (size() > 0) factors_.emplace_back(entries_of(table, rows_, columns_));
}

void CrossEim::weights(std::span<const double> values, std::span<double> c) const {
  if (values.data() != c.data()) std::ranges::copy(values, c.begin());
  if (!factors_.empty()) factors_.front().solve(c);
}

RectangularWeights::RectangularWeights(const Dense& F, double cutoff) : svd_(svd(F)) {
  if (F.rows == 0 || F.rows > F.columns || svd_.s.back() <= cutoff * svd_.s.front()) {
    throw Error(ErrorKind::parameter, "these sensors do not determine an interpolation", "reduced::RectangularWeights",
                "use independent sensors, and no more of them than fields");
  }
}

void RectangularWeights::weights(std::span<const double> values, std::span<double> c,
                                 std::span<double> workspace) const {
  const int k = static_cast<int>(svd_.s.size());
  for (int j = 0; j < k; ++j) {
    const auto u = svd_.U.column(j);
    double sum = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += u[i] * values[i];
    workspace[j] = sum / svd_.s[j];
  }
  std::ranges::fill(c, 0.0);
  for (int j = 0; j < k; ++j) {
    const auto v = svd_.V.column(j);
    for (std::size_t i = 0; i < c.size(); ++i) c[i] += v[i] * workspace[j];
  }
}

}  // namespace ansatz::reduced
