#include <algorithm>

#include "engine/mesh/refinement/children.hpp"

namespace ansatz::mesh {
namespace {

/// An edge of a parent by its local vertices, lower first, and the node in its middle.
struct EdgeNode {
  std::int32_t low;
  std::int32_t high;
  std::int32_t node;
  auto operator<=>(const EdgeNode&) const = default;
};

/// Edges of the parents between vertices of edge sets, sorted.
std::vector<EdgeNode> edges_of_sets(const Mesh& mesh, const NodeMap& nodes) {
  std::vector<char> marked(mesh.num_vertices(), 0);
  bool any = false;
  for (const auto& [name, set] : mesh.sets) {
    if (mesh.dim < 3 || set.dimension != 1) continue;
    for (const auto v : set.vertices) marked[v] = 1;
    any = any || !set.vertices.empty();
  }
  std::vector<EdgeNode> edges;
  const auto& cell = topology(mesh.cell);
  for (std::int32_t c = 0; c < mesh.num_cells() && any; ++c) {
    const auto* vertices = mesh.cell_vertices.data() + std::size_t(c) * cell.num_vertices;
    const auto* of_cell = nodes.cell_nodes.data() + std::size_t(c) * nodes.nodes_per_cell;
    for (int e = 0; e < cell.num_edges; ++e) {
      const auto [a, b] = std::minmax(vertices[cell.edges[e][0]], vertices[cell.edges[e][1]]);
      if (marked[a] && marked[b]) edges.push_back({a, b, of_cell[cell.num_vertices + e]});
    }
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

/// The children of a facet set that contain a vertex of an owned child.
std::vector<Facet> child_facets(const std::vector<Facet>& parents, const Subdivision& sub, const Children& children,
                                std::span<const std::int32_t> node_of_vertex, const Mesh& fine) {
  const auto& cell = topology(fine.cell);
  std::vector<Facet> facets;
  for (const auto& parent : parents) {
    for (const auto& [child, local_facet] : sub.facet_children[parent.local_facet]) {
      const auto c = children.index[std::size_t(parent.cell) * sub.num_children + child];
      if (c < 0) continue;
      const auto* vertices = fine.cell_vertices.data() + std::size_t(c) * cell.num_vertices;
      bool touches = false;
      for (const int v : cell.facets[local_facet]) {
        touches = touches || children.on_owned[node_of_vertex[vertices[v]]];
      }
      if (touches) facets.push_back({c, local_facet});
    }
  }
  std::sort(facets.begin(), facets.end());
  return facets;
}

}  // namespace

void refine_sets(const Mesh& mesh, const Subdivision& sub, const NodeMap& nodes, const Children& children,
                 std::span<const std::int32_t> node_of_vertex, Mesh& fine) {
  std::vector<std::int32_t> vertex_of_node(nodes.num_local(), -1), corner_node(mesh.num_vertices(), -1);
  for (std::size_t v = 0; v < node_of_vertex.size(); ++v)
    vertex_of_node[node_of_vertex[v]] = static_cast<std::int32_t>(v);
  const std::size_t corners = mesh.vertices_per_cell();
  for (std::size_t c = 0; c < mesh.cell_ids.size(); ++c) {
    for (std::size_t v = 0; v < corners; ++v) {
      corner_node[mesh.cell_vertices[c * corners + v]] = nodes.cell_nodes[c * nodes.nodes_per_cell + v];
    }
  }
  const auto edges = edges_of_sets(mesh, nodes);
  for (const auto& [name, set] : mesh.sets) {
    auto& refined = fine.sets[name];
    refined.dimension = set.dimension;
    if (set.dimension == mesh.dim - 1) {
      refined.facets = child_facets(set.facets, sub, children, node_of_vertex, fine);
      continue;
    }
    const auto add = [&](std::initializer_list<std::int32_t> entity) {
      if (std::none_of(entity.begin(), entity.end(), [&](auto node) { return children.on_owned[node] != 0; })) return;
      for (const auto node : entity) refined.vertices.push_back(vertex_of_node[node]);
    };
    for (std::size_t i = 0; i < set.vertices.size(); i += set.dimension + 1) {
      const auto first = set.vertices[i];
      if (set.dimension == 0) {
        add({corner_node[first]});
        continue;
      }
      const auto second = set.vertices[i + 1];
      const auto [low, high] = std::minmax(first, second);
      const auto middle = std::lower_bound(edges.begin(), edges.end(), EdgeNode{low, high, -1})->node;
      add({corner_node[first], middle});
      add({middle, corner_node[second]});
    }
  }
}

}  // namespace ansatz::mesh
