#include "engine/reduced/interpolation/selection.hpp"

#include <algorithm>
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

}  // namespace ansatz::reduced
