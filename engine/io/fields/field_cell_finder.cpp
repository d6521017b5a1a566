#include "engine/io/fields/field_cell_finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/narrow.hpp"
#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::io {
namespace {

constexpr double outside = 1e-8;  // of a cell: what round-off moves a point
constexpr double is_node = 1e-9;  // of a cell: closer points are the node
constexpr double flat = 1e-9;     // of the mesh: what the other coordinates may vary
constexpr double ulps = 16.0;     // of the largest coordinate

/// Lowest and highest value of coordinate k.
std::pair<double, double> range(const std::vector<double>& points, int k) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = k; i < points.size(); i += 3) {
    low = std::min(low, points[i]);
    high = std::max(high, points[i]);
  }
  return {low, high};
}

}  // namespace

FieldCellFinder::FieldCellFinder(const FieldFile& file, const FieldCells& cells, int dim)
    : file_(file), cells_(cells), dim_(dim), nodes_(file.nodes_per_cell()) {
  double extent = 0.0, largest = 0.0;
  for (int k = 0; k < 3; ++k) {
    const auto [low, high] = range(cells.points, k);
    if (cells.points.empty()) continue;
    if (k < dim) extent = std::max(extent, high - low);
    largest = std::max({largest, std::abs(low), std::abs(high)});
    if (k >= dim && high - low > std::max(flat * extent, ulps * file.spacing * largest)) {
      throw sdk::Error(
          sdk::ErrorKind::state,
          fmt::format("the cells of the file do not lie in {}", dim == 1 ? "a line along x" : "a plane z = constant"),
          file.path, "fields on curved surfaces and lines cannot be read");
    }
  }
  slack_ = {outside, ulps * file.spacing * largest};
  box_.assign(2 * dim, -std::numeric_limits<double>::infinity());
  std::fill_n(box_.begin(), dim, std::numeric_limits<double>::infinity());
  std::vector<double> boxes;
  const auto num_cells =
      base::narrow<std::int32_t>(cells.cells.size() / std::size_t(nodes_), "cells of a field file on one rank");
  for (std::int32_t c = 0; c < num_cells; ++c) {
    const auto box = mesh::cell_box(file.degree, nodes_of(c), dim, slack_);
    boxes.insert(boxes.end(), box.begin(), box.begin() + 2 * dim);
    for (int k = 0; k < dim; ++k) {
      box_[k] = std::min(box_[k], box[k]);
      box_[dim + k] = std::max(box_[dim + k], box[dim + k]);
    }
  }
  tree_ = mesh::BoxTree(dim, std::move(boxes));
}

std::vector<double> FieldCellFinder::nodes_of(std::int32_t cell) const {
  std::vector<double> nodes;
  for (int a = 0; a < nodes_; ++a) {
    const auto* point = cells_.points.data() + std::size_t(cells_.cells[std::size_t(cell) * nodes_ + a]) * 3;
    nodes.insert(nodes.end(), point, point + dim_);
  }
  return nodes;
}

void FieldCellFinder::interpolate(std::int32_t cell, const std::array<double, 3>& reference,
                                  std::span<double> values) const {
  const auto* points = cells_.cells.data() + std::size_t(cell) * nodes_;
  const auto lagrange = mesh::lagrange_nodes(file_.cell, file_.degree);
  for (int a = 0; a < nodes_; ++a) {
    double distance = 0.0;
    for (int k = 0; k < dim_; ++k) distance = std::max(distance, std::abs(reference[k] - lagrange[a].reference[k]));
    if (distance > is_node) continue;
    std::copy_n(cells_.values.data() + std::size_t(points[a]) * values.size(), values.size(), values.begin());
    return;
  }
  const auto basis = mesh::lagrange_values(file_.cell, file_.degree, reference);
  std::ranges::fill(values, 0.0);
  for (int a = 0; a < nodes_; ++a) {
    const auto* from = cells_.values.data() + std::size_t(points[a]) * values.size();
    for (std::size_t c = 0; c < values.size(); ++c) values[c] += basis[a] * from[c];
  }
}

FoundCell FieldCellFinder::at(std::span<const double> point, std::span<double> values) const {
  FoundCell found;
  std::vector<double> other(values.size());
  for (const auto cell : tree_.at(point)) {
    const auto reference = mesh::locate(file_.cell, file_.degree, nodes_of(cell), point, slack_);
    if (!reference) continue;
    if (found.cell < 0) {
      found.cell = cells_.first + cell;
      interpolate(cell, *reference, values);
      continue;
    }
    interpolate(cell, *reference, other);
    double size = 0.0, difference = 0.0;
    for (int a = 0; a < nodes_; ++a) {
      const auto* node =
          cells_.values.data() + std::size_t(cells_.cells[std::size_t(cell) * nodes_ + a]) * values.size();
      for (std::size_t c = 0; c < values.size(); ++c) size = std::max(size, std::abs(node[c]));
    }
    for (std::size_t c = 0; c < values.size(); ++c) {
      size = std::max(size, std::abs(values[c]));
      difference = std::max(difference, std::abs(values[c] - other[c]));
    }
    if (difference > 0.0) found.differs = std::max(found.differs, difference / size);
  }
  return found;
}

}  // namespace ansatz::io
