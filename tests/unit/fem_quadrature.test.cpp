#include <catch2/catch.hpp>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "engine/fem/elements/quadrature.hpp"
#include "tests/support/cells.hpp"

using namespace ansatz;
using mesh::CellType;

namespace {

const std::vector<CellType> cells = tests::all_cells();

double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

/// Integral of x^a y^b z^c: a! b! c! / (a + b + c + dim)! on simplices, 1 / ((a + 1) (b + 1) (c + 1)) on cubes; on
/// prisms a! b! / (a + b + 2)! / (c + 1).
double exact_integral(CellType cell, const std::array<int, 3>& powers) {
  const auto& topology = mesh::topology(cell);
  if (cell == CellType::prism)
    return exact_integral(CellType::triangle, powers) * exact_integral(CellType::interval, {powers[2], 0, 0});
  double value = 1.0;
  int sum = topology.dim;
  for (int k = 0; k < topology.dim; ++k) {
    value *= topology.simplex ? factorial(powers[k]) : 1.0 / (powers[k] + 1);
    sum += powers[k];
  }
  return topology.simplex ? value / factorial(sum) : value;
}

}  // namespace

TEST_CASE("Each rule integrates all monomials up to its degree exactly", "[fem][quadrature]") {
  for (const auto cell : cells) {
    const auto& topology = mesh::topology(cell);
    const int dim = topology.dim;
    for (int degree = 0; degree <= 12; ++degree) {
      const auto rule = fem::quadrature(cell, degree);
      REQUIRE(rule.points.size() == std::size_t(rule.size()) * dim);
      double worst = 0.0;
      for (int a = 0; a <= degree; ++a) {
        for (int b = 0; b <= (dim > 1 ? degree : 0); ++b) {
          for (int c = 0; c <= (dim > 2 ? degree : 0); ++c) {
            if (topology.simplex && a + b + c > degree) continue;
            if (cell == CellType::prism && a + b > degree) continue;
            double sum = 0.0;
            for (int q = 0; q < rule.size(); ++q) {
              const auto x = rule.point(q);
              sum += rule.weights[q] * std::pow(x[0], a) * std::pow(x[1], b) * std::pow(x[2], c);
            }
            const double exact = exact_integral(cell, {a, b, c});
            worst = std::max(worst, std::abs(sum - exact) / exact);
          }
        }
      }
      CAPTURE(topology.name, degree, rule.size());
      CHECK(worst < 1e-14);
    }
  }
}

TEST_CASE("Weights are positive and points lie inside the cell", "[fem][quadrature]") {
  for (const auto cell : cells) {
    for (int degree = 0; degree <= 40; degree += degree < 12 ? 1 : 7) {
      const auto rule = fem::quadrature(cell, degree);
      CAPTURE(mesh::topology(cell).name, degree);
      double volume = 0.0;
      bool inside = true;
      for (int q = 0; q < rule.size(); ++q) {
        inside &= rule.weights[q] > 0.0;
        volume += rule.weights[q];
        double sum = 0.0;
        for (int k = 0; k < rule.dim; ++k) {
          inside &= rule.point(q)[k] > 0.0 && rule.point(q)[k] < 1.0;
          sum += rule.point(q)[k];
        }
        if (mesh::topology(cell).simplex) inside &= sum < 1.0;
        if (cell == CellType::prism) inside &= rule.point(q)[0] + rule.point(q)[1] < 1.0;
      }
      CHECK(inside);
      CHECK(std::abs(volume - exact_integral(cell, {0, 0, 0})) < 1e-13 * volume);
    }
  }
}

TEST_CASE("The rule of a prism is the product of those of the triangle and the interval", "[fem][quadrature]") {
  for (const int degree : {1, 2, 4, 5, 9}) {
    const auto rule = fem::quadrature(CellType::prism, degree);
    CHECK(rule.size() == fem::quadrature(CellType::triangle, degree).size() * (degree / 2 + 1));
    CHECK(rule.dim == 3);
  }
}

TEST_CASE("A quadrature degree out of range is an error", "[fem][quadrature]") {
  CHECK_THROWS_AS(fem::quadrature(CellType::triangle, -1), sdk::Error);
  CHECK_THROWS_AS(fem::quadrature(CellType::triangle, 41), sdk::Error);
}
