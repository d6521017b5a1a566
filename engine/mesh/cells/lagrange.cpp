#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::mesh {
namespace {

/// Value, gradient and second derivatives of a function of the coordinates of one factor of a reference cell.
struct Jet {
  double value;
  std::array<double, 3> slope;
  std::array<std::array<double, 3>, 3> curvature;
};

/// One-dimensional Lagrange function of the node at `node` (0, 0.5 or 1) at x.
Jet line_function(int degree, double node, double x) {
  const auto jet = [](double value, double slope, double curvature) { return Jet{value, {slope}, {{{curvature}}}}; };
  if (degree == 1) return node == 0.0 ? jet(1.0 - x, -1.0, 0.0) : jet(x, 1.0, 0.0);
  if (node == 0.0) return jet((1.0 - x) * (1.0 - 2.0 * x), 4.0 * x - 3.0, 4.0);
  if (node == 1.0) return jet(x * (2.0 * x - 1.0), 4.0 * x - 1.0, 4.0);
  return jet(4.0 * x * (1.0 - x), 4.0 - 8.0 * x, -8.0);
}

/// Barycentric coordinate of vertex v of a simplex: 0 the origin, k the unit point of direction k - 1.
double barycentric(int dim, int v, const double* x) {
  if (v > 0) return x[v - 1];
  double value = 1.0;
  for (int k = 0; k < dim; ++k) value -= x[k];
  return value;
}

double barycentric_slope(int v, int k) { return v == 0 ? -1.0 : (v == k + 1 ? 1.0 : 0.0); }

/// The vertices of a simplex whose mean is a node: one, or the ends of an edge.
std::array<int, 2> vertices_around(int dim, const double* node) {
  std::array<int, 2> ends{-1, -1};
  double origin = 1.0;
  int count = 0;
  for (int k = 0; k < dim; ++k) origin -= node[k];
  if (origin > 0.25) ends[count++] = 0;
  for (int k = 0; k < dim; ++k) {
    if (node[k] > 0.25) ends[count++] = k + 1;
  }
  return ends;
}

/// Lagrange function of a node of a simplex.
Jet simplex_function(int dim, int degree, const double* node, const double* x) {
  const auto [a, b] = vertices_around(dim, node);
  const double at_a = barycentric(dim, a, x), at_b = b < 0 ? 0.0 : barycentric(dim, b, x);
  Jet jet{};
  jet.value = b >= 0 ? 4.0 * at_a * at_b : degree == 1 ? at_a : at_a * (2.0 * at_a - 1.0);
  for (int k = 0; k < dim; ++k) {
    const double slope = barycentric_slope(a, k);
    if (b >= 0) {
      jet.slope[k] = 4.0 * (slope * at_b + at_a * barycentric_slope(b, k));
    } else {
      jet.slope[k] = degree == 1 ? slope : slope * (4.0 * at_a - 1.0);
    }
    for (int j = 0; j < dim && degree > 1; ++j) {
      jet.curvature[k][j] =
          b < 0 ? 4.0 * slope * barycentric_slope(a, j)
                : 4.0 * (slope * barycentric_slope(b, j) + barycentric_slope(a, j) * barycentric_slope(b, k));
    }
  }
  return jet;
}

/// The Lagrange function of a node as a product of functions of the factors of the cell.
class NodeFunction {
 public:
  NodeFunction(const CellShape& cell, int degree, const LocalNode& node, const std::array<double, 3>& x) {
    int first = 0;
    for (const int d : cell.factors) {
      const bool line = d == 1 && !cell.simplex;
      jets_[count_] = line ? line_function(degree, node.reference[first], x[first])
                           : simplex_function(d, degree, node.reference.data() + first, x.data() + first);
      for (int k = 0; k < d; ++k) place_[first + k] = {count_, k};
      ++count_;
      first += d;
    }
  }

  double value() const {
    double product = 1.0;
    for (int f = 0; f < count_; ++f) product *= jets_[f].value;
    return product;
  }
  double slope(int i) const {
    double product = 1.0;
    for (int f = 0; f < count_; ++f) product *= f == place_[i].factor ? jets_[f].slope[place_[i].axis] : jets_[f].value;
    return product;
  }
  double curvature(int i, int j) const {
    const auto [fi, ki] = place_[i];
    const auto [fj, kj] = place_[j];
    double product = 1.0;
    for (int f = 0; f < count_; ++f) {
      if (f == fi && f == fj) {
        product *= jets_[f].curvature[ki][kj];
      } else {
        product *= f == fi ? jets_[f].slope[ki] : f == fj ? jets_[f].slope[kj] : jets_[f].value;
      }
    }
    return product;
  }

 private:
  struct Place {
    int factor, axis;
  };
  std::array<Jet, 3> jets_;
  std::array<Place, 3> place_{};  ///< by direction
  int count_ = 0;
};

}  // namespace

std::vector<double> lagrange_values(CellType type, int degree, const std::array<double, 3>& x) {
  const auto& cell = topology(type);
  std::vector<double> values;
  for (const LocalNode& node : lagrange_nodes(type, degree))
    values.push_back(NodeFunction(cell, degree, node, x).value());
  return values;
}

std::vector<double> lagrange_gradients(CellType type, int degree, const std::array<double, 3>& x) {
  const auto& cell = topology(type);
  std::vector<double> gradients;
  for (const LocalNode& node : lagrange_nodes(type, degree)) {
    const NodeFunction function(cell, degree, node, x);
    for (int k = 0; k < cell.dim; ++k) gradients.push_back(function.slope(k));
  }
  return gradients;
}

std::vector<double> lagrange_hessians(CellType type, int degree, const std::array<double, 3>& x) {
  constexpr std::array<std::array<int, 2>, 6> pairs{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {0, 2}}};
  constexpr std::array<std::array<int, 2>, 3> pairs_2d{{{0, 0}, {1, 1}, {0, 1}}};
  const auto& cell = topology(type);
  std::vector<double> hessians;
  for (const LocalNode& node : lagrange_nodes(type, degree)) {
    const NodeFunction function(cell, degree, node, x);
    for (int entry = 0; entry < cell.dim * (cell.dim + 1) / 2; ++entry) {
      const auto [i, j] = cell.dim == 2 ? pairs_2d[entry] : pairs[entry];
      hessians.push_back(function.curvature(i, j));
    }
  }
  return hessians;
}

}  // namespace ansatz::mesh
