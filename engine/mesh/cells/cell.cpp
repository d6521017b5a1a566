#include "engine/mesh/cells/cell.hpp"

#include <vector>

#include "ansatz/sdk/error.hpp"

namespace ansatz::mesh {
namespace {

constexpr std::array<CellTopology, 5> topologies{{
    {CellType::interval, "interval", 1, 2, 1, 0, 2, 1, {{{0, 0, 0}, {1, 0, 0}}}, {{{0, 1}}}, {{{0}, {1}}}, true},
    {CellType::triangle,
     "triangle",
     2,
     3,
     3,
     1,
     3,
     2,
     {{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}},
     {{{0, 1}, {1, 2}, {2, 0}}},
     {{{0, 1}, {1, 2}, {2, 0}}},
     true},
    {CellType::quadrilateral,
     "quadrilateral",
     2,
     4,
     4,
     1,
     4,
     2,
     {{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}}},
     {{{0, 1}, {1, 2}, {2, 3}, {3, 0}}},
     {{{0, 1}, {1, 2}, {2, 3}, {3, 0}}},
     false},
    {CellType::tetrahedron,
     "tetrahedron",
     3,
     4,
     6,
     4,
     4,
     3,
     {{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
     {{{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}},
     {{{0, 1, 3}, {1, 2, 3}, {2, 0, 3}, {0, 2, 1}}},
     true},
    {CellType::hexahedron,
     "hexahedron",
     3,
     8,
     12,
     6,
     6,
     4,
     {{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}}},
     {{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {4, 5}, {5, 6}, {6, 7}, {7, 4}, {0, 4}, {1, 5}, {2, 6}, {3, 7}}},
     {{{0, 4, 7, 3}, {1, 2, 6, 5}, {0, 1, 5, 4}, {3, 7, 6, 2}, {0, 3, 2, 1}, {4, 5, 6, 7}}},
     false},
}};

LocalNode node_on(const CellTopology& cell, int dimension, std::span<const int> vertices) {
  LocalNode node{dimension, {}, static_cast<int>(vertices.size()), {}};
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    node.vertices[i] = vertices[i];
    for (int d = 0; d < 3; ++d) node.reference[d] += cell.coordinates[vertices[i]][d] / double(vertices.size());
  }
  return node;
}

std::vector<LocalNode> make_nodes(const CellTopology& cell, int degree) {
  constexpr std::array<int, 8> all{0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<LocalNode> nodes;
  for (int v = 0; v < cell.num_vertices; ++v) nodes.push_back(node_on(cell, 0, {&all[v], 1}));
  if (degree == 1) return nodes;
  for (int e = 0; e < cell.num_edges; ++e) nodes.push_back(node_on(cell, 1, cell.edges[e]));
  if (cell.simplex) return nodes;
  if (cell.dim == 3) {
    for (int f = 0; f < cell.num_facets; ++f) nodes.push_back(node_on(cell, 2, cell.facets[f]));
  }
  nodes.push_back(node_on(cell, cell.dim, {all.data(), std::size_t(cell.num_vertices)}));
  return nodes;
}

using NodeTable = std::array<std::array<std::vector<LocalNode>, 2>, topologies.size()>;

NodeTable make_node_table() {
  NodeTable table;
  for (std::size_t t = 0; t < topologies.size(); ++t) {
    for (int degree : {1, 2}) table[t][degree - 1] = make_nodes(topologies[t], degree);
  }
  return table;
}

}  // namespace

const CellTopology& topology(CellType type) { return topologies[static_cast<std::size_t>(type)]; }

CellType facet_type(CellType type) {
  switch (type) {
    case CellType::triangle:
    case CellType::quadrilateral:
      return CellType::interval;
    case CellType::tetrahedron:
      return CellType::triangle;
    case CellType::hexahedron:
      return CellType::quadrilateral;
    case CellType::interval:
      break;
  }
  throw sdk::Error(sdk::ErrorKind::internal, "the facets of an interval are points, which have no cell type",
                   "mesh::facet_type");
}

CellType cell_type_from_name(const std::string& name) {
  std::string names;
  for (const auto& cell : topologies) {
    if (name == cell.name) return cell.type;
    names += (names.empty() ? "" : ", ") + std::string(cell.name);
  }
  throw sdk::Error(sdk::ErrorKind::case_file, "unknown cell type \"" + name + "\"", {}, "known cell types: " + names);
}

std::span<const LocalNode> lagrange_nodes(CellType type, int degree) {
  static const NodeTable table = make_node_table();
  if (degree != 1 && degree != 2) {
    throw sdk::Error(sdk::ErrorKind::case_file, "no Lagrange elements of degree " + std::to_string(degree), {},
                     "degrees 1 and 2 exist");
  }
  return table[static_cast<std::size_t>(type)][degree - 1];
}

}  // namespace ansatz::mesh
