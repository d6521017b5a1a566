#include "engine/reduced/interpolation/selection.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ansatz::reduced {

namespace {

double largest_of(std::span<const double> values) {
  // Independent maxima, so that the loop vectorises.
  double part[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    for (int k = 0; k < 8; ++k) {
      const double v = std::abs(values[i + k]);
      part[k] = v > part[k] ? v : part[k];
    }
  }
  double largest = *std::max_element(part, part + 8);
  for (; i < values.size(); ++i) largest = std::max(largest, std::abs(values[i]));
  return largest;
}

}  // namespace

LargestEntry largest_entry(const base::Communicator& comm, std::span<const std::int64_t> keys,
                           std::span<const double> values, int num_columns) {
  const std::size_t n = keys.size();
  std::vector<double> maxima(num_columns);
  double largest = 0.0;
  for (int j = 0; j < num_columns; ++j) {
    maxima[j] = largest_of(values.subspan(j * n, n));
    largest = std::max(largest, maxima[j]);
  }
  LargestEntry best;
  best.value = comm.max(largest);
  const double threshold = best.value * (1.0 - tie_tolerance);
  for (int j = 0; j < num_columns; ++j) {
    if (maxima[j] < threshold) continue;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::abs(values[j * n + i]) < threshold) continue;
      if (best.column < 0 || keys[i] < best.point.key) {
        best.column = j;
        best.point = {comm.rank(), i, keys[i]};
      }
    }
  }
  for (const LargestEntry& other : comm.gather_all(std::span<const LargestEntry>(&best, 1))) {
    if (other.column < 0) continue;
    if (best.column < 0 || other.point.key < best.point.key) best = other;
  }
  return best;
}

Dense entries_at(const base::Communicator& comm, std::span<const MagicPoint> points, const Block& columns) {
  Dense values(static_cast<int>(points.size()), columns.num_columns());
  for (int j = 0; j < values.columns; ++j) {
    for (int l = 0; l < values.rows; ++l) {
      if (points[l].rank == comm.rank()) values(l, j) = columns.column(j)[points[l].index];
    }
  }
  values.values = comm.sum(values.values);
  return values;
}

OrderlessSums::OrderlessSums(std::int64_t num_terms)
    : per_unit_(std::ldexp(1.0, 61 - std::bit_width(static_cast<std::uint64_t>(num_terms)))) {}

std::vector<double> OrderlessSums::total(const base::Communicator& comm, std::span<const std::int64_t> sums) const {
  std::vector<std::int64_t> whole(sums.size(), 0);
  const auto all = comm.gather_all(sums);
  for (std::size_t i = 0; i < all.size(); ++i) whole[i % sums.size()] += all[i];
  std::vector<double> out;
  for (const auto sum : whole) out.push_back(static_cast<double>(sum) / per_unit_);
  return out;
}

}  // namespace ansatz::reduced
