#include "engine/mesh/topology/box_tree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/base/narrow.hpp"

namespace ansatz::mesh {
namespace {

constexpr std::int32_t leaf_size = 4;

}  // namespace

BoxTree::BoxTree(int dim, std::vector<double> boxes) : dim_(dim), boxes_(std::move(boxes)) {
  order_.resize(boxes_.size() / (2 * dim_));
  std::iota(order_.begin(), order_.end(), 0);
  if (!order_.empty()) build(0, base::narrow<std::int32_t>(order_.size(), "boxes around cells on one rank"));
}

bool BoxTree::contains(const double* box, std::span<const double> point) const {
  for (int k = 0; k < dim_; ++k) {
    if (!(point[k] >= box[k] && point[k] <= box[dim_ + k])) return false;
  }
  return true;
}

void BoxTree::build(std::int32_t first, std::int32_t last) {
  Branch branch{{}, first, last};
  for (int k = 0; k < dim_; ++k) {
    branch.box[k] = std::numeric_limits<double>::infinity();
    branch.box[dim_ + k] = -std::numeric_limits<double>::infinity();
  }
  for (auto i = first; i < last; ++i) {
    const double* box = boxes_.data() + std::size_t(order_[i]) * 2 * dim_;
    for (int k = 0; k < dim_; ++k) {
      branch.box[k] = std::min(branch.box[k], box[k]);
      branch.box[dim_ + k] = std::max(branch.box[dim_ + k], box[dim_ + k]);
    }
  }
  const auto here = branches_.size();
  branches_.push_back(branch);
  if (last - first <= leaf_size) return;
  int axis = 0;
  for (int k = 1; k < dim_; ++k) {
    if (branch.box[dim_ + k] - branch.box[k] > branch.box[dim_ + axis] - branch.box[axis]) axis = k;
  }
  const auto middle = first + (last - first) / 2;
  const auto twice_centre = [&](std::int32_t b) {
    return boxes_[std::size_t(b) * 2 * dim_ + axis] + boxes_[std::size_t(b) * 2 * dim_ + dim_ + axis];
  };
  std::ranges::nth_element(order_.begin() + first, order_.begin() + middle, order_.begin() + last, {}, twice_centre);
  build(first, middle);
  branches_[here].right = static_cast<std::int32_t>(branches_.size());
  build(middle, last);
}

void BoxTree::collect(std::int32_t b, std::span<const double> point, std::vector<std::int32_t>& found) const {
  const auto& branch = branches_[b];
  if (!contains(branch.box.data(), point)) return;
  if (branch.right != 0) {
    collect(b + 1, point, found);
    collect(branch.right, point, found);
    return;
  }
  for (auto i = branch.first; i < branch.last; ++i) {
    if (contains(boxes_.data() + std::size_t(order_[i]) * 2 * dim_, point)) found.push_back(order_[i]);
  }
}

std::vector<std::int32_t> BoxTree::at(std::span<const double> point) const {
  std::vector<std::int32_t> found;
  if (!branches_.empty()) collect(0, point, found);
  std::ranges::sort(found);
  return found;
}

}  // namespace ansatz::mesh
