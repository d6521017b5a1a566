#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/raw_mesh.hpp"
#include "mesh_parts.hpp"

namespace ansatz::sdk {
namespace {

using Place = std::array<double, 3>;

constexpr double exact = 1e-10;      // of a cell or edge: how far nodes may lie from where a geometry has them
constexpr double same_place = 1e-6;  // in reference coordinates

/// Position of each plain node among the nodes of a file's cell; nothing where one is missing.
std::optional<std::vector<int>> positions(const FileCell& type, int degree) {
  std::vector<int> order;
  for (const auto& [dimension, vertices, num_vertices, node] : lagrange_nodes(type.cell, degree)) {
    const auto at = std::ranges::find_if(type.nodes, [&](const Place& place) {
      return std::abs(place[0] - node[0]) + std::abs(place[1] - node[1]) + std::abs(place[2] - node[2]) < same_place;
    });
    if (at == type.nodes.end()) return std::nullopt;
    order.push_back(static_cast<int>(at - type.nodes.begin()));
  }
  return order;
}

/// Values at a place of the basis of a geometry, in VTK's order.
std::vector<double> basis(CellType type, int degree, const Place& x) {
  const auto& cell = cell_shape(type);
  std::vector<double> values;
  for (int v = 0; v < cell.num_vertices; ++v) values.push_back(vertex_function(cell, v, x));
  if (degree == 1) return values;
  for (const auto& [a, b] : cell.edges) values.push_back(4 * values[a] * values[b]);
  for (int v = 0; v < cell.num_vertices; ++v) values[v] *= 2 * values[v] - 1;
  return values;
}

/// Diagonal of the box around points, and the largest coordinate.
std::pair<double, double> extent(std::span<const std::int64_t> nodes, std::span<const double> points) {
  double diagonal = 0.0, largest = 0.0;
  for (int k = 0; k < 3; ++k) {
    double low = INFINITY, high = -INFINITY;
    for (const auto p : nodes) {
      low = std::min(low, points[3 * p + k]);
      high = std::max(high, points[3 * p + k]);
    }
    diagonal += (high - low) * (high - low);
    largest = std::max({largest, std::abs(low), std::abs(high)});
  }
  return {std::sqrt(diagonal), largest};
}

/// A node through which a geometry does not go.
struct Miss {
  std::size_t cell;
  std::int64_t point;
};

/// Where a geometry has the nodes of one cell, and whether the cell has them there.
class Fit {
 public:
  /// \param order of the geometry's nodes among those of the cell
  Fit(const FileCell& type, int degree, const std::vector<int>& order, std::span<const double> points, double rounding)
      : order_(order),
        points_(points),
        rounding_(rounding),
        is_own_(type.nodes.size(), false),
        places_(type.nodes.size()) {
    for (const auto& place : type.nodes) weights_.push_back(basis(type.cell, degree, place));
    for (const int i : order) is_own_[i] = true;
  }

  /// A node through which the geometry does not go. Nodes that the geometry does not have itself may be in any order,
  /// in which writers differ.
  std::optional<std::int64_t> miss(std::span<const std::int64_t> nodes) {
    const auto [size, largest] = extent(nodes, points_);
    const double tolerance = exact * size + 8 * rounding_ * largest;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      places_[i] = {};
      for (std::size_t j = 0; j < order_.size(); ++j) {
        for (int k = 0; k < 3; ++k) places_[i][k] += weights_[i][j] * points_[3 * nodes[order_[j]] + k];
      }
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (is_own_[i] || distance(nodes[i], places_[i]) <= tolerance) continue;
      bool found = false;
      for (std::size_t j = 0; j < nodes.size(); ++j)
        found = found || (!is_own_[j] && distance(nodes[i], places_[j]) <= tolerance);
      if (!found) return nodes[i];
    }
    return std::nullopt;
  }

 private:
  double distance(std::int64_t point, const Place& place) const {
    const double* x = &points_[3 * point];
    return std::hypot(x[0] - place[0], x[1] - place[1], x[2] - place[2]);
  }

  const std::vector<int>& order_;
  std::span<const double> points_;
  double rounding_;
  std::vector<std::vector<double>> weights_;  ///< of the geometry's nodes, by node of the cell
  std::vector<bool> is_own_;
  std::vector<Place> places_;
};

std::optional<Miss> first_miss(const FileCell& type, int degree, const std::vector<int>& order,
                               std::span<const std::int64_t> nodes, std::span<const double> points, double rounding) {
  const auto width = type.nodes.size();
  Fit fit(type, degree, order, points, rounding);
  for (std::size_t c = 0; c * width < nodes.size(); ++c) {
    if (const auto point = fit.miss(nodes.subspan(c * width, width))) return Miss{c, *point};
  }
  return std::nullopt;
}

PlainCells reordered(int degree, const std::vector<int>& order, std::size_t width,
                     std::span<const std::int64_t> nodes) {
  PlainCells out{degree, {}};
  out.nodes.reserve(nodes.size() / width * order.size());
  for (std::size_t first = 0; first < nodes.size(); first += width) {
    for (const int i : order) out.nodes.push_back(nodes[first + i]);
  }
  return out;
}

/// Whether a second-order node of a cell is farther from the middle of its edge than `exact` allows.
bool is_curved(const RawMesh& mesh, const std::int64_t* cell) {
  const int corners = num_vertices(mesh.cell);
  const auto& edges = cell_shape(mesh.cell).edges;
  for (int e = 0; e < edges.size(); ++e) {
    const auto [a, b] = edges[e];
    const auto* x = mesh.points.data();
    double off = 0.0, length = 0.0, largest = 0.0;
    for (int k = 0; k < 3; ++k) {
      const double from = x[3 * cell[a] + k], to = x[3 * cell[b] + k];
      const double d = x[3 * cell[corners + e] + k] - (from + to) / 2;
      off += d * d;
      length += (to - from) * (to - from);
      largest = std::max({largest, std::abs(from), std::abs(to)});
    }
    if (std::sqrt(off) > exact * std::sqrt(length) + 0x1p-50 * largest) return true;
  }
  return false;
}

}  // namespace

PlainCells plain_cells(const FileCell& type, std::span<const std::int64_t> nodes, std::span<const double> points,
                       double rounding, const std::string& where) {
  std::optional<Miss> miss;
  const auto width = type.nodes.size();
  for (int degree = 1; degree <= 2; ++degree) {
    if (degree == 2 && !has_curved_geometry(type.cell)) break;
    const auto order = positions(type, degree);
    if (!order) continue;
    if (order->size() != width) {
      // Second-order triangles and tetrahedra are the engine's own: kept as they are.
      if (degree == 1 && has_curved_geometry(type.cell) &&
          width == static_cast<std::size_t>(num_points(type.cell, 2)) && positions(type, 2))
        continue;
      miss = first_miss(type, degree, *order, nodes, points, rounding);
      if (miss) continue;
    }
    return reordered(degree, *order, width, nodes);
  }
  const auto hint =
      "straight cells of any order can be read, and curved ones as triangles of 6 and tetrahedra of 10 nodes";
  if (!miss) throw Error(ErrorKind::mesh, fmt::format("cells of type {} are not supported", type.name), where, hint);
  const auto* x = &points[3 * miss->point];
  throw Error(
      ErrorKind::mesh,
      fmt::format("curved cells of type {} are not supported: the node at ({:.6g}, {:.6g}, {:.6g}) bends cell {} of "
                  "this type",
                  type.name, x[0], x[1], x[2], miss->cell),
      where, hint);
}

std::int64_t count_curved(const RawMesh& mesh) {
  if (mesh.geometry_degree == 1) return 0;
  const auto width = static_cast<std::size_t>(num_points(mesh.cell, mesh.geometry_degree));
  std::int64_t count = 0;
  for (std::size_t first = 0; first < mesh.cells.size(); first += width) count += is_curved(mesh, &mesh.cells[first]);
  return count;
}

void straighten(RawMesh& mesh) {
  if (mesh.geometry_degree == 1) return;
  const auto width = static_cast<std::size_t>(num_points(mesh.cell, mesh.geometry_degree));
  const auto corners = static_cast<std::size_t>(num_vertices(mesh.cell));
  std::vector<std::int64_t> cells;
  for (std::size_t first = 0; first < mesh.cells.size(); first += width)
    cells.insert(cells.end(), mesh.cells.begin() + first, mesh.cells.begin() + first + corners);
  mesh.cells = std::move(cells);
  mesh.geometry_degree = 1;
}

}  // namespace ansatz::sdk
