#include "engine/mesh/distribution/raw_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/mesh/cells/cell.hpp"
#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::mesh {
namespace {

using sdk::Error;
using sdk::ErrorKind;
using sdk::RawMesh;

/// Determinant of the geometry map at a few reference points of a cell.
class JacobianSampler {
 public:
  JacobianSampler(CellType type, int degree)
      : dim_(topology(type).dim), num_nodes_(static_cast<int>(lagrange_nodes(type, degree).size())) {
    const auto& cell = topology(type);
    gradients_.push_back(lagrange_gradients(type, degree, sdk::centre_of(cell)));
    if (cell.simplex && degree == 1) return;
    for (const auto& node : lagrange_nodes(type, degree)) {
      gradients_.push_back(lagrange_gradients(type, degree, node.reference));
    }
  }

  /// \param x node coordinates, shape (nodes, 3). Returns the smallest and the largest determinant.
  std::pair<double, double> range(std::span<const double> x) const {
    double low = INFINITY, high = -INFINITY;
    for (const auto& gradient : gradients_) {
      std::array<std::array<double, 3>, 3> j{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
      for (int a = 0; a < dim_; ++a) {
        for (int b = 0; b < dim_; ++b) {
          j[a][b] = 0.0;
          for (int i = 0; i < num_nodes_; ++i) j[a][b] += x[i * 3 + a] * gradient[i * dim_ + b];
        }
      }
      const double det = j[0][0] * (j[1][1] * j[2][2] - j[1][2] * j[2][1]) -
                         j[0][1] * (j[1][0] * j[2][2] - j[1][2] * j[2][0]) +
                         j[0][2] * (j[1][0] * j[2][1] - j[1][1] * j[2][0]);
      low = std::min(low, det);
      high = std::max(high, det);
    }
    return {low, high};
  }

 private:
  int dim_;
  int num_nodes_;
  std::vector<std::vector<double>> gradients_;
};

/// Coordinates for people: "(0.5, 0.25)".
std::string text_of(std::span<const double> x) {
  std::string text = "(";
  for (std::size_t k = 0; k < x.size(); ++k) text += fmt::format("{}{:.6g}", k == 0 ? "" : ", ", x[k]);
  return text + ")";
}

void check_sizes(const RawMesh& raw, std::int64_t nodes_per_cell) {
  const auto fail = [](const std::string& what) {
    throw Error(ErrorKind::mesh, what, "mesh reader",
                "the plugin that read this file breaks the contract of MeshReader");
  };
  if (raw.points.empty() || raw.cells.empty()) {
    throw Error(ErrorKind::mesh, "the mesh is empty", {},
                "export volume cells (3-D) or surface cells (2-D) from the mesher");
  }
  const auto num_cells = static_cast<std::int64_t>(raw.cells.size()) / nodes_per_cell;
  if (raw.dimension != topology(raw.cell).dim) fail("the cells' dimension does not fit their type");
  if (raw.points.size() % 3 != 0) fail("the number of coordinates is not a multiple of three");
  if (num_cells * nodes_per_cell != static_cast<std::int64_t>(raw.cells.size())) fail("the last cell is incomplete");
  if (static_cast<std::int64_t>(raw.cell_region.size()) != num_cells) fail("not every cell has a region");
  for (const int region : raw.cell_region) {
    if (region < 0 || region >= static_cast<int>(raw.region_names.size())) fail("a cell's region has no name");
  }
}

void check_points(const RawMesh& raw) {
  for (std::size_t i = 0; i < raw.points.size(); ++i) {
    if (!std::isfinite(raw.points[i])) {
      throw Error(ErrorKind::mesh, fmt::format("point {} has a coordinate that is not finite", i / 3), {},
                  "repair or write the mesh file again");
    }
  }
}

/// Where and which: "cell 3 with centre (0.5, 0.5)".
std::string cell_text(const RawMesh& raw, std::int64_t c, std::span<const double> x) {
  std::array<double, 3> centre{};
  const int corners = topology(raw.cell).num_vertices;
  for (int v = 0; v < corners; ++v) {
    for (int k = 0; k < 3; ++k) centre[k] += x[v * 3 + k] / corners;
  }
  return fmt::format("cell {} with centre {}", c, text_of(std::span(centre).first(raw.dimension)));
}

/// Length of the diagonal of the corners' bounding box, and how far they leave the mesh's line or plane.
std::pair<double, double> extents(const RawMesh& raw, std::span<const double> x, double base[3]) {
  const int corners = topology(raw.cell).num_vertices;
  double diagonal = 0.0, off = 0.0;
  for (int k = 0; k < 3; ++k) {
    double low = x[k], high = x[k];
    for (int v = 1; v < corners; ++v) {
      low = std::min(low, x[v * 3 + k]);
      high = std::max(high, x[v * 3 + k]);
    }
    diagonal += (high - low) * (high - low);
    if (k >= raw.dimension) off = std::max({off, high - base[k], base[k] - low});
  }
  return {std::sqrt(diagonal), off};
}

}  // namespace

std::vector<std::int64_t> check_raw_mesh(const RawMesh& raw) {
  if (raw.geometry_degree != 1 && raw.geometry_degree != 2) {
    throw Error(ErrorKind::mesh, fmt::format("the geometry has degree {}", raw.geometry_degree), {},
                "use degree 1 or 2");
  }
  const auto nodes_per_cell = lagrange_nodes(raw.cell, raw.geometry_degree).size();
  check_sizes(raw, static_cast<std::int64_t>(nodes_per_cell));
  check_points(raw);

  const JacobianSampler sampler(raw.cell, raw.geometry_degree);
  std::vector<std::int64_t> inverted;
  std::vector<double> x(nodes_per_cell * 3);
  double base[3] = {0.0, 0.0, 0.0};
  const auto num_cells = static_cast<std::int64_t>(raw.cell_region.size());
  for (std::int64_t c = 0; c < num_cells; ++c) {
    for (std::size_t i = 0; i < nodes_per_cell; ++i) {
      const std::int64_t p = raw.cells[c * nodes_per_cell + i];
      if (p < 0 || p >= raw.num_points()) {
        throw Error(ErrorKind::mesh, fmt::format("cell {} refers to point {} of {}", c, p, raw.num_points()), {},
                    "the mesh file is damaged or truncated: write it again");
      }
      std::copy_n(raw.points.begin() + p * 3, 3, x.begin() + i * 3);
    }
    if (c == 0) std::copy_n(x.begin(), 3, base);
    const auto [size, off] = extents(raw, x, base);
    if (off > 1e-10 * size) {
      throw Error(ErrorKind::mesh, cell_text(raw, c, x) + " leaves the plane of the mesh", {},
                  "meshes of dimension d lie in the first d coordinates; surfaces in space are not supported");
    }
    const auto [low, high] = sampler.range(x);
    const double scale = std::pow(size, raw.dimension);
    if (std::max(-low, high) <= 1e-14 * scale) {
      throw Error(ErrorKind::mesh, cell_text(raw, c, x) + " has no volume", {},
                  "its corners coincide or lie in one plane or line: remesh, or merge duplicate points with a smaller "
                  "tolerance");
    }
    if (low >= -1e-10 * scale && high > 1e-14 * scale) continue;
    if (high > 1e-10 * scale) {
      throw Error(ErrorKind::mesh, cell_text(raw, c, x) + " is folded: its Jacobian changes sign", {},
                  "its corners are not in VTK's order or it is not convex; curved cells: refine or straighten the "
                  "geometry there");
    }
    inverted.push_back(c);
  }
  return inverted;
}

}  // namespace ansatz::mesh
