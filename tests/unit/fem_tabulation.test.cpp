#include <catch2/catch.hpp>
#include <cmath>

#include "engine/fem/elements/quadrature.hpp"
#include "engine/fem/elements/tabulation.hpp"
#include "tests/support/cells.hpp"

using namespace ansatz;
using mesh::CellType;

namespace {

const std::vector<CellType> cells = tests::all_cells();

template <class Check>
void for_each_element(const Check& check) {
  for (const auto cell : cells) {
    for (int degree : {1, 2}) {
      CAPTURE(mesh::topology(cell).name, degree);
      check(cell, degree, mesh::topology(cell).dim);
    }
  }
}

}  // namespace

TEST_CASE("Basis functions are one at their node, zero at the others, and sum to one", "[fem][tabulation]") {
  for_each_element([](CellType cell, int degree, int dim) {
    std::vector<double> nodes;
    for (const auto& node : mesh::lagrange_nodes(cell, degree)) {
      nodes.insert(nodes.end(), node.reference.begin(), node.reference.begin() + dim);
    }
    const auto at_nodes = fem::tabulate(cell, degree, nodes);
    REQUIRE(at_nodes.num_points == at_nodes.num_nodes);
    for (int q = 0; q < at_nodes.num_points; ++q) {
      for (int a = 0; a < at_nodes.num_nodes; ++a) {
        CHECK(std::abs(at_nodes.values[q * at_nodes.num_nodes + a] - (q == a)) < 1e-15);
      }
    }
    const auto rule = fem::quadrature(cell, 5);
    const auto table = fem::tabulate(cell, degree, rule.points);
    const int nh = dim * (dim + 1) / 2;
    for (int q = 0; q < table.num_points; ++q) {
      double sum = 0.0;
      std::vector<double> gradient(dim, 0.0), hessian(nh, 0.0);
      for (int a = 0; a < table.num_nodes; ++a) {
        const int at = q * table.num_nodes + a;
        sum += table.values[at];
        for (int k = 0; k < dim; ++k) gradient[k] += table.gradients[at * dim + k];
        for (int h = 0; h < nh; ++h) hessian[h] += table.hessians[at * nh + h];
      }
      CHECK(std::abs(sum - 1.0) < 1e-14);
      for (const double g : gradient) CHECK(std::abs(g) < 1e-14);
      for (const double h : hessian) CHECK(std::abs(h) < 1e-13);
    }
  });
}

TEST_CASE("Tabulated gradients and second derivatives equal central differences, exact for these bases",
          "[fem][tabulation]") {
  // The bases are at most quadratic in each coordinate, so central differences have round-off alone.
  const std::vector<std::array<int, 2>> pairs_2d{{0, 0}, {1, 1}, {0, 1}};
  const std::vector<std::array<int, 2>> pairs_3d{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {0, 2}};
  for_each_element([&](CellType cell, int degree, int dim) {
    const double h = 0.125;
    const std::vector<double> x{0.21, 0.34, 0.17};
    const auto moved = [&](std::initializer_list<std::pair<int, double>> moves) {
      std::vector<double> y(x.begin(), x.begin() + dim);
      for (const auto& [k, step] : moves) y[k] += step;
      return fem::tabulate(cell, degree, y).values;
    };
    const auto table = fem::tabulate(cell, degree, std::span(x).first(dim));
    const int nh = dim * (dim + 1) / 2;
    for (int a = 0; a < table.num_nodes; ++a) {
      for (int k = 0; k < dim; ++k) {
        CHECK(table.gradients[a * dim + k] ==
              Approx((moved({{k, h}})[a] - moved({{k, -h}})[a]) / (2 * h)).margin(1e-13));
      }
      for (int e = 0; e < nh; ++e) {
        const auto [i, j] = dim == 1 ? std::array{0, 0} : (dim == 2 ? pairs_2d[e] : pairs_3d[e]);
        const double difference = (moved({{i, h}, {j, h}})[a] - moved({{i, h}, {j, -h}})[a] -
                                   moved({{i, -h}, {j, h}})[a] + moved({{i, -h}, {j, -h}})[a]) /
                                  (4 * h * h);
        CHECK(table.hessians[a * nh + e] == Approx(difference).margin(1e-12));
      }
    }
  });
}

TEST_CASE("Facet maps send the facet's corners to its vertices, with outward tangents", "[fem][tabulation]") {
  for (const auto cell : cells) {
    const auto& topology = mesh::topology(cell);
    CAPTURE(topology.name);
    for (int f = 0; f < topology.num_facets; ++f) {
      CAPTURE(f);
      if (topology.dim == 1) {
        CHECK(fem::map_facet(cell, f, 1, {}).points == std::vector<double>{f == 0 ? 0.0 : 1.0});
        continue;
      }
      const auto& facet = mesh::topology(mesh::facet_type(cell, f));
      const int dim = topology.dim;
      std::vector<double> corners;
      for (int v = 0; v < facet.num_vertices; ++v) {
        corners.insert(corners.end(), facet.coordinates[v].begin(), facet.coordinates[v].begin() + dim - 1);
      }
      const auto map = fem::map_facet(cell, f, facet.num_vertices, corners);
      std::array<double, 3> middle{}, centre{};
      for (int v = 0; v < topology.num_vertices; ++v) {
        for (int i = 0; i < dim; ++i) centre[i] += topology.coordinates[v][i] / topology.num_vertices;
      }
      for (int v = 0; v < facet.num_vertices; ++v) {
        for (int i = 0; i < dim; ++i) {
          CHECK(map.points[v * dim + i] == topology.coordinates[topology.facets[f][v]][i]);
          middle[i] += map.points[v * dim + i] / facet.num_vertices;
        }
      }
      const double* t = map.tangents.data();
      const std::array<double, 3> normal =
          dim == 2 ? std::array{t[1], -t[0], 0.0}
                   : std::array{t[1] * t[5] - t[2] * t[4], t[2] * t[3] - t[0] * t[5], t[0] * t[4] - t[1] * t[3]};
      double outwards = 0.0;
      for (int i = 0; i < dim; ++i) outwards += normal[i] * (middle[i] - centre[i]);
      CHECK(outwards > 0.05);
    }
  }
}
