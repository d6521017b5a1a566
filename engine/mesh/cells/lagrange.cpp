#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::mesh {
namespace {

struct ValueAndSlope {
  double value;
  double slope;
};

/// One-dimensional Lagrange function of the node at `node` (0, 0.5 or 1) at x.
ValueAndSlope line_function(int degree, double node, double x) {
  if (degree == 1) return node == 0.0 ? ValueAndSlope{1.0 - x, -1.0} : ValueAndSlope{x, 1.0};
  if (node == 0.0) return {(1.0 - x) * (1.0 - 2.0 * x), 4.0 * x - 3.0};
  if (node == 1.0) return {x * (2.0 * x - 1.0), 4.0 * x - 1.0};
  return {4.0 * x * (1.0 - x), 4.0 - 8.0 * x};
}

/// Second derivative of line_function().
double line_curvature(int degree, double node) {
  if (degree == 1) return 0.0;
  return node == 0.5 ? -8.0 : 4.0;
}

/// Barycentric coordinate of vertex v.
double barycentric(int dim, int v, const std::array<double, 3>& x) {
  if (v > 0) return x[v - 1];
  double value = 1.0;
  for (int k = 0; k < dim; ++k) value -= x[k];
  return value;
}

double barycentric_slope(int v, int k) { return v == 0 ? -1.0 : (v == k + 1 ? 1.0 : 0.0); }

double simplex_value(int dim, int degree, const LocalNode& node, const std::array<double, 3>& x) {
  const double a = barycentric(dim, node.vertices[0], x);
  if (node.num_vertices == 1) return degree == 1 ? a : a * (2.0 * a - 1.0);
  return 4.0 * a * barycentric(dim, node.vertices[1], x);
}

double simplex_slope(int dim, int degree, const LocalNode& node, const std::array<double, 3>& x, int k) {
  const double a = barycentric(dim, node.vertices[0], x);
  const double a_slope = barycentric_slope(node.vertices[0], k);
  if (node.num_vertices == 1) return degree == 1 ? a_slope : a_slope * (4.0 * a - 1.0);
  const double b = barycentric(dim, node.vertices[1], x);
  return 4.0 * (a_slope * b + a * barycentric_slope(node.vertices[1], k));
}

}  // namespace

std::vector<double> lagrange_values(CellType type, int degree, const std::array<double, 3>& x) {
  const auto& cell = topology(type);
  std::vector<double> values;
  for (const LocalNode& node : lagrange_nodes(type, degree)) {
    double value = 1.0;
    if (cell.simplex) {
      value = simplex_value(cell.dim, degree, node, x);
    } else {
      for (int k = 0; k < cell.dim; ++k) value *= line_function(degree, node.reference[k], x[k]).value;
    }
    values.push_back(value);
  }
  return values;
}

std::vector<double> lagrange_gradients(CellType type, int degree, const std::array<double, 3>& x) {
  const auto& cell = topology(type);
  std::vector<double> gradients;
  for (const LocalNode& node : lagrange_nodes(type, degree)) {
    for (int k = 0; k < cell.dim; ++k) {
      double slope = 1.0;
      if (cell.simplex) {
        slope = simplex_slope(cell.dim, degree, node, x, k);
      } else {
        for (int j = 0; j < cell.dim; ++j) {
          const auto line = line_function(degree, node.reference[j], x[j]);
          slope *= j == k ? line.slope : line.value;
        }
      }
      gradients.push_back(slope);
    }
  }
  return gradients;
}

namespace {

double simplex_hessian(int degree, const LocalNode& node, int i, int j) {
  if (degree == 1) return 0.0;
  const int a = node.vertices[0];
  if (node.num_vertices == 1) return 4.0 * barycentric_slope(a, i) * barycentric_slope(a, j);
  const int b = node.vertices[1];
  return 4.0 * (barycentric_slope(a, i) * barycentric_slope(b, j) + barycentric_slope(a, j) * barycentric_slope(b, i));
}

double tensor_hessian(int dim, int degree, const LocalNode& node, const std::array<double, 3>& x, int i, int j) {
  double product = 1.0;
  for (int k = 0; k < dim; ++k) {
    const auto line = line_function(degree, node.reference[k], x[k]);
    if (k == i && k == j) {
      product *= line_curvature(degree, node.reference[k]);
    } else {
      product *= k == i || k == j ? line.slope : line.value;
    }
  }
  return product;
}

}  // namespace

std::vector<double> lagrange_hessians(CellType type, int degree, const std::array<double, 3>& x) {
  constexpr std::array<std::array<int, 2>, 6> pairs{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {0, 2}}};
  constexpr std::array<std::array<int, 2>, 3> pairs_2d{{{0, 0}, {1, 1}, {0, 1}}};
  const auto& cell = topology(type);
  std::vector<double> hessians;
  for (const LocalNode& node : lagrange_nodes(type, degree)) {
    for (int entry = 0; entry < cell.dim * (cell.dim + 1) / 2; ++entry) {
      const auto [i, j] = cell.dim == 2 ? pairs_2d[entry] : pairs[entry];
      hessians.push_back(cell.simplex ? simplex_hessian(degree, node, i, j)
                                      : tensor_hessian(cell.dim, degree, node, x, i, j));
    }
  }
  return hessians;
}

}  // namespace ansatz::mesh
