#pragma once
/// Choice of the largest entry over all ranks, and of values there, the same whatever their number.

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/reduced/algebra/block.hpp"
#include "engine/reduced/algebra/dense.hpp"

namespace ansatz::reduced {

/// Entry at which an interpolation looks: where it lives, and its number in the canonical order.
struct MagicPoint {
  int rank = 0;           ///< that holds it
  std::size_t index = 0;  ///< among that rank's rows
  std::int64_t key = 0;   ///< canonical number, the same on any number of ranks
};

/// The largest of several columns of entries.
struct LargestEntry {
  double value = 0.0;  ///< largest magnitude
  int column = -1;     ///< -1 where there is no entry at all
  MagicPoint point;
};

/// Values closer than this, relative to the largest, count as equal.
inline constexpr double tie_tolerance = 1e-8;

/// Largest |entry| of the first columns of `values`, shape (num_columns, keys.size()). Of those that tie, the one with
/// the lowest key, then the lowest column. *Collective.*
LargestEntry largest_entry(const base::Communicator& comm, std::span<const std::int64_t> keys,
                           std::span<const double> values, int num_columns);

/// Entries of each column at points, shape (points.size(), columns.num_columns()). *Collective.*
Dense entries_at(const base::Communicator& comm, std::span<const MagicPoint> points, const Block& columns);

/// Sums over all ranks that are bit by bit the same in any order and on any number of ranks: of terms in [-1, 1],
/// rounded to whole multiples of 2^-(61 - bits of their number).
class OrderlessSums {
 public:
  /// \param num_terms of one sum, on all ranks together
  explicit OrderlessSums(std::int64_t num_terms);

  std::int64_t units(double term) const { return std::llround(term * per_unit_); }
  /// \param sums of units() on this rank, as many on every rank
  /// \returns their sums over all ranks. *Collective.*
  std::vector<double> total(const base::Communicator& comm, std::span<const std::int64_t> sums) const;

 private:
  double per_unit_;
};

}  // namespace ansatz::reduced
