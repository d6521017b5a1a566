#pragma once
/// Meshes as a reader would give them: lattices with shuffled numbers, second-order versions, a curved disc.

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include "ansatz/sdk/mesh_reader.hpp"
#include "engine/mesh/cells/cell.hpp"

namespace ansatz::tests {

using mesh::CellType;
using sdk::RawMesh;

/// Cells of one lattice cell, by corner bits (x + 2 y + 4 z).
inline std::vector<std::vector<int>> lattice_cell(CellType type) {
  switch (type) {
    case CellType::interval:
      return {{0, 1}};
    case CellType::triangle:
      return {{0, 1, 3}, {0, 3, 2}};
    case CellType::quadrilateral:
      return {{0, 1, 3, 2}};
    case CellType::tetrahedron:
      return {{0, 1, 3, 7}, {0, 3, 2, 7}, {0, 2, 6, 7}, {0, 6, 4, 7}, {0, 4, 5, 7}, {0, 5, 1, 7}};
    case CellType::hexahedron:
      return {{0, 1, 3, 2, 4, 5, 7, 6}};
    case CellType::prism:
      return {{0, 1, 3, 4, 5, 7}, {0, 3, 2, 4, 7, 6}};
  }
  return {};
}

/// Adds a set of the facets (dimension dim - 1), edges or vertices of cells whose corners all satisfy `inside`.
inline void add_set(RawMesh& raw, const std::string& name, int dimension,
                    const std::function<bool(const double*)>& inside) {
  const auto& cell = mesh::topology(raw.cell);
  const std::size_t width = mesh::lagrange_nodes(raw.cell, raw.geometry_degree).size();
  std::vector<std::vector<std::int64_t>> found;
  for (std::size_t c = 0; c < raw.cell_region.size(); ++c) {
    std::vector<std::vector<int>> entities;
    if (dimension == cell.dim - 1) {
      for (int f = 0; f < cell.num_facets; ++f) {
        entities.emplace_back(cell.facets[f].begin(), cell.facets[f].end());
      }
    } else if (dimension == 1) {
      for (int e = 0; e < cell.num_edges; ++e) entities.push_back({cell.edges[e][0], cell.edges[e][1]});
    } else {
      for (int v = 0; v < cell.num_vertices; ++v) entities.push_back({v});
    }
    for (const auto& entity : entities) {
      std::vector<std::int64_t> points;
      for (const int v : entity) points.push_back(raw.cells[c * width + v]);
      if (!std::all_of(points.begin(), points.end(), [&](auto p) { return inside(&raw.points[p * 3]); })) continue;
      std::sort(points.begin(), points.end());
      found.push_back(points);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  auto& set = raw.sets[name];
  set.dimension = dimension;
  for (const auto& entity : found) {
    set.vertices.insert(set.vertices.end(), entity.rbegin(), entity.rend());
    set.offsets.push_back(static_cast<std::int64_t>(set.vertices.size()));
  }
}

/// The unit box with n lattice cells a side, an even number; point and cell numbers are shuffled, and one point is used
/// by no cell. Regions "west" (x < 1/2) and "east". Sets: "left" (x = 0), "middle" (x = 1/2, inside), in 3-D "line"
/// (x = y = 0), and from 2-D on "corner" (the origin).
inline RawMesh lattice(CellType type, int n) {
  RawMesh raw;
  raw.cell = type;
  raw.dimension = mesh::topology(type).dim;
  raw.region_names = {"west", "east"};
  const int dim = raw.dimension;
  const int layers[3] = {n, dim > 1 ? n : 0, dim > 2 ? n : 0};
  const std::int64_t num_points = std::int64_t(layers[0] + 1) * (layers[1] + 1) * (layers[2] + 1);
  std::vector<std::int64_t> number(num_points + 1);
  std::iota(number.begin(), number.end(), 0);
  std::mt19937 random(5);
  std::shuffle(number.begin(), number.end(), random);
  raw.points.assign((num_points + 1) * 3, 0.0);
  const auto point = [&](int i, int j, int k) { return number[i + (n + 1) * (j + std::int64_t(layers[1] + 1) * k)]; };
  for (int k = 0; k <= layers[2]; ++k) {
    for (int j = 0; j <= layers[1]; ++j) {
      for (int i = 0; i <= n; ++i) {
        double* x = &raw.points[point(i, j, k) * 3];
        x[0] = double(i) / n, x[1] = double(j) / n, x[2] = double(k) / n;
      }
    }
  }
  std::vector<std::vector<std::int64_t>> cells;
  for (int k = 0; k < std::max(1, layers[2]); ++k) {
    for (int j = 0; j < std::max(1, layers[1]); ++j) {
      for (int i = 0; i < n; ++i) {
        for (const auto& corners : lattice_cell(type)) {
          auto& cell = cells.emplace_back();
          for (const int v : corners) cell.push_back(point(i + (v & 1), j + (v >> 1 & 1), k + (v >> 2)));
          cell.push_back(2 * i >= n);
        }
      }
    }
  }
  std::shuffle(cells.begin(), cells.end(), random);
  for (const auto& cell : cells) {
    raw.cells.insert(raw.cells.end(), cell.begin(), cell.end() - 1);
    raw.cell_region.push_back(static_cast<int>(cell.back()));
  }
  add_set(raw, "left", dim - 1, [](const double* x) { return x[0] == 0.0; });
  add_set(raw, "middle", dim - 1, [](const double* x) { return x[0] == 0.5; });
  if (dim > 2) add_set(raw, "line", 1, [](const double* x) { return x[0] == 0.0 && x[1] == 0.0; });
  if (dim > 1) add_set(raw, "corner", 0, [](const double* x) { return x[0] == 0.0 && x[1] == 0.0 && x[2] == 0.0; });
  return raw;
}

/// Second-order version of a straight mesh: new points in the middle of the edges, then all points moved by `map`.
inline RawMesh second_order(const RawMesh& straight, const std::function<void(double*)>& map) {
  RawMesh raw = straight;
  raw.geometry_degree = 2;
  raw.cells.clear();
  const auto nodes = mesh::lagrange_nodes(raw.cell, 2);
  const std::size_t corners = mesh::topology(raw.cell).num_vertices;
  std::map<std::vector<std::int64_t>, std::int64_t> middles;
  for (std::size_t c = 0; c < raw.cell_region.size(); ++c) {
    const auto* cell = &straight.cells[c * corners];
    for (const auto& node : nodes) {
      std::vector<std::int64_t> carrier;
      for (int i = 0; i < node.num_vertices; ++i) carrier.push_back(cell[node.vertices[i]]);
      if (carrier.size() == 1) {
        raw.cells.push_back(carrier[0]);
        continue;
      }
      std::sort(carrier.begin(), carrier.end());
      const auto [at, is_new] = middles.emplace(carrier, raw.num_points());
      if (is_new) {
        for (int k = 0; k < 3; ++k) {
          double mean = 0.0;
          for (const auto p : carrier) mean += straight.points[p * 3 + k] / double(carrier.size());
          raw.points.push_back(mean);
        }
      }
      raw.cells.push_back(at->second);
    }
  }
  for (std::int64_t p = 0; p < raw.num_points(); ++p) map(&raw.points[p * 3]);
  return raw;
}

/// Unit disc of `sectors` curved triangles, whose outer mid-edge nodes lie on the circle. Set "rim".
inline RawMesh disc(int sectors) {
  RawMesh raw;
  raw.geometry_degree = 2;
  raw.region_names = {"disc"};
  const double angle = 2.0 * M_PI / sectors;
  raw.points = {0.0, 0.0, 0.0};
  const auto add = [&](double radius, double turn) {
    raw.points.insert(raw.points.end(), {radius * std::cos(turn), radius * std::sin(turn), 0.0});
  };
  for (int s = 0; s < sectors; ++s) {
    add(1.0, s * angle);
    add(0.5, s * angle);
    add(1.0, (s + 0.5) * angle);
  }
  auto& rim = raw.sets["rim"];
  rim.dimension = 1;
  for (int s = 0; s < sectors; ++s) {
    const std::int64_t here = 1 + 3 * s, next = 1 + 3 * ((s + 1) % sectors);
    raw.cells.insert(raw.cells.end(), {0, here, next, here + 1, here + 2, next + 1});
    raw.cell_region.push_back(0);
    rim.vertices.insert(rim.vertices.end(), {here, next});
    rim.offsets.push_back(static_cast<std::int64_t>(rim.vertices.size()));
  }
  return raw;
}

}  // namespace ansatz::tests
