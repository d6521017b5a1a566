#include "engine/fem/evaluation/scattered_points.hpp"

#include <algorithm>
#include <array>

#include "engine/mesh/cells/lagrange.hpp"

namespace ansatz::fem {
namespace {

std::array<double, 3> point_of(std::span<const double> reference, std::size_t i, int dim) {
  std::array<double, 3> xi{};
  for (int k = 0; k < dim; ++k) xi[k] = reference[i * dim + k];
  return xi;
}

}  // namespace

double determinant(const double* m, int dim, double* inverse) {
  if (dim == 1) {
    if (inverse != nullptr) inverse[0] = 1.0 / m[0];
    return m[0];
  }
  std::array<double, 9> adjugate{};
  double det = 0.0;
  if (dim == 2) {
    adjugate = {m[3], -m[1], -m[2], m[0]};
    det = m[0] * m[3] - m[1] * m[2];
  } else {
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        const int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
        adjugate[i * 3 + j] = m[a * 3 + c] * m[b * 3 + d] - m[a * 3 + d] * m[b * 3 + c];
      }
    }
    det = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6];
  }
  for (int k = 0; k < dim * dim && inverse != nullptr; ++k) inverse[k] = adjugate[k] / det;
  return det;
}

ScatteredPoints::ScatteredPoints(const mesh::Mesh& mesh, std::span<const std::int32_t> cells,
                                 std::span<const double> reference)
    : mesh_(mesh), cells_(cells), reference_(reference) {
  const int dim = mesh.dim, n = mesh.points_per_cell();
  const auto size = static_cast<std::size_t>(dim) * dim;
  positions_.assign(cells.size() * dim, 0.0);
  jacobians_.assign(cells.size() * size, 0.0);
  inverses_.resize(cells.size() * size);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto xi = point_of(reference, i, dim);
    const std::int32_t* points = mesh.cell_points.data() + std::size_t(cells[i]) * n;
    const auto values = mesh::lagrange_values(mesh.cell, mesh.geometry_degree, xi);
    for (int a = 0; a < n; ++a) {
      for (int k = 0; k < dim; ++k) positions_[i * dim + k] += values[a] * mesh.point(points[a])[k];
    }
    if (i > 0 && mesh.affine() && cells[i] == cells[i - 1]) {
      std::copy_n(&jacobians_[(i - 1) * size], size, &jacobians_[i * size]);
      std::copy_n(&inverses_[(i - 1) * size], size, &inverses_[i * size]);
      continue;
    }
    const auto slopes = mesh::lagrange_gradients(mesh.cell, mesh.geometry_degree, xi);
    for (int a = 0; a < n; ++a) {
      for (int j = 0; j < dim; ++j) {
        for (int k = 0; k < dim; ++k)
          jacobians_[i * size + j * dim + k] += mesh.point(points[a])[j] * slopes[a * dim + k];
      }
    }
    determinant(&jacobians_[i * size], dim, &inverses_[i * size]);
  }
}

void ScatteredPoints::interpolate(const mesh::NodeMap& nodes, int components, std::span<const double> values,
                                  std::span<const std::int32_t> first, std::size_t stride, double* out) const {
  const int dim = mesh_.dim, n = nodes.nodes_per_cell;
  std::vector<double> u(std::size_t(n) * components);
  std::array<double, 3> slope;
  for (std::size_t i = 0; i < size(); ++i) {
    if (i == 0 || cells_[i] != cells_[i - 1]) {
      const std::int32_t* of_cell = nodes.cell_nodes.data() + std::size_t(cells_[i]) * n;
      for (int a = 0; a < n; ++a) {
        const std::size_t from = first.empty() ? std::size_t(of_cell[a]) * components : first[of_cell[a]];
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(from), components,
                    u.begin() + std::ptrdiff_t{a} * components);
      }
    }
    const auto xi = point_of(reference_, i, dim);
    const auto phi = mesh::lagrange_values(mesh_.cell, nodes.degree, xi);
    const auto slopes = mesh::lagrange_gradients(mesh_.cell, nodes.degree, xi);
    const double* inverse = &inverses_[i * dim * dim];
    for (int c = 0; c < components; ++c) {
      double value = 0.0;
      slope.fill(0.0);
      for (int a = 0; a < n; ++a) {
        value += u[a * components + c] * phi[a];
        // Of differences, so that a constant has the gradient 0.
        for (int k = 0; k < dim; ++k) slope[k] += (u[a * components + c] - u[c]) * slopes[a * dim + k];
      }
      double* to = out + i * stride + std::size_t(c) * (1 + dim);
      to[0] = value;
      for (int j = 0; j < dim; ++j) {
        to[1 + j] = 0.0;
        for (int k = 0; k < dim; ++k) to[1 + j] += slope[k] * inverse[k * dim + j];
      }
    }
  }
}

}  // namespace ansatz::fem
