#include "engine/mesh/topology/locate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::mesh {
namespace {

constexpr double bulge = 0.3;       // of a curved cell beyond the box of its nodes, of the box's extent
constexpr double converged = 1e-9;  // last correction, in reference coordinates; Newton's method squares it
constexpr int most_iterations = 30;

using Vector = std::array<double, 3>;
using Matrix = std::array<double, 9>;

/// Solves dense m x = b in place for dim <= 3; false where singular.
bool solve_small(Matrix m, Vector& b, int dim) {
  for (int k = 0; k < dim; ++k) {
    int pivot = k;
    for (int i = k + 1; i < dim; ++i) {
      if (std::abs(m[i * dim + k]) > std::abs(m[pivot * dim + k])) pivot = i;
    }
    if (m[pivot * dim + k] == 0.0) return false;
    for (int j = 0; j < dim; ++j) std::swap(m[k * dim + j], m[pivot * dim + j]);
    std::swap(b[k], b[pivot]);
    for (int i = k + 1; i < dim; ++i) {
      const double factor = m[i * dim + k] / m[k * dim + k];
      for (int j = k; j < dim; ++j) m[i * dim + j] -= factor * m[k * dim + j];
      b[i] -= factor * b[k];
    }
  }
  for (int k = dim - 1; k >= 0; --k) {
    for (int j = k + 1; j < dim; ++j) b[k] -= m[k * dim + j] * b[j];
    b[k] /= m[k * dim + k];
  }
  return true;
}

/// What is left of x(xi) = point, and the derivative of the map. Lengths are counted from the first node, so that cells
/// far from the origin lose nothing.
void linearise(CellType cell, int degree, std::span<const double> nodes, std::span<const double> point,
               const Vector& xi, Vector& r, Matrix& J) {
  const int dim = static_cast<int>(point.size());
  const auto values = lagrange_values(cell, degree, xi);
  const auto gradients = lagrange_gradients(cell, degree, xi);
  r.fill(0.0);
  J.fill(0.0);
  for (int i = 0; i < dim; ++i) r[i] = point[i] - nodes[i];
  for (std::size_t a = 0; a < values.size(); ++a) {
    for (int i = 0; i < dim; ++i) {
      const double edge = nodes[a * dim + i] - nodes[i];
      r[i] -= values[a] * edge;
      for (int k = 0; k < dim; ++k) J[i * dim + k] += gradients[a * dim + k] * edge;
    }
  }
}

/// How far reference coordinates move where each coordinate of the point moves by `distance`.
Vector reference_distance(const Matrix& J, int dim, double distance) {
  Vector moved{};
  for (int i = 0; i < dim && distance > 0.0; ++i) {
    Vector unit{};
    unit[i] = distance;
    if (!solve_small(J, unit, dim)) continue;
    for (int k = 0; k < dim; ++k) moved[k] += std::abs(unit[k]);
  }
  return moved;
}

}  // namespace

std::array<double, 6> cell_box(int degree, std::span<const double> nodes, int dim, const Slack& slack) {
  std::array<double, 6> box{};
  double extent = 0.0;
  for (int k = 0; k < dim; ++k) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t a = 0; a < nodes.size() / dim; ++a) {
      low = std::min(low, nodes[a * dim + k]);
      high = std::max(high, nodes[a * dim + k]);
    }
    box[k] = low;
    box[dim + k] = high;
    extent = std::max(extent, high - low);
  }
  const double margin = std::max(slack.reference, degree > 1 ? bulge : 0.0) * extent + slack.round_off;
  for (int k = 0; k < dim; ++k) {
    box[k] -= margin;
    box[dim + k] += margin;
  }
  return box;
}

std::optional<std::array<double, 3>> locate(CellType cell, int degree, std::span<const double> nodes,
                                            std::span<const double> point, const Slack& slack) {
  const int dim = static_cast<int>(point.size());
  Vector xi{}, r;
  Matrix J;
  const auto& factors = topology(cell).factors;
  int axis = 0;
  for (const int d : factors) {
    for (int k = 0; k < d; ++k) xi[axis++] = 1.0 / (d + 1);
  }
  double step = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < most_iterations && step >= 1e-13; ++iteration) {
    linearise(cell, degree, nodes, point, xi, r, J);
    if (!solve_small(J, r, dim)) return std::nullopt;
    step = 0.0;
    for (int k = 0; k < dim; ++k) {
      xi[k] += r[k];
      step = std::max(step, std::abs(r[k]));
    }
    if (!(step <= 1e3)) return std::nullopt;
  }
  const Vector moved = reference_distance(J, dim, slack.round_off);
  if (step > converged + *std::ranges::max_element(moved)) return std::nullopt;
  axis = 0;
  for (const int d : factors) {
    double sum = 0.0, room = slack.reference;
    for (int k = 0; k < d; ++k, ++axis) {
      if (!(xi[axis] >= -(slack.reference + moved[axis]))) return std::nullopt;
      sum += xi[axis];
      room += moved[axis];
    }
    if (!(sum <= 1.0 + room)) return std::nullopt;
  }
  return xi;
}

}  // namespace ansatz::mesh
