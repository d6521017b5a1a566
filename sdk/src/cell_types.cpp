#include "ansatz/sdk/cell_types.hpp"

#include <string_view>

#include "ansatz/sdk/error.hpp"

namespace ansatz::sdk {
namespace {

constexpr LocalNode node_on(const CellShape& cell, int dimension, std::span<const int> vertices) {
  LocalNode node{dimension, {}, static_cast<int>(vertices.size()), centre_of(cell, vertices)};
  for (std::size_t i = 0; i < vertices.size(); ++i) node.vertices[i] = vertices[i];
  return node;
}

using Nodes = Few<LocalNode, 27>;

constexpr Nodes make_nodes(const CellShape& cell, int degree) {
  constexpr std::array<int, 8> all{0, 1, 2, 3, 4, 5, 6, 7};
  Nodes nodes;
  for (int v = 0; v < cell.num_vertices; ++v) nodes.add(node_on(cell, 0, std::span(all).subspan(v, 1)));
  if (degree == 1) return nodes;
  for (const auto& edge : cell.edges) nodes.add(node_on(cell, 1, edge));
  for (const auto& facet : cell.facets) {
    if (facet.size() == 4) nodes.add(node_on(cell, 2, facet));
  }
  const bool of_intervals = cell.factors.size() == cell.dim;
  if (cell.dim > 1 && of_intervals) nodes.add(node_on(cell, cell.dim, std::span(all).first(cell.num_vertices)));
  return nodes;
}

constexpr auto make_node_table() {
  std::array<std::array<Nodes, 2>, cell_shapes.size()> table;
  for (std::size_t t = 0; t < cell_shapes.size(); ++t) {
    for (int degree : {1, 2}) table[t][degree - 1] = make_nodes(cell_shapes[t], degree);
  }
  return table;
}
constexpr auto node_table = make_node_table();

constexpr unsigned set_of(const LocalNode& node, const std::array<int, 8>& rename) {
  unsigned set = 0;
  for (const int v : node.carrier()) set |= 1U << rename[v];
  return set;
}

/// By type and degree: for each node the one on the mirrored entity.
constexpr auto make_mirror_table() {
  constexpr std::array<int, 8> all{0, 1, 2, 3, 4, 5, 6, 7};
  std::array<std::array<Few<int, 27>, 2>, cell_shapes.size()> table;
  for (std::size_t t = 0; t < cell_shapes.size(); ++t) {
    for (int degree : {1, 2}) {
      const auto& nodes = node_table[t][degree - 1];
      for (const auto& node : nodes) {
        for (int i = 0; i < nodes.size(); ++i) {
          if (set_of(nodes[i], all) == set_of(node, mirrored(cell_shapes[t]))) table[t][degree - 1].add(i);
        }
      }
    }
  }
  return table;
}
constexpr auto mirror_table = make_mirror_table();

// Checks of the table by the compiler.

/// Whether a number is that of an enumerator: the compiler calls others "(ansatz::sdk::CellType)7".
template <CellType cell>
constexpr bool is_enumerator() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  return text.find("cell = (") == text.npos;
}

template <class Check>
constexpr bool all(const Check& check) {
  for (const auto& cell : cell_shapes) {
    if (!check(cell)) return false;
  }
  return true;
}

constexpr bool rows_in_order() {
  for (std::size_t t = 0; t < cell_shapes.size(); ++t) {
    if (cell_shapes[t].type != static_cast<CellType>(t)) return false;
  }
  return true;
}

constexpr bool is_named(const CellShape& cell) {
  for (const auto& of_degree : cell.in_files) {
    if (of_degree.vtk == 0 || of_degree.gmsh == 0 || !of_degree.xdmf || !of_degree.xdmf_short) return false;
  }
  return cell.name && cell.plural && cell.vtk_lagrange != 0 && !cell.in_exodus.names.empty();
}

/// Each vertex is a vertex of every factor, and no two are equal: then they are all that the product has.
constexpr bool has_vertices_of_product(const CellShape& cell) {
  for (int v = 0; v < cell.num_vertices; ++v) {
    int first = 0;
    for (const int d : cell.factors) {
      int ones = 0;
      for (int k = first; k < first + d; ++k) {
        if (cell.coordinates[v][k] != 0.0 && cell.coordinates[v][k] != 1.0) return false;
        ones += cell.coordinates[v][k] == 1.0;
      }
      if (ones > 1) return false;
      first += d;
    }
    for (int k = cell.dim; k < 3; ++k) {
      if (cell.coordinates[v][k] != 0.0) return false;
    }
    for (int w = 0; w < v; ++w) {
      if (cell.coordinates[v] == cell.coordinates[w]) return false;
    }
  }
  return cell.num_vertices == cell.num_nodes(1);
}

constexpr bool in_range(const CellShape& cell, std::span<const int> vertices) {
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    if (vertices[i] < 0 || vertices[i] >= cell.num_vertices) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (vertices[i] == vertices[j]) return false;
    }
  }
  return true;
}

constexpr bool entities_in_range(const CellShape& cell) {
  for (const auto& edge : cell.edges) {
    if (!in_range(cell, edge)) return false;
  }
  for (const auto& facet : cell.facets) {
    if (!in_range(cell, facet)) return false;
  }
  return cell.num_facets > 0;
}

constexpr bool is_side_of(std::span<const int> facet, const std::array<int, 2>& edge) {
  for (std::size_t i = 0; i < facet.size(); ++i) {
    const int a = facet[i], b = facet[(i + 1) % facet.size()];
    if ((a == edge[0] && b == edge[1]) || (a == edge[1] && b == edge[0])) return true;
  }
  return false;
}

/// In 3-D every edge bounds two facets, facets have no other sides, and V - E + F = 2; in 2-D edges are the facets.
constexpr bool is_closed(const CellShape& cell) {
  if (cell.dim == 1) return cell.num_edges == 1 && cell.num_facets == 2;
  int sides = 0;
  for (const auto& facet : cell.facets) sides += cell.dim == 2 ? 1 : facet.size();
  if (sides != cell.num_edges * (cell.dim - 1)) return false;
  for (int e = 0; e < cell.num_edges; ++e) {
    int bounds = 0;
    for (int f = 0; f < cell.num_facets; ++f) {
      if (cell.dim == 2 && f != e) continue;
      bounds += is_side_of(cell.facets[f], cell.edges[e]);
    }
    if (bounds != cell.dim - 1) return false;
  }
  return cell.num_vertices - cell.num_edges + (cell.dim == 3 ? cell.num_facets : 1) == cell.dim - 1;
}

constexpr double determinant(const std::array<std::array<double, 3>, 3>& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/// The normal by the right-hand rule (in 2-D: to the right) points away from the centre, on all facets.
constexpr bool facets_point_outwards(const CellShape& cell) {
  const auto centre = centre_of(cell);
  for (const auto& facet : cell.facets) {
    const auto& a = cell.coordinates[facet[0]];
    const auto& b = cell.coordinates[facet[1 % facet.size()]];
    const auto& c = cell.coordinates[facet[facet.size() - 1]];
    std::array<std::array<double, 3>, 3> m{{{0, 0, 0}, {0, 0, 1}, {0, 0, 1}}};
    for (int k = 0; k < 3; ++k) {
      m[0][k] = a[k] - centre[k];
      if (cell.dim > 1) m[1][k] = b[k] - a[k];
      if (cell.dim > 2) m[2][k] = c[k] - a[k];
    }
    if (cell.dim > 1 && determinant(m) <= 0.0) return false;
  }
  return true;
}

constexpr bool facets_have_types(const CellShape& cell) {
  for (const auto& facet : cell.facets) {
    if (cell.dim == 1 ? facet.size() != 1 : cell_shape_with(cell.dim - 1, facet.size()) == nullptr) return false;
  }
  return true;
}

/// VTK's order of a product with an interval: what is at the bottom, what lies above it, what is between.
constexpr bool is_in_order_of_vtk(const CellShape& cell) {
  if (cell.dim < 3 || cell.factors[cell.factors.size() - 1] != 1) return true;
  const int half = cell.num_vertices / 2, around = (cell.num_edges - half) / 2;
  const auto* base = cell_shape_with(2, half);
  if (base == nullptr || base->num_edges != around) return false;
  for (int v = 0; v < half; ++v) {
    for (int k = 0; k < 2; ++k) {
      if (cell.coordinates[v][k] != base->coordinates[v][k]) return false;
      if (cell.coordinates[v + half][k] != base->coordinates[v][k]) return false;
    }
    if (cell.coordinates[v][2] != 0.0 || cell.coordinates[v + half][2] != 1.0) return false;
    if (cell.edges[2 * around + v] != std::array{v, v + half}) return false;
  }
  for (int e = 0; e < around; ++e) {
    const auto [a, b] = base->edges[e];
    if (cell.edges[e] != std::array{a, b} || cell.edges[around + e] != std::array{a + half, b + half}) return false;
  }
  return true;
}

constexpr bool has_nodes_of_product(const CellShape& cell) {
  for (int degree : {1, 2}) {
    const auto& nodes = node_table[static_cast<std::size_t>(cell.type)][degree - 1];
    if (nodes.size() != cell.num_nodes(degree)) return false;
    for (int i = 0; i < nodes.size(); ++i) {
      for (int j = 0; j < i; ++j) {
        if (nodes[i].reference == nodes[j].reference) return false;
      }
    }
  }
  return true;
}

constexpr bool is_permutation(std::span<const int> numbers, int count) {
  if (static_cast<int>(numbers.size()) != count) return false;
  unsigned seen = 0;
  for (const int number : numbers) seen |= number < 0 || number >= count ? 0U : 1U << number;
  return seen == (1U << count) - 1;
}

constexpr bool is_mirrored(const CellShape& cell) {
  const auto& orders = mirror_table[static_cast<std::size_t>(cell.type)];
  return is_permutation(orders[0], cell.num_nodes(1)) && is_permutation(orders[1], cell.num_nodes(2));
}

/// The layouts of nodes are known words, and differ in the number of nodes.
constexpr bool layouts_are_distinct(const CellShape& cell) {
  Few<int, 8> counts;
  for (const std::string_view layout : cell.in_exodus.layouts) {
    int count = cell.num_vertices;
    for (const char group : layout) {
      if (group != 'e' && group != 'f' && group != 'c') return false;
      count += group == 'e' ? cell.num_edges : group == 'f' ? cell.in_exodus.faces.size() : 1;
    }
    for (const int other : counts) {
      if (other == count) return false;
    }
    counts.add(count);
  }
  return !counts.empty();
}

constexpr bool is_in_exodus(const CellShape& cell) {
  const auto& exodus = cell.in_exodus;
  for (const int face : exodus.faces) {
    if (face < 0 || face >= cell.num_facets) return false;
  }
  return is_permutation(exodus.edges, cell.num_edges) && is_permutation(exodus.sides, cell.num_facets) &&
         layouts_are_distinct(cell);
}

/// The cells of a box lie upright and fill it: their volumes are positive and sum to 1.
constexpr bool fills_box(const CellShape& cell) {
  if (cell.box.empty() || cell.box.size() % cell.num_vertices != 0) return false;
  double sum = 0.0;
  for (int first = 0; first < cell.box.size(); first += cell.num_vertices) {
    std::array<std::array<double, 3>, 3> m{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int i = 0; i < cell.dim; ++i) {
      for (int k = 0; k < cell.dim; ++k) {
        m[i][k] = 0.0;
        for (int v = 0; v < cell.num_vertices; ++v) {
          const int corner = cell.box[first + v];
          if (corner < 0 || corner >= 1 << cell.dim) return false;
          m[i][k] += vertex_slope(cell, v, k, centre_of(cell)) * (corner >> i & 1);
        }
      }
    }
    const double volume = determinant(m) * cell.volume();
    if (volume <= 0.0) return false;
    sum += volume;
  }
  return sum > 1.0 - 1e-12 && sum < 1.0 + 1e-12;
}

/// VTK's and Gmsh's numbers stand for one type and degree each.
constexpr bool numbers_are_distinct() {
  Few<int, 100> vtk, gmsh;
  for (const auto& cell : cell_shapes) {
    for (const auto& of_degree : cell.in_files) {
      vtk.add(of_degree.vtk);
      gmsh.add(of_degree.gmsh);
    }
    vtk.add(cell.vtk_lagrange);
    for (const int other : cell.vtk_others) vtk.add(other);
  }
  for (const auto& numbers : {vtk, gmsh}) {
    for (int i = 0; i < numbers.size(); ++i) {
      for (int j = 0; j < i; ++j) {
        if (numbers[i] == numbers[j]) return false;
      }
    }
  }
  return true;
}

static_assert(rows_in_order(), "the rows of cell_shapes are in the order of the enumerators of CellType");
static_assert(!is_enumerator<static_cast<CellType>(cell_shapes.size())>(), "CellType has an enumerator without a row");
static_assert(is_enumerator<CellType::interval>() && !is_enumerator<static_cast<CellType>(99)>());
static_assert(all(is_named), "a row lacks a name or a number");
static_assert(all(has_vertices_of_product), "vertices of the reference cell are not those of its factors");
static_assert(all(entities_in_range), "an edge or a facet names a vertex that the cell does not have, or one twice");
static_assert(all(is_closed), "edges and facets do not bound a cell");
static_assert(all(facets_have_types), "there is no type of cells that a facet could be");
static_assert(all(facets_point_outwards), "a facet is not outward oriented");
static_assert(all(is_in_order_of_vtk), "vertices or edges are not in VTK's order");
static_assert(all(has_nodes_of_product), "vertices, edges and quadrilateral faces do not carry the nodes of degree 2");
static_assert(all(is_mirrored), "the cell with x and y exchanged is another cell");
static_assert(all(is_in_exodus), "Exodus' edges, sides, faces or layouts do not fit the cell");
static_assert(all(fills_box), "the cells of `box` do not fill a box");
static_assert(numbers_are_distinct(), "a number of VTK or Gmsh stands for two types of cells");

}  // namespace

namespace {

void require_degree(int degree) {
  if (degree == 1 || degree == 2) return;
  throw Error(ErrorKind::case_file, "no Lagrange elements of degree " + std::to_string(degree), {},
              "degrees 1 and 2 exist");
}

}  // namespace

std::vector<std::string> cell_names() {
  std::vector<std::string> names;
  for (const auto& cell : cell_shapes) names.emplace_back(cell.name);
  return names;
}

std::string cell_plurals() {
  std::string text;
  for (std::size_t t = 0; t < cell_shapes.size(); ++t) {
    text += (t == 0 ? "" : t + 1 == cell_shapes.size() ? " and " : ", ") + std::string(cell_shapes[t].plural);
  }
  return text;
}

std::span<const LocalNode> lagrange_nodes(CellType cell, int degree) {
  require_degree(degree);
  return node_table[static_cast<std::size_t>(cell)][degree - 1];
}

std::span<const int> mirrored_nodes(CellType cell, int degree) {
  require_degree(degree);
  return mirror_table[static_cast<std::size_t>(cell)][degree - 1];
}

}  // namespace ansatz::sdk
