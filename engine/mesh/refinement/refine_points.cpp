#include <optional>

#include "engine/mesh/cells/lagrange.hpp"
#include "engine/mesh/refinement/children.hpp"
#include "engine/mesh/topology/numbering.hpp"

namespace ansatz::mesh {
namespace {

/// Whether the corner points are the vertices everywhere, under the same ids: no periodic sides. *Collective.*
bool points_are_vertices(const Mesh& mesh) {
  const std::size_t corners = mesh.vertices_per_cell(), nodes = mesh.points_per_cell();
  bool same = true;
  for (std::size_t c = 0; c < mesh.cell_ids.size() && same; ++c) {
    for (std::size_t v = 0; v < corners; ++v) {
      same = same &&
             mesh.vertex_ids[mesh.cell_vertices[c * corners + v]] == mesh.point_ids[mesh.cell_points[c * nodes + v]];
    }
  }
  return mesh.comm.max(std::int64_t{!same}) == 0;
}

/// The mesh whose vertices are the corner points: the same as `mesh`, but cut open along periodic sides. Only what
/// Lagrange nodes need.
Mesh cut_open(const Mesh& mesh) {
  Mesh open{.comm = mesh.comm, .cell = mesh.cell, .dim = mesh.dim};
  open.num_owned_cells = mesh.num_owned_cells;
  open.cell_ids = mesh.cell_ids;
  open.ghost_owners = mesh.ghost_owners;
  const int corners = mesh.vertices_per_cell(), nodes = mesh.points_per_cell();
  open.cell_vertices.reserve(std::size_t(mesh.num_cells()) * corners);
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    const auto first = mesh.cell_points.begin() + std::size_t(c) * nodes;
    open.cell_vertices.insert(open.cell_vertices.end(), first, first + corners);
  }
  for (const auto p : number_by_visit(open.cell_vertices, mesh.num_points()))
    open.vertex_ids.push_back(mesh.point_ids[p]);
  return open;
}

/// Coordinates of the nodes of degree 2 of straight cells: means of corners, paired so that every cell around a node
/// gets the same bits. Shape (num_local, dim).
std::vector<double> midpoints(const Mesh& mesh, const NodeMap& nodes) {
  std::vector<double> x(std::size_t(nodes.num_local()) * mesh.dim);
  const auto local_nodes = lagrange_nodes(mesh.cell, 2);
  const int corners = mesh.vertices_per_cell();
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    const auto* points = mesh.cell_points.data() + std::size_t(c) * corners;
    for (int i = 0; i < nodes.nodes_per_cell; ++i) {
      const auto& node = local_nodes[i];
      double* out = x.data() + std::size_t(nodes.cell_nodes[std::size_t(c) * nodes.nodes_per_cell + i]) * mesh.dim;
      const auto corner = [&](int v, int k) {
        return mesh.points[std::size_t(points[node.vertices[v]]) * mesh.dim + k];
      };
      for (int k = 0; k < mesh.dim; ++k) {
        switch (node.num_vertices) {
          case 1:
            out[k] = corner(0, k);
            break;
          case 2:
            out[k] = 0.5 * (corner(0, k) + corner(1, k));
            break;
          case 4:
            out[k] = 0.25 * ((corner(0, k) + corner(2, k)) + (corner(1, k) + corner(3, k)));
            break;
          default:
            out[k] = 0.0;
            for (int v = 0; v < node.num_vertices; ++v) out[k] += corner(v, k) / node.num_vertices;
        }
      }
    }
  }
  return x;
}

/// Points of straight cells: the nodes of degree 2 of the parents.
void set_straight_points(const Mesh& mesh, const NumberedNodes& nodes, std::vector<std::int32_t>&& rows, Mesh& fine) {
  const auto x = midpoints(mesh, nodes.map);
  fine.cell_points = std::move(rows);
  const auto old = number_by_visit(fine.cell_points, nodes.map.num_local());
  fine.point_ids.reserve(old.size());
  fine.points.reserve(old.size() * mesh.dim);
  for (const auto node : old) {
    fine.point_ids.push_back(nodes.ids[node]);
    const auto first = x.begin() + std::size_t(node) * mesh.dim;
    fine.points.insert(fine.points.end(), first, first + mesh.dim);
  }
}

/// Values of the parents' geometry basis at the children's nodes of degree 2. Shape (children, nodes, nodes).
std::vector<double> child_basis(CellType type, const Subdivision& sub) {
  std::vector<double> table;
  for (int child = 0; child < sub.num_children; ++child) {
    for (const auto& x : sub.child_nodes(type, child, 2)) {
      const auto values = lagrange_values(type, 2, x);
      table.insert(table.end(), values.begin(), values.end());
    }
  }
  return table;
}

/// Points of curved cells: the children's nodes of degree 2 on the parents' maps. The owner of a point evaluates it, on
/// the cell with the lowest id around it.
/// \param open the children with their corner points as vertices. *Collective.*
void set_curved_points(const Mesh& mesh, const Subdivision& sub, const Children& children, const Mesh& open,
                       Mesh& fine) {
  auto [nodes, ids] = numbered_nodes(open);
  fine.point_ids = std::move(ids);
  std::vector<std::int32_t> cell_of(nodes.num_local(), -1);
  const std::size_t width = nodes.nodes_per_cell;
  for (std::int32_t c = 0; c < fine.num_cells(); ++c) {
    for (std::size_t i = 0; i < width; ++i) {
      auto& best = cell_of[nodes.cell_nodes[c * width + i]];
      if (best < 0 || fine.cell_ids[c] < fine.cell_ids[best]) best = c;
    }
  }
  const auto basis = child_basis(mesh.cell, sub);
  fine.points.assign(std::size_t(nodes.num_local()) * mesh.dim, 0.0);
  for (std::int32_t c = 0; c < fine.num_cells(); ++c) {
    const auto [parent, child] = children.kept[c];
    const auto* of_parent = mesh.cell_points.data() + parent * width;
    for (std::size_t i = 0; i < width; ++i) {
      const auto node = nodes.cell_nodes[c * width + i];
      if (cell_of[node] != c) continue;
      const double* value = basis.data() + (child * width + i) * width;
      for (int k = 0; k < mesh.dim; ++k) {
        double sum = 0.0;
        for (std::size_t j = 0; j < width; ++j) sum += value[j] * mesh.points[std::size_t(of_parent[j]) * mesh.dim + k];
        fine.points[std::size_t(node) * mesh.dim + k] = sum;
      }
    }
  }
  const std::span<double> x(fine.points);
  const std::size_t owned = std::size_t(nodes.num_owned) * mesh.dim;
  nodes.exchange->forward(x.first(owned), x.subspan(owned), mesh.dim);
  fine.cell_points = std::move(nodes.cell_nodes);
}

/// The children with their corner points as vertices. Only what Lagrange nodes need.
Mesh open_children(const NumberedNodes& points, std::vector<std::int32_t>&& rows, const Mesh& fine) {
  Mesh open{.comm = fine.comm, .cell = fine.cell, .dim = fine.dim};
  open.num_owned_cells = fine.num_owned_cells;
  open.cell_ids = fine.cell_ids;
  open.ghost_owners = fine.ghost_owners;
  open.cell_vertices = std::move(rows);
  for (const auto node : number_by_visit(open.cell_vertices, points.map.num_local())) {
    open.vertex_ids.push_back(points.ids[node]);
  }
  return open;
}

/// Gives every vertex the id of its corner point, so that the next refinement finds them equal again.
void rename_vertices(Mesh& fine) {
  const std::size_t corners = fine.vertices_per_cell(), width = fine.points_per_cell();
  for (std::size_t c = 0; c < fine.cell_ids.size(); ++c) {
    for (std::size_t v = 0; v < corners; ++v) {
      fine.vertex_ids[fine.cell_vertices[c * corners + v]] = fine.point_ids[fine.cell_points[c * width + v]];
    }
  }
}

}  // namespace

NumberedNodes numbered_nodes(const Mesh& mesh) {
  NumberedNodes result{lagrange_node_map(mesh, 2), {}};
  const auto& nodes = result.map;
  auto& ids = result.ids;
  ids = canonical_numbers(mesh.comm, std::span(nodes.keys).first(nodes.num_owned));
  ids.resize(nodes.num_local());
  const std::span<std::int64_t> all(ids);
  nodes.exchange->forward(all.first(nodes.num_owned), all.subspan(nodes.num_owned), 1);
  return result;
}

/// Rows of the children that stay, from rows of the parents' nodes of degree 2.
std::vector<std::int32_t> child_rows(const Children& children, const Subdivision& sub, const NodeMap& nodes) {
  const std::size_t corners = sub.vertices.size() / sub.num_children;
  std::vector<std::int32_t> rows;
  rows.reserve(children.kept.size() * corners);
  for (const auto& [parent, child] : children.kept) {
    const auto* of_parent = nodes.cell_nodes.data() + std::size_t(parent) * nodes.nodes_per_cell;
    const int* local = sub.vertices.data() + child * corners;
    for (std::size_t v = 0; v < corners; ++v) rows.push_back(of_parent[local[v]]);
  }
  return rows;
}

void refine_points(const Mesh& mesh, const Subdivision& sub, const NumberedNodes& nodes, const Children& children,
                   Mesh& fine) {
  const bool same = points_are_vertices(mesh);
  std::optional<NumberedNodes> cut;
  if (!same) cut = numbered_nodes(cut_open(mesh));
  const NumberedNodes& points = same ? nodes : *cut;
  auto rows = child_rows(children, sub, points.map);
  if (mesh.geometry_degree == 1) {
    set_straight_points(mesh, points, std::move(rows), fine);
    return;
  }
  set_curved_points(mesh, sub, children, open_children(points, std::move(rows), fine), fine);
  if (same) rename_vertices(fine);
}

}  // namespace ansatz::mesh
