#include "engine/mesh/refinement/refine.hpp"

#include <algorithm>

#include "engine/base/narrow.hpp"
#include "engine/mesh/refinement/children.hpp"
#include "engine/mesh/topology/numbering.hpp"

namespace ansatz::mesh {
namespace {

/// All children of owned cells, and the children of ghosts that share a vertex with one of them.
Children choose_children(const Mesh& mesh, const Subdivision& sub, const NodeMap& nodes) {
  Children children;
  children.on_owned.assign(nodes.num_local(), 0);
  const std::size_t num_owned = mesh.num_owned_cells;
  for (std::size_t i = 0; i < num_owned * nodes.nodes_per_cell; ++i) children.on_owned[nodes.cell_nodes[i]] = 1;

  children.index.assign(std::size_t(mesh.num_cells()) * sub.num_children, -1);
  children.kept.reserve(num_owned * sub.num_children);
  const int corners = mesh.vertices_per_cell();
  for (std::int32_t parent = 0; parent < mesh.num_cells(); ++parent) {
    const auto* of_parent = nodes.cell_nodes.data() + std::size_t(parent) * nodes.nodes_per_cell;
    for (int child = 0; child < sub.num_children; ++child) {
      const int* local = sub.vertices.data() + child * corners;
      const bool keep =
          std::any_of(local, local + corners, [&](int v) { return children.on_owned[of_parent[v]] != 0; });
      if (!keep) continue;
      children.index[std::size_t(parent) * sub.num_children + child] = static_cast<std::int32_t>(children.kept.size());
      children.kept.push_back({parent, child});
    }
  }
  return children;
}

/// Adds the ids, owners and regions of the children.
void inherit(const Mesh& mesh, const Children& children, int num_children, Mesh& fine) {
  fine.num_owned_cells = mesh.num_owned_cells * num_children;
  fine.num_global_cells = mesh.num_global_cells * num_children;
  fine.region_names = mesh.region_names;
  fine.unusable = mesh.unusable;
  fine.warnings = mesh.warnings;
  fine.cell_ids.reserve(children.kept.size());
  fine.cell_region.reserve(children.kept.size());
  for (const auto& [parent, child] : children.kept) {
    fine.cell_ids.push_back(mesh.cell_ids[parent] * num_children + child);
    fine.cell_region.push_back(mesh.cell_region[parent]);
    if (parent >= mesh.num_owned_cells) fine.ghost_owners.push_back(mesh.ghost_owners[parent - mesh.num_owned_cells]);
  }
}

}  // namespace

Mesh refine(const Mesh& mesh) {
  const auto& sub = subdivision(mesh.cell);
  base::agree(mesh.comm, [&] {
    base::narrow<std::int32_t>(std::int64_t{mesh.num_cells()} * sub.num_children, "cells on one rank after refinement");
  });
  const auto nodes = numbered_nodes(mesh);
  const auto children = choose_children(mesh, sub, nodes.map);

  Mesh fine{.comm = mesh.comm, .cell = mesh.cell, .dim = mesh.dim, .geometry_degree = mesh.geometry_degree};
  inherit(mesh, children, sub.num_children, fine);
  fine.num_global_vertices = nodes.map.num_global;
  fine.cell_vertices = child_rows(children, sub, nodes.map);
  const auto node_of_vertex = number_by_visit(fine.cell_vertices, nodes.map.num_local());
  fine.vertex_ids.reserve(node_of_vertex.size());
  for (const auto node : node_of_vertex) fine.vertex_ids.push_back(nodes.ids[node]);
  refine_sets(mesh, sub, nodes.map, children, node_of_vertex, fine);
  refine_points(mesh, sub, nodes, children, fine);
  return fine;
}

}  // namespace ansatz::mesh
