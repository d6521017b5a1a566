#include "engine/fem/evaluation/visual_sampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/base/narrow.hpp"
#include "engine/fem/elements/tabulation.hpp"

namespace ansatz::fem {
namespace {

/// Size of the box around a cell's points, by direction.
std::array<double, 3> extent_of(const mesh::Mesh& mesh, std::int32_t cell) {
  std::array<double, 3> extent{};
  const int n = mesh.points_per_cell();
  for (int i = 0; i < mesh.dim; ++i) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (int g = 0; g < n; ++g) {
      const double x = mesh.point(mesh.cell_points[std::size_t(cell) * n + g])[i];
      low = std::min(low, x);
      high = std::max(high, x);
    }
    extent[i] = high - low;
  }
  return extent;
}

/// Numbers of a cell's nodes in the order in which viewers get them. VTK documents the wedge with its triangle 0 1 2
/// turned away from 3 4 5, which is our prism mirrored: so its filters give prisms positive volumes.
std::vector<int> shown_order(mesh::CellType cell, int degree) {
  const auto mirrored = mesh::mirrored_nodes(cell, degree);
  std::vector<int> order(mirrored.begin(), mirrored.end());
  if (cell != mesh::CellType::prism) std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

VisualSampler::VisualSampler(const mesh::Mesh& mesh, std::shared_ptr<const mesh::NodeMap> nodes)
    : mesh_(mesh), nodes_(std::move(nodes)) {
  const int n = nodes_->nodes_per_cell, ng = mesh.points_per_cell();
  const Tabulation table = tabulate_at_nodes(mesh.cell, mesh.geometry_degree, nodes_->degree);
  const auto order = shown_order(mesh.cell, nodes_->degree);
  std::vector<std::int32_t> first(nodes_->num_local(), -1);  // first point of each node
  std::vector<std::int32_t> next;                            // further points of the same node
  // Places of one node are equal up to round-off, or a period apart, which is several cells.
  constexpr double round_off = 1e-3;  // of the cell's extent in each direction
  std::array<double, 3> extent{};
  const auto same_place = [&](std::int32_t point, const std::array<double, 3>& x) {
    for (int i = 0; i < 3; ++i) {
      if (std::abs(visual_.points[3 * std::size_t(point) + i] - x[i]) > round_off * extent[i]) return false;
    }
    return true;
  };
  for (std::int32_t cell = 0; cell < mesh.num_owned_cells; ++cell) {
    extent = extent_of(mesh, cell);
    for (const int a : order) {
      const auto node = nodes_->cell_nodes[std::size_t(cell) * n + a];
      std::array<double, 3> x{};
      for (int g = 0; g < ng; ++g) {
        const auto point = mesh.point(mesh.cell_points[std::size_t(cell) * ng + g]);
        for (int i = 0; i < mesh.dim; ++i) x[i] += table.values[a * ng + g] * point[i];
      }
      std::int32_t point = first[node];
      while (point >= 0 && !same_place(point, x)) point = next[point];
      if (point < 0) {
        point = base::narrow<std::int32_t>(point_node_.size(), "points to be shown on one rank");
        next.push_back(first[node]);
        first[node] = point;
        visual_.points.insert(visual_.points.end(), x.begin(), x.end());
        visual_.point_keys.insert(visual_.point_keys.end(), {nodes_->keys[node].low, nodes_->keys[node].high});
        point_node_.push_back(node);
        point_cell_.push_back(cell);
        point_local_.push_back(static_cast<std::uint8_t>(a));
      }
      visual_.connectivity.push_back(point);
    }
    visual_.offsets.push_back(static_cast<std::int64_t>(visual_.connectivity.size()));
    visual_.types.push_back(static_cast<std::uint8_t>(mesh::topology(mesh.cell).in_files[nodes_->degree - 1].vtk));
    visual_.cell_ids.push_back(mesh.cell_ids[cell]);
  }
}

std::vector<double> VisualSampler::field(const DofMap& dofs, int f, std::span<const double> local) const {
  const auto& space = dofs.fields()[f];
  const int nc = space.components, shown = nc == 1 ? 1 : 3, n = space.nodes->nodes_per_cell;
  const auto node_dofs = dofs.node_dofs(f);
  const Tabulation table = tabulate_at_nodes(mesh_.cell, space.nodes->degree, nodes_->degree);
  std::vector<double> values(point_node_.size() * shown, 0.0);
  for (std::size_t p = 0; p < point_node_.size(); ++p) {
    const double* basis = table.values.data() + point_local_[p] * n;
    for (int a = 0; a < n; ++a) {
      if (basis[a] == 0.0) continue;
      const double* u = local.data() + node_dofs[dofs.cell_node(f, point_cell_[p], a)];
      for (int c = 0; c < nc; ++c) values[p * shown + c] += basis[a] * u[c];
    }
  }
  return values;
}

std::vector<double> VisualSampler::nodal(std::span<const double> owned, int components) const {
  std::vector<double> ghosts(std::size_t(nodes_->num_ghosts()) * components);
  nodes_->exchange->forward(owned, ghosts, components);
  std::vector<double> values(point_node_.size() * components);
  for (std::size_t p = 0; p < point_node_.size(); ++p) {
    const auto node = point_node_[p];
    const double* from = node < nodes_->num_owned ? owned.data() + std::size_t(node) * components
                                                  : ghosts.data() + std::size_t(node - nodes_->num_owned) * components;
    std::copy_n(from, components, values.begin() + p * components);
  }
  return values;
}

}  // namespace ansatz::fem
