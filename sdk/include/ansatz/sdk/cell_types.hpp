#pragma once
/// The one table of cell types: all that the engine, the readers and the writers know of a type of cells is its row.
///
/// A new type of cells is an enumerator of CellType and a row of cell_shapes; src/cell_types.cpp has the compiler check
/// the table, and says what is missing.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace ansatz::sdk {

enum class CellType : int { interval, triangle, quadrilateral, tetrahedron, hexahedron, prism };

/// Up to N values in place; more are an error of the compiler.
template <class T, std::size_t N>
class Few {
 public:
  constexpr Few() = default;
  constexpr Few(std::initializer_list<T> values) {
    for (const auto& value : values) items_[size_++] = value;
  }
  constexpr int size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T* data() const { return items_.data(); }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr void add(const T& value) { items_[size_++] = value; }

 private:
  std::array<T, N> items_{};
  int size_ = 0;
};

/// How files call the cells of a type whose nodes are those of a Lagrange basis.
struct CellInFiles {
  int vtk = 0;
  int gmsh = 0;
  const char* xdmf = nullptr;
  const char* xdmf_short = nullptr;  ///< that XDMF also knows
};

/// The elements of Exodus that are cells of a type (W. R. Mills-Curran et al., EXODUS II, SAND92-2137, section 4).
struct CellInExodus {
  Few<const char*, 6> names;  ///< beginnings of the names of elements
  Few<int, 12> edges;         ///< numbers of the edges in the order of their nodes
  Few<int, 6> sides;          ///< numbers of the facets in the order of the sides
  Few<int, 6> faces;          ///< numbers of the facets with nodes of their own, in the order of these
  /// Layouts of nodes behind the corners: e one in the middle of each edge, f of each of `faces`, c of the cell.
  Few<const char*, 8> layouts;
};

/// A row of the table. Local entities are given by local vertex numbers, in VTK's order.
///
/// The reference cell is a product of simplices, each with a vertex at 0 and the others at the unit points: an interval
/// [0, 1], a triangle, a tetrahedron. Bases, quadrature and the place of a point follow from that.
///
/// Facets are outward oriented, and the Jacobian of every cell is positive. VTK's documentation has the triangles of a
/// wedge the other way round than VTK's own parametric coordinates, Gmsh, Exodus and most writers: meshes are read
/// either way, and results are written as VTK documents.
struct CellShape {
  CellType type{};
  const char* name = nullptr;
  const char* plural = nullptr;
  Few<int, 3> factors{};                        ///< dimensions of the simplices, along x first
  Few<std::array<double, 3>, 8> coordinates{};  ///< of the vertices
  Few<std::array<int, 2>, 12> edges{};          ///< (interval: the cell itself), in the order of their nodes
  Few<Few<int, 4>, 6> facets{};                 ///< entities of dimension dim - 1, their vertices in cyclic order
  std::array<CellInFiles, 2> in_files{};        ///< by degree less one
  int vtk_lagrange = 0;                         ///< VTK's number of the cells of any degree
  Few<int, 6> vtk_others{};                     ///< further ones of VTK whose nodes interpolate, of any layout
  CellInExodus in_exodus{};
  Few<int, 24> box{};  ///< vertices of the cells that fill a cell of a lattice, by its corners x + 2 y + 4 z

  // What follows from the above.
  int dim = sum(factors);
  int num_vertices = coordinates.size();
  int num_edges = edges.size();
  int num_facets = facets.size();
  bool simplex = factors.size() == 1;

  /// Number of Lagrange nodes of a degree.
  constexpr int num_nodes(int degree) const {
    int product = 1;
    for (const int d : factors) {
      for (int k = 1; k <= d; ++k) product = product * (degree + k) / k;
    }
    return product;
  }
  constexpr double volume() const {
    double product = 1.0;
    for (const int d : factors) {
      for (int k = 2; k <= d; ++k) product /= k;
    }
    return product;
  }
  /// Fewest vertices of a facet.
  constexpr int least_facet_vertices() const {
    int least = facets[0].size();
    for (const auto& facet : facets) least = facet.size() < least ? facet.size() : least;
    return least;
  }
  constexpr int most_facet_vertices() const {
    int most = 0;
    for (const auto& facet : facets) most = facet.size() > most ? facet.size() : most;
    return most;
  }

 private:
  static constexpr int sum(const Few<int, 3>& values) {
    int total = 0;
    for (const int value : values) total += value;
    return total;
  }
};

/// The table, in the order of the enumerators. The first type of each dimension fills boxes by default.
// clang-format off
inline constexpr std::array cell_shapes{
    CellShape{.type = CellType::interval,
              .name = "interval",
              .plural = "lines",
              .factors = {1},
              .coordinates = {{0, 0, 0}, {1, 0, 0}},
              .edges = {{0, 1}},
              .facets = {{0}, {1}},
              .in_files = {{{3, 1, "Polyline", "Interval"}, {21, 8, "Edge_3", "Interval_3"}}},
              .vtk_lagrange = 68,
              .in_exodus = {.names = {"BAR", "BEAM", "TRUSS", "ROD", "EDGE", "LINE"},
                            .edges = {0},
                            .sides = {0, 1},
                            .faces = {},
                            .layouts = {"", "e"}},
              .box = {0, 1}},
    CellShape{.type = CellType::triangle,
              .name = "triangle",
              .plural = "triangles",
              .factors = {2},
              .coordinates = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}},
              .edges = {{0, 1}, {1, 2}, {2, 0}},
              .facets = {{0, 1}, {1, 2}, {2, 0}},
              .in_files = {{{5, 2, "Triangle", "Tri"}, {22, 9, "Triangle_6", "Tri_6"}}},
              .vtk_lagrange = 69,
              .vtk_others = {34},
              .in_exodus = {.names = {"TRI"},
                            .edges = {0, 1, 2},
                            .sides = {0, 1, 2},
                            .faces = {},
                            .layouts = {"", "c", "e", "ec"}},
              .box = {0, 1, 3, 0, 3, 2}},
    CellShape{.type = CellType::quadrilateral,
              .name = "quadrilateral",
              .plural = "quadrilaterals",
              .factors = {1, 1},
              .coordinates = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}},
              .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
              .facets = {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
              .in_files = {{{9, 3, "Quadrilateral", "Quad"}, {28, 10, "Quadrilateral_9", "Quad_9"}}},
              .vtk_lagrange = 70,
              .vtk_others = {8, 23, 30},
              .in_exodus = {.names = {"QUAD", "SHELL"},
                            .edges = {0, 1, 2, 3},
                            .sides = {0, 1, 2, 3},
                            .faces = {},
                            .layouts = {"", "c", "e", "ec"}},
              .box = {0, 1, 3, 2}},
    CellShape{.type = CellType::tetrahedron,
              .name = "tetrahedron",
              .plural = "tetrahedra",
              .factors = {3},
              .coordinates = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
              .edges = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}},
              .facets = {{0, 1, 3}, {1, 2, 3}, {2, 0, 3}, {0, 2, 1}},
              .in_files = {{{10, 4, "Tetrahedron", "Tet"}, {24, 11, "Tetrahedron_10", "Tet_10"}}},
              .vtk_lagrange = 71,
              .in_exodus = {.names = {"TET"},
                            .edges = {0, 1, 2, 3, 4, 5},
                            .sides = {0, 1, 2, 3},
                            .faces = {3, 1, 2, 0},
                            .layouts = {"", "c", "f", "e", "ec", "ef", "efc"}},
              .box = {0, 1, 3, 7, 0, 3, 2, 7, 0, 2, 6, 7, 0, 6, 4, 7, 0, 4, 5, 7, 0, 5, 1, 7}},
    CellShape{.type = CellType::hexahedron,
              .name = "hexahedron",
              .plural = "hexahedra",
              .factors = {1, 1, 1},
              .coordinates = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
              .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {4, 5}, {5, 6}, {6, 7}, {7, 4}, {0, 4}, {1, 5}, {2, 6}, {3, 7}},
              .facets = {{0, 4, 7, 3}, {1, 2, 6, 5}, {0, 1, 5, 4}, {3, 7, 6, 2}, {0, 3, 2, 1}, {4, 5, 6, 7}},
              .in_files = {{{12, 5, "Hexahedron", "Hex"}, {29, 12, "Hexahedron_27", "Hex_27"}}},
              .vtk_lagrange = 72,
              .vtk_others = {11, 25, 33},
              .in_exodus = {.names = {"HEX"},
                            .edges = {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7},
                            .sides = {2, 1, 3, 0, 4, 5},
                            .faces = {4, 5, 0, 1, 2, 3},
                            .layouts = {"", "c", "e", "ec", "ecf"}},
              .box = {0, 1, 3, 2, 4, 5, 7, 6}},
    CellShape{.type = CellType::prism,
              .name = "prism",
              .plural = "prisms",
              .factors = {2, 1},
              .coordinates = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}},
              .edges = {{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {0, 3}, {1, 4}, {2, 5}},
              .facets = {{0, 2, 1}, {3, 4, 5}, {0, 1, 4, 3}, {1, 2, 5, 4}, {2, 0, 3, 5}},
              .in_files = {{{13, 6, "Wedge", "Wedge"}, {32, 13, "Wedge_18", "Wedge_18"}}},
              .vtk_lagrange = 73,
              .vtk_others = {26, 31},
              .in_exodus = {.names = {"WEDGE"},
                            .edges = {0, 1, 2, 6, 7, 8, 3, 4, 5},
                            .sides = {2, 3, 4, 0, 1},
                            .faces = {2, 3, 4},
                            .layouts = {"", "c", "e", "ec", "ef"}},
              .box = {0, 1, 3, 4, 5, 7, 0, 3, 2, 4, 7, 6}},
};
// clang-format on

constexpr const CellShape& cell_shape(CellType cell) { return cell_shapes[static_cast<std::size_t>(cell)]; }

/// The type of cells of this dimension with so many vertices; null where there is none.
constexpr const CellShape* cell_shape_with(int dim, int num_vertices) {
  for (const auto& shape : cell_shapes) {
    if (shape.dim == dim && shape.num_vertices == num_vertices) return &shape;
  }
  return nullptr;
}

/// The names of the types of cells, and "lines, triangles, …": for people.
std::vector<std::string> cell_names();
std::string cell_plurals();

/// Value at x of the function of degree 1 that is 1 at vertex v and 0 at the others.
constexpr double vertex_function(const CellShape& cell, int v, const std::array<double, 3>& x) {
  double product = 1.0;
  int first = 0;
  for (const int d : cell.factors) {
    double value = 1.0;
    for (int k = first; k < first + d; ++k) value -= x[k];
    for (int k = first; k < first + d; ++k) {
      if (cell.coordinates[v][k] > 0.5) value = x[k];
    }
    product *= value;
    first += d;
  }
  return product;
}

/// Derivative of vertex_function() in direction `axis`.
constexpr double vertex_slope(const CellShape& cell, int v, int axis, const std::array<double, 3>& x) {
  double product = 1.0;
  int first = 0;
  for (const int d : cell.factors) {
    const bool varies = axis >= first && axis < first + d;
    double value = 1.0, slope = -1.0;
    for (int k = first; k < first + d; ++k) value -= x[k];
    for (int k = first; k < first + d; ++k) {
      if (cell.coordinates[v][k] <= 0.5) continue;
      value = x[k];
      slope = k == axis ? 1.0 : 0.0;
    }
    product *= varies ? slope : value;
    first += d;
  }
  return product;
}

/// Mean of some vertices, or of all.
constexpr std::array<double, 3> centre_of(const CellShape& cell, std::span<const int> vertices) {
  std::array<double, 3> centre{};
  for (const int v : vertices) {
    for (int k = 0; k < 3; ++k) centre[k] += cell.coordinates[v][k] / static_cast<double>(vertices.size());
  }
  return centre;
}
constexpr std::array<double, 3> centre_of(const CellShape& cell) {
  constexpr std::array<int, 8> all{0, 1, 2, 3, 4, 5, 6, 7};
  return centre_of(cell, std::span(all).first(cell.num_vertices));
}

/// Vertices of the cell turned inside out, which is the cell with x and y exchanged (an interval: with its ends
/// exchanged): vertex v of it is vertex mirrored(cell)[v] of the cell. Shape (num_vertices).
constexpr std::array<int, 8> mirrored(const CellShape& cell) {
  std::array<int, 8> order{};
  for (int v = 0; v < cell.num_vertices; ++v) {
    auto place = cell.coordinates[v];
    if (cell.dim == 1) {
      place[0] = 1.0 - place[0];
    } else {
      const double x = place[0];
      place[0] = place[1];
      place[1] = x;
    }
    for (int w = 0; w < cell.num_vertices; ++w) {
      if (cell.coordinates[w] == place) order[v] = w;
    }
  }
  return order;
}

/// A Lagrange node of the reference cell, carried by a vertex, an edge, a quadrilateral face or the cell.
struct LocalNode {
  int dimension = 0;              ///< of the entity that carries the node
  std::array<int, 8> vertices{};  ///< local vertices of that entity
  int num_vertices = 0;
  std::array<double, 3> reference{};  ///< reference coordinates

  constexpr std::span<const int> carrier() const { return std::span(vertices).first(num_vertices); }
};

/// The Lagrange nodes of degree 1 or 2, in VTK's order: vertices, edges, then the centres of quadrilateral faces and
/// the centre of products of intervals (VTK's types 22, 24, 28, 29 and so on, see the table). \throws Error of kind
/// case_file for another degree.
std::span<const LocalNode> lagrange_nodes(CellType cell, int degree);

/// The nodes of the cell turned inside out, see mirrored(): node i of it is node mirrored_nodes()[i] of the cell.
std::span<const int> mirrored_nodes(CellType cell, int degree);

}  // namespace ansatz::sdk
