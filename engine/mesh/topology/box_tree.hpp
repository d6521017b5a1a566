#pragma once
/// Finds the boxes that contain a point.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ansatz::mesh {

/// Axis-aligned boxes in a binary tree: each level divides them at the median of their centres along the longest
/// direction, so a point is looked up in O(log n) where boxes overlap little.
class BoxTree {
 public:
  BoxTree() = default;
  /// \param boxes (n, 2, dim): lowest corner, then highest
  /// \param dim 1 to 3
  BoxTree(int dim, std::vector<double> boxes);

  /// Numbers of the boxes that contain the point, ascending.
  /// \param point (dim). Not collective.
  std::vector<std::int32_t> at(std::span<const double> point) const;

 private:
  struct Branch {
    std::array<double, 6> box;  ///< around all boxes below
    std::int32_t first, last;   ///< boxes below: order_[first] … order_[last - 1]
    std::int32_t right = 0;     ///< second branch; the first comes right after this one; 0: a leaf
  };

  bool contains(const double* box, std::span<const double> point) const;
  void build(std::int32_t first, std::int32_t last);
  void collect(std::int32_t branch, std::span<const double> point, std::vector<std::int32_t>& found) const;

  int dim_ = 1;
  std::vector<double> boxes_;
  std::vector<std::int32_t> order_;
  std::vector<Branch> branches_;
};

}  // namespace ansatz::mesh
