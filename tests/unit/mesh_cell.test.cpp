#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "ansatz/sdk/error.hpp"
#include "engine/mesh/cells/cell.hpp"
#include "tests/support/cells.hpp"

using namespace ansatz;
using namespace ansatz::mesh;

namespace {

const auto all_cells = tests::all_cells();
using Vector = std::array<double, 3>;

Vector minus(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vector mean(const CellShape& cell, std::span<const int> vertices) {
  Vector sum{};
  for (const int v : vertices) {
    for (int d = 0; d < 3; ++d) sum[d] += cell.coordinates[v][d] / double(vertices.size());
  }
  return sum;
}

}  // namespace

TEST_CASE("The cells have the entity counts of their polytopes", "[mesh]") {
  const std::vector<std::array<int, 3>> vertices_edges_facets{{2, 1, 2}, {3, 3, 3},  {4, 4, 4},
                                                              {4, 6, 4}, {8, 12, 6}, {6, 9, 5}};
  REQUIRE(all_cells.size() == vertices_edges_facets.size());
  for (std::size_t t = 0; t < all_cells.size(); ++t) {
    const auto& cell = topology(all_cells[t]);
    CHECK(cell.type == all_cells[t]);
    CHECK(std::array{cell.num_vertices, cell.num_edges, cell.num_facets} == vertices_edges_facets[t]);
    CHECK(cell_type_from_name(cell.name) == all_cells[t]);
  }
}

TEST_CASE("Facets are oriented outward and lie on the boundary of the reference cell", "[mesh]") {
  for (const auto type : all_cells) {
    const auto& cell = topology(type);
    std::array<int, 8> all{0, 1, 2, 3, 4, 5, 6, 7};
    const auto centre = mean(cell, std::span(all).first(cell.num_vertices));
    if (cell.dim == 1) continue;
    for (int f = 0; f < cell.num_facets; ++f) {
      INFO(cell.name << " facet " << f);
      const std::span<const int> facet = cell.facets[f];
      const auto edge = minus(cell.coordinates[facet[1]], cell.coordinates[facet[0]]);
      const auto last = minus(cell.coordinates[facet.back()], cell.coordinates[facet[0]]);
      const Vector normal = cell.dim == 2 ? Vector{edge[1], -edge[0], 0.0} : cross(edge, last);
      CHECK(dot(normal, minus(mean(cell, facet), centre)) > 0.0);
      for (int v = 0; v < cell.num_vertices; ++v) {
        const double distance = dot(normal, minus(cell.coordinates[v], cell.coordinates[facet[0]]));
        const bool on_facet = std::ranges::find(facet, v) != facet.end();
        CHECK((on_facet ? distance == 0.0 : distance < 0.0));
      }
    }
  }
}

TEST_CASE("Edges are different, and each belongs to as many facets as the polytope has around an edge", "[mesh]") {
  for (const auto type : all_cells) {
    const auto& cell = topology(type);
    std::set<std::pair<int, int>> edges;
    for (int e = 0; e < cell.num_edges; ++e) {
      edges.insert(std::minmax({cell.edges[e][0], cell.edges[e][1]}));
      int facets = 0;
      for (int f = 0; f < cell.num_facets; ++f) {
        const std::span<const int> facet = cell.facets[f];
        facets += std::ranges::count(facet, cell.edges[e][0]) > 0 && std::ranges::count(facet, cell.edges[e][1]) > 0;
      }
      CHECK(facets == cell.dim - 1);
    }
    CHECK(static_cast<int>(edges.size()) == cell.num_edges);
  }
}

TEST_CASE("Second-order nodes are where VTK's quadratic cells have them", "[mesh]") {
  const auto check = [](CellType type, const std::vector<Vector>& expected) {
    const auto nodes = lagrange_nodes(type, 2);
    REQUIRE(nodes.size() == expected.size());
    for (std::size_t k = 0; k < nodes.size(); ++k) CHECK(nodes[k].reference == expected[k]);
  };
  check(CellType::interval, {{0, 0, 0}, {1, 0, 0}, {.5, 0, 0}});
  check(CellType::triangle, {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {.5, 0, 0}, {.5, .5, 0}, {0, .5, 0}});
  check(CellType::quadrilateral,
        {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {.5, 0, 0}, {1, .5, 0}, {.5, 1, 0}, {0, .5, 0}, {.5, .5, 0}});
  check(CellType::tetrahedron, {{0, 0, 0},
                                {1, 0, 0},
                                {0, 1, 0},
                                {0, 0, 1},
                                {.5, 0, 0},
                                {.5, .5, 0},
                                {0, .5, 0},
                                {0, 0, .5},
                                {.5, 0, .5},
                                {0, .5, .5}});
  check(CellType::hexahedron,
        {{0, 0, 0},   {1, 0, 0},   {1, 1, 0},   {0, 1, 0},   {0, 0, 1},   {1, 0, 1},   {1, 1, 1},
         {0, 1, 1},   {.5, 0, 0},  {1, .5, 0},  {.5, 1, 0},  {0, .5, 0},  {.5, 0, 1},  {1, .5, 1},
         {.5, 1, 1},  {0, .5, 1},  {0, 0, .5},  {1, 0, .5},  {1, 1, .5},  {0, 1, .5},  {0, .5, .5},
         {1, .5, .5}, {.5, 0, .5}, {.5, 1, .5}, {.5, .5, 0}, {.5, .5, 1}, {.5, .5, .5}});
  // vtkBiQuadraticQuadraticWedge: corners, edges of the triangles, upright edges, centres of the quadrilaterals.
  check(CellType::prism, {{0, 0, 0},
                          {1, 0, 0},
                          {0, 1, 0},
                          {0, 0, 1},
                          {1, 0, 1},
                          {0, 1, 1},
                          {.5, 0, 0},
                          {.5, .5, 0},
                          {0, .5, 0},
                          {.5, 0, 1},
                          {.5, .5, 1},
                          {0, .5, 1},
                          {0, 0, .5},
                          {1, 0, .5},
                          {0, 1, .5},
                          {.5, 0, .5},
                          {.5, .5, .5},
                          {0, .5, .5}});
}

TEST_CASE("A prism has triangles and quadrilaterals as facets, with 6 and 9 nodes of order 2", "[mesh]") {
  const auto& prism = topology(CellType::prism);
  const std::array<CellType, 5> expected{CellType::triangle, CellType::triangle, CellType::quadrilateral,
                                         CellType::quadrilateral, CellType::quadrilateral};
  for (int f = 0; f < 5; ++f) {
    CHECK(facet_type(CellType::prism, f) == expected[f]);
    int on_facet = 0;
    for (const auto& node : lagrange_nodes(CellType::prism, 2)) {
      on_facet += std::ranges::all_of(
          node.carrier(), [&](int v) { return std::ranges::find(prism.facets[f], v) != prism.facets[f].end(); });
    }
    CHECK(on_facet == (f < 2 ? 6 : 9));
  }
  CHECK(prism.least_facet_vertices() == 3);
  CHECK(prism.most_facet_vertices() == 4);
  CHECK(prism.volume() == 0.5);
}

TEST_CASE("Wrong names, degrees and facets of cells are refused with a reason", "[mesh]") {
  try {
    cell_type_from_name("pyramid");
    FAIL("pyramid was accepted");
  } catch (const sdk::Error& error) {
    CHECK(error.kind() == sdk::ErrorKind::case_file);
    CHECK(error.hint() == "known cell types: interval, triangle, quadrilateral, tetrahedron, hexahedron, prism");
  }
  CHECK_THROWS_AS(lagrange_nodes(CellType::triangle, 3), sdk::Error);
  CHECK_THROWS_AS(facet_type(CellType::interval, 0), sdk::Error);
  CHECK(facet_type(CellType::quadrilateral, 3) == CellType::interval);
  CHECK(facet_type(CellType::tetrahedron, 3) == CellType::triangle);
  CHECK(facet_type(CellType::hexahedron, 5) == CellType::quadrilateral);
}
