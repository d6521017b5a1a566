#pragma once
/// Numbering tools: blocks of ids by rank, positions in a sorted list of ids, order of first visit.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/narrow.hpp"

namespace ansatz::mesh {

/// Ids 0 … count - 1 in contiguous blocks of nearly equal size, one a rank.
struct Blocks {
  std::int64_t count = 0;
  int ranks = 1;

  std::int64_t begin(int rank) const { return count * rank / ranks; }
  std::int64_t size(int rank) const { return begin(rank + 1) - begin(rank); }
  int home(std::int64_t id) const { return static_cast<int>(((id + 1) * ranks - 1) / count); }
};

/// Distinct ids, ascending, with fast look-up of their positions: ids that lie densely are found at once.
class SortedIds {
 public:
  /// \param ids in any order, repeated or not.
  explicit SortedIds(std::vector<std::int64_t> ids) : ids_(std::move(ids)) {
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    if (ids_.empty()) return;
    base::narrow<std::int32_t>(ids_.size(), "points on one rank");
    while ((ids_.back() - ids_.front()) >> shift_ > static_cast<std::int64_t>(2 * ids_.size())) ++shift_;
    first_.assign(((ids_.back() - ids_.front()) >> shift_) + 2, 0);
    for (const auto id : ids_) ++first_[((id - ids_.front()) >> shift_) + 1];
    for (std::size_t bin = 1; bin < first_.size(); ++bin) first_[bin] += first_[bin - 1];
  }

  std::span<const std::int64_t> ids() const { return ids_; }
  std::size_t size() const { return ids_.size(); }

  /// Position of `id`, or -1.
  std::int32_t find(std::int64_t id) const {
    if (ids_.empty() || id < ids_.front() || id > ids_.back()) return -1;
    const auto bin = (id - ids_.front()) >> shift_;
    const auto last = ids_.begin() + first_[bin + 1];
    const auto at = std::lower_bound(ids_.begin() + first_[bin], last, id);
    return at != last && *at == id ? static_cast<std::int32_t>(at - ids_.begin()) : -1;
  }

 private:
  std::vector<std::int64_t> ids_;
  std::vector<std::int32_t> first_;  ///< first position of each bin of 2^shift_ ids
  int shift_ = 0;
};

/// Renumbers the values 0 … count - 1 in `rows` by their first visit, in place; returns the old value of each number.
inline std::vector<std::int32_t> number_by_visit(std::vector<std::int32_t>& rows, std::size_t count) {
  std::vector<std::int32_t> number(count, -1), old;
  for (auto& value : rows) {
    if (number[value] < 0) {
      number[value] = static_cast<std::int32_t>(old.size());
      old.push_back(value);
    }
    value = number[value];
  }
  return old;
}

}  // namespace ansatz::mesh
