#include "engine/mesh/cells/subdivision.hpp"

#include <algorithm>

namespace ansatz::mesh {
namespace {

unsigned bits(std::span<const int> vertices) {
  unsigned set = 0;
  for (const int v : vertices) set |= 1u << v;
  return set;
}

unsigned carrier(const LocalNode& node) { return bits(node.carrier()); }

/// Node of degree 2 on the entity with these vertices.
int node_on(CellType type, std::span<const int> vertices) {
  const auto nodes = lagrange_nodes(type, 2);
  const auto at = std::ranges::find(nodes, bits(vertices), carrier);
  return static_cast<int>(at - nodes.begin());
}

int midpoint(CellType type, int a, int b) {
  const std::array<int, 2> ends{a, b};
  return node_on(type, std::span(ends).first(a == b ? 1 : 2));
}

std::vector<int> red_triangles() {
  constexpr std::array<std::array<int, 2>, 12> ends{
      {{0, 0}, {0, 1}, {0, 2}, {0, 1}, {1, 1}, {1, 2}, {0, 2}, {1, 2}, {2, 2}, {1, 2}, {0, 2}, {0, 1}}};
  std::vector<int> vertices;
  for (const auto& [a, b] : ends) vertices.push_back(midpoint(CellType::triangle, a, b));
  return vertices;
}

double volume(std::span<const int> vertices) {
  const auto nodes = lagrange_nodes(CellType::tetrahedron, 2);
  std::array<std::array<double, 3>, 3> e;
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 3; ++k) e[i][k] = nodes[vertices[i + 1]].reference[k] - nodes[vertices[0]].reference[k];
  }
  return e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) - e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) +
         e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0]);
}

std::vector<int> bey_tetrahedra() {
  constexpr std::array<std::array<int, 8>, 8> children{{{0, 0, 0, 1, 0, 2, 0, 3},
                                                        {0, 1, 1, 1, 1, 2, 1, 3},
                                                        {0, 2, 1, 2, 2, 2, 2, 3},
                                                        {0, 3, 1, 3, 2, 3, 3, 3},
                                                        {0, 1, 0, 2, 0, 3, 1, 3},
                                                        {0, 1, 0, 2, 1, 2, 1, 3},
                                                        {0, 2, 0, 3, 1, 3, 2, 3},
                                                        {0, 2, 1, 2, 1, 3, 2, 3}}};
  std::vector<int> vertices;
  for (const auto& ends : children) {
    std::array<int, 4> child;
    for (int v = 0; v < 4; ++v) child[v] = midpoint(CellType::tetrahedron, ends[2 * v], ends[2 * v + 1]);
    if (volume(child) < 0.0) std::swap(child[1], child[3]);
    vertices.insert(vertices.end(), child.begin(), child.end());
  }
  return vertices;
}

/// Vertices of the 2^dim children of a simplex.
std::vector<int> simplex_children(int dim) {
  if (dim == 1) return {0, 2, 2, 1};
  return dim == 2 ? red_triangles() : bey_tetrahedra();
}

/// Vertices of the children of a product of simplices: products of the children of its factors. In products of
/// intervals child c is the one at vertex c, else the children of the first factor come fastest.
std::vector<int> product_children(const CellShape& cell) {
  const auto nodes = lagrange_nodes(cell.type, 2);
  const bool of_intervals = cell.factors.size() == cell.dim;
  std::vector<int> vertices;
  for (int c = 0; c < 1 << cell.dim; ++c) {
    int number = c;
    if (of_intervals) {
      number = 0;
      for (int k = 0; k < cell.dim; ++k) number += static_cast<int>(cell.coordinates[c][k]) << k;
    }
    for (int v = 0; v < cell.num_vertices; ++v) {
      std::array<double, 3> place{};
      int first = 0;
      for (const int d : cell.factors) {
        const auto simplex = sdk::cell_shape_with(d, d + 1)->type;
        int corner = 0;
        for (int k = 0; k < d; ++k) corner += cell.coordinates[v][first + k] == 1.0 ? k + 1 : 0;
        const int child = number >> first & ((1 << d) - 1);
        const auto& x = lagrange_nodes(simplex, 2)[simplex_children(d)[child * (d + 1) + corner]].reference;
        for (int k = 0; k < d; ++k) place[first + k] = x[k];
        first += d;
      }
      vertices.push_back(static_cast<int>(std::ranges::find(nodes, place, &LocalNode::reference) - nodes.begin()));
    }
  }
  return vertices;
}

Subdivision make_subdivision(CellType type) {
  const auto& cell = topology(type);
  const auto nodes = lagrange_nodes(type, 2);
  Subdivision result;
  result.vertices = product_children(cell);
  result.num_children = static_cast<int>(result.vertices.size()) / cell.num_vertices;
  for (int f = 0; f < cell.num_facets; ++f) {
    const unsigned parent = bits(cell.facets[f]);
    auto& children = result.facet_children.emplace_back();
    for (int c = 0; c < result.num_children; ++c) {
      for (int g = 0; g < cell.num_facets; ++g) {
        bool inside = true;
        for (const int v : cell.facets[g]) {
          const auto& node = nodes[result.vertices[c * cell.num_vertices + v]];
          inside = inside && (carrier(node) & ~parent) == 0;
        }
        if (inside) children.push_back({c, g});
      }
    }
  }
  return result;
}

}  // namespace

std::vector<std::array<double, 3>> Subdivision::child_nodes(CellType type, int child, int degree) const {
  const auto parent_nodes = lagrange_nodes(type, 2);
  const int num_vertices = topology(type).num_vertices;
  std::vector<std::array<double, 3>> points;
  for (const auto& node : lagrange_nodes(type, degree)) {
    auto& x = points.emplace_back();
    for (int i = 0; i < node.num_vertices; ++i) {
      const auto& corner = parent_nodes[vertices[child * num_vertices + node.vertices[i]]].reference;
      for (int k = 0; k < 3; ++k) x[k] += corner[k] / node.num_vertices;
    }
  }
  return points;
}

const Subdivision& subdivision(CellType type) {
  static const auto all = [] {
    std::array<Subdivision, cell_shapes.size()> table;
    for (const auto& cell : cell_shapes) table[static_cast<std::size_t>(cell.type)] = make_subdivision(cell.type);
    return table;
  }();
  return all[static_cast<std::size_t>(type)];
}

}  // namespace ansatz::mesh
