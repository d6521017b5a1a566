#include "engine/mesh/topology/box_tree.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "engine/mesh/topology/locate.hpp"

using namespace ansatz;

TEST_CASE("The tree of boxes finds what a search through all boxes finds", "[mesh][locate]") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> place(0.0, 1.0);
  for (const int dim : {1, 2, 3}) {
    for (const int count : {0, 1, 4, 5, 300}) {
      std::vector<double> boxes;
      for (int b = 0; b < count; ++b) {
        std::array<double, 3> low{};
        for (int k = 0; k < dim; ++k) low[k] = b % 3 == 0 ? 0.25 : place(random);  // many with equal centres
        for (int k = 0; k < dim; ++k) boxes.push_back(low[k]);
        for (int k = 0; k < dim; ++k) boxes.push_back(low[k] + (b % 3 == 0 ? 0.5 : 0.3 * place(random)));
      }
      const mesh::BoxTree tree(dim, boxes);
      for (int i = 0; i < 200; ++i) {
        std::array<double, 3> x{};
        for (int k = 0; k < dim; ++k) x[k] = i % 10 == 0 ? 0.25 : place(random);
        std::vector<std::int32_t> expected;
        for (int b = 0; b < count; ++b) {
          bool inside = true;
          for (int k = 0; k < dim; ++k)
            inside = inside && x[k] >= boxes[2 * dim * b + k] && x[k] <= boxes[2 * dim * b + dim + k];
          if (inside) expected.push_back(b);
        }
        if (tree.at({x.data(), std::size_t(dim)}) != expected) FAIL("another set of boxes");
      }
    }
  }
  SUCCEED();
}

TEST_CASE("A point is located in thin, tiny and far cells to a tolerance of the cell", "[mesh][locate]") {
  // A quadrilateral of 1e-9 by 1 at 1000, and the same in units 2^30 times as large.
  for (const double unit : {1.0, 1073741824.0}) {
    const double far = 1000.0 * unit, thin = 1e-9 * unit;
    const std::vector<double> nodes{far, 0.0, far + thin, 0.0, far + thin, unit, far, unit};
    const auto at = [&](double x, double y, const mesh::Slack& slack) {
      const std::array<double, 2> point{x, y};
      return mesh::locate(mesh::CellType::quadrilateral, 1, nodes, point, slack).has_value();
    };
    CHECK(at(nodes[0], 0.5 * unit, {1e-8, 0.0}));
    CHECK(at(nodes[0] + 0.5 * (nodes[2] - nodes[0]), unit * (1 + 1e-9), {1e-8, 0.0}));
    CHECK_FALSE(at(nodes[0] + 2 * thin, 0.5 * unit, {1e-8, 0.0}));
    CHECK_FALSE(at(nodes[0], unit * (1 + 1e-7), {1e-8, 0.0}));
    CHECK_FALSE(at(nodes[0] - 0.5 * thin, 0.5 * unit, {1e-8, 0.0}));
    CHECK(at(nodes[0] - 0.5 * thin, 0.5 * unit, {1e-8, thin}));
  }
}
