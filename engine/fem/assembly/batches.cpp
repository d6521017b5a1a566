#include "engine/fem/assembly/batches.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::fem {
namespace {

/// det and inverse of a dim x dim matrix of lanes, row-major.
Lanes invert(const Lanes* m, int dim, Lanes* inverse) {
  if (dim == 1) {
    inverse[0] = 1.0 / m[0];
    return m[0];
  }
  if (dim == 2) {
    const Lanes det = m[0] * m[3] - m[1] * m[2];
    const Lanes r = 1.0 / det;
    inverse[0] = m[3] * r;
    inverse[1] = -m[1] * r;
    inverse[2] = -m[2] * r;
    inverse[3] = m[0] * r;
    return det;
  }
  const Lanes c0 = m[4] * m[8] - m[5] * m[7], c1 = m[5] * m[6] - m[3] * m[8], c2 = m[3] * m[7] - m[4] * m[6];
  const Lanes det = m[0] * c0 + m[1] * c1 + m[2] * c2;
  const Lanes r = 1.0 / det;
  inverse[0] = c0 * r;
  inverse[1] = (m[2] * m[7] - m[1] * m[8]) * r;
  inverse[2] = (m[1] * m[5] - m[2] * m[4]) * r;
  inverse[3] = c1 * r;
  inverse[4] = (m[0] * m[8] - m[2] * m[6]) * r;
  inverse[5] = (m[2] * m[3] - m[0] * m[5]) * r;
  inverse[6] = c2 * r;
  inverse[7] = (m[1] * m[6] - m[0] * m[7]) * r;
  inverse[8] = (m[0] * m[4] - m[1] * m[3]) * r;
  return det;
}

/// Outward unit normal of a facet with reference tangents `t`, and its surface element. J row-major dx_i / dxi_k.
Lanes facet_normal(const Lanes* J, const double* t, int dim, int local_facet, Lanes* normal) {
  if (dim == 1) {
    normal[0] =
        sdk::select(J[0] > Lanes(0.0), Lanes(local_facet == 0 ? -1.0 : 1.0), Lanes(local_facet == 0 ? 1.0 : -1.0));
    return Lanes(1.0);
  }
  std::array<std::array<Lanes, 3>, 2> tangent;
  for (int k = 0; k < dim - 1; ++k) {
    for (int i = 0; i < dim; ++i) {
      tangent[k][i] = Lanes(0.0);
      for (int j = 0; j < dim; ++j) tangent[k][i] += J[i * dim + j] * t[k * dim + j];
    }
  }
  const auto& a = tangent[0];
  const auto& b = tangent[1];
  if (dim == 2) {
    normal[0] = a[1];
    normal[1] = -a[0];
  } else {
    normal[0] = a[1] * b[2] - a[2] * b[1];
    normal[1] = a[2] * b[0] - a[0] * b[2];
    normal[2] = a[0] * b[1] - a[1] * b[0];
  }
  Lanes length(0.0);
  for (int i = 0; i < dim; ++i) length += normal[i] * normal[i];
  length = sqrt(length);
  for (int i = 0; i < dim; ++i) normal[i] /= length;
  return length;
}

Lanes root(const Lanes& x, int dim) {
  if (dim == 1) return x;
  if (dim == 2) return sqrt(x);
  Lanes result;
  for (int lane = 0; lane < num_lanes; ++lane) {
    // The root of a number in [1/8, 1) times a power of two: other units change no bits.
    int exponent = 0;
    std::frexp(x[lane], &exponent);
    const int third = exponent >= 0 ? (exponent + 2) / 3 : exponent / 3;
    result.set(lane, std::ldexp(std::cbrt(std::ldexp(x[lane], -3 * third)), third));
  }
  return result;
}

}  // namespace

std::vector<Batch> facet_batches(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets) {
  std::vector<mesh::Facet> sorted(facets.begin(), facets.end());
  const auto key = [&](const mesh::Facet& f) { return std::tuple(mesh.cell_region[f.cell], f.local_facet, f.cell); };
  std::sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<Batch> batches;
  for (const auto& facet : sorted) {
    const int region = mesh.cell_region[facet.cell];
    if (batches.empty() || batches.back().num_active == num_lanes || batches.back().region != region ||
        batches.back().local_facet != facet.local_facet) {
      batches.push_back({{}, 0, region, facet.local_facet});
    }
    Batch& batch = batches.back();
    for (int lane = batch.num_active; lane < num_lanes; ++lane) batch.cells[lane] = facet.cell;
    ++batch.num_active;
  }
  return batches;
}

ReferencePoints reference_points(const mesh::Mesh& mesh, int degree, int local_facet) {
  ReferencePoints r;
  r.local_facet = local_facet;
  if (local_facet < 0) {
    const auto rule = quadrature(mesh.cell, degree);
    r.num_points = rule.size();
    r.points = rule.points;
    r.weights = rule.weights;
  } else if (mesh.dim == 1) {
    r.num_points = 1;
    r.weights = {1.0};
    r.points = map_facet(mesh.cell, local_facet, 1, {}).points;
  } else {
    const auto rule = quadrature(mesh::facet_type(mesh.cell, local_facet), degree);
    auto map = map_facet(mesh.cell, local_facet, rule.size(), rule.points);
    r.num_points = rule.size();
    r.weights = rule.weights;
    r.points = std::move(map.points);
    r.tangents = std::move(map.tangents);
  }
  r.geometry = tabulate(mesh.cell, mesh.geometry_degree, r.points);
  return r;
}

ReferencePoints reference_points_at(const mesh::Mesh& mesh, std::span<const double> points) {
  ReferencePoints r;
  r.num_points = static_cast<int>(points.size()) / mesh.dim;
  r.points.assign(points.begin(), points.end());
  r.weights.assign(r.num_points, 1.0);
  r.geometry = tabulate(mesh.cell, mesh.geometry_degree, r.points);
  return r;
}

void BatchGeometry::compute(const mesh::Mesh& mesh, const ReferencePoints& reference, const Batch& batch,
                            GeometryParts parts) {
  const int dim = mesh.dim, nodes = reference.geometry.num_nodes;
  if (dim == 1) return compute_sized<1, 0>(mesh, reference, batch, parts);
  if (dim == 2) {
    if (nodes == 3) return compute_sized<2, 3>(mesh, reference, batch, parts);
    if (nodes == 4) return compute_sized<2, 4>(mesh, reference, batch, parts);
    return compute_sized<2, 0>(mesh, reference, batch, parts);
  }
  if (nodes == 4) return compute_sized<3, 4>(mesh, reference, batch, parts);
  if (nodes == 6) return compute_sized<3, 6>(mesh, reference, batch, parts);
  if (nodes == 8) return compute_sized<3, 8>(mesh, reference, batch, parts);
  compute_sized<3, 0>(mesh, reference, batch, parts);
}

/// \tparam nodes of the geometry of a cell, or 0: known at run time
template <int dim, int nodes>
void BatchGeometry::compute_sized(const mesh::Mesh& mesh, const ReferencePoints& reference, const Batch& batch,
                                  GeometryParts parts) {
  const int n = nodes > 0 ? nodes : reference.geometry.num_nodes, nq = reference.num_points;
  constexpr int nh = dim * (dim + 1) / 2;
  constant = mesh.affine();
  position.resize(parts.position ? nq * dim : 0);
  inverse.resize((constant ? 1 : nq) * dim * dim);
  weight.resize(nq);
  cell_size.resize(parts.cell_size ? nq : 0);
  normal.resize(batch.local_facet >= 0 ? nq * dim : 0);
  const bool curved = parts.curvature && !constant;
  curvature.resize(curved ? nq * dim * nh : 0);

  std::array<Lanes, (nodes > 0 ? nodes : 27) * dim> x;
  for (int lane = 0; lane < num_lanes; ++lane) {
    const std::int32_t* cell_points = mesh.cell_points.data() + std::size_t(batch.cells[lane]) * n;
    for (int a = 0; a < n; ++a) {
      const double* point = mesh.points.data() + std::size_t(cell_points[a]) * dim;
      for (int i = 0; i < dim; ++i) x[a * dim + i].set(lane, point[i]);
    }
  }
  Lanes det(1.0);
  std::array<Lanes, dim * dim> J;
  for (int q = 0; q < nq; ++q) {
    const double* values = reference.geometry.values.data() + q * n;
    const double* gradients = reference.geometry.gradients.data() + q * n * dim;
    for (int i = 0; i < dim && parts.position; ++i) {
      Lanes sum(0.0);
      for (int a = 0; a < n; ++a) sum += x[a * dim + i] * values[a];
      position[q * dim + i] = sum;
    }
    if (q == 0 || !constant) {
      for (int i = 0; i < dim; ++i) {
        for (int k = 0; k < dim; ++k) {
          Lanes sum(0.0);
          for (int a = 0; a < n; ++a) sum += x[a * dim + i] * gradients[a * dim + k];
          J[i * dim + k] = sum;
        }
      }
      det = abs(invert(J.data(), dim, inverse.data() + q * dim * dim));
    }
    if (parts.cell_size) cell_size[q] = q == 0 || !constant ? root(det, dim) : cell_size[0];
    Lanes element = det;
    if (batch.local_facet >= 0) {
      element = facet_normal(J.data(), reference.tangents.data() + q * (dim - 1) * dim, dim, batch.local_facet,
                             normal.data() + q * dim);
    }
    weight[q] = element * reference.weights[q];
    for (int i = 0; i < dim && curved; ++i) {
      for (int h = 0; h < nh; ++h) {
        Lanes sum(0.0);
        for (int a = 0; a < n; ++a) sum += x[a * dim + i] * reference.geometry.hessians[(q * n + a) * nh + h];
        curvature[(q * dim + i) * nh + h] = sum;
      }
    }
  }
}

namespace {

template <int dim>
void physical_gradients_sized(const BatchGeometry& geometry, const Tabulation& table, int num_points,
                              std::vector<Lanes>& gradients) {
  const int n = table.num_nodes;
  for (int q = 0; q < num_points; ++q) {
    const Lanes* inverse = geometry.inverse_at(q, dim);
    for (int a = 0; a < n; ++a) {
      const double* reference = table.gradients.data() + (q * n + a) * dim;
      for (int j = 0; j < dim; ++j) {
        Lanes sum = inverse[j] * reference[0];
        for (int k = 1; k < dim; ++k) sum += inverse[k * dim + j] * reference[k];
        gradients[(q * n + a) * dim + j] = sum;
      }
    }
  }
}

}  // namespace

void physical_gradients(const BatchGeometry& geometry, const Tabulation& table, bool one_point,
                        std::vector<Lanes>& gradients) {
  const int nq = one_point ? 1 : table.num_points;
  gradients.resize(std::size_t(table.num_points) * table.num_nodes * table.dim);
  if (table.dim == 1) physical_gradients_sized<1>(geometry, table, nq, gradients);
  if (table.dim == 2) physical_gradients_sized<2>(geometry, table, nq, gradients);
  if (table.dim == 3) physical_gradients_sized<3>(geometry, table, nq, gradients);
}

void physical_hessians(const BatchGeometry& geometry, const Tabulation& table, std::vector<Lanes>& hessians) {
  const int dim = table.dim, n = table.num_nodes, nh = dim * (dim + 1) / 2;
  const auto entry = [dim](int i, int j) {
    if (i == j) return i;
    return dim == 2 ? 2 : (i + j == 1 ? 3 : (i + j == 3 ? 4 : 5));
  };
  hessians.resize(table.num_points * n * nh);
  for (int q = 0; q < table.num_points; ++q) {
    const Lanes* inverse = geometry.inverse_at(q, dim);
    for (int a = 0; a < n; ++a) {
      // Reference second derivatives, less those that come from the curvature of the cell.
      std::array<Lanes, 6> bent;
      for (int h = 0; h < nh; ++h) {
        bent[h] = Lanes(table.hessians[(q * n + a) * nh + h]);
        for (int i = 0; i < dim && !geometry.curvature.empty(); ++i) {
          Lanes gradient(0.0);
          for (int k = 0; k < dim; ++k) gradient += inverse[k * dim + i] * table.gradients[(q * n + a) * dim + k];
          bent[h] -= gradient * geometry.curvature[(q * dim + i) * nh + h];
        }
      }
      for (int i = 0; i < dim; ++i) {
        for (int j = i; j < dim; ++j) {
          Lanes sum(0.0);
          for (int k = 0; k < dim; ++k) {
            for (int l = 0; l < dim; ++l) sum += inverse[k * dim + i] * bent[entry(k, l)] * inverse[l * dim + j];
          }
          hessians[(q * n + a) * nh + entry(i, j)] = sum;
        }
      }
    }
  }
}

}  // namespace ansatz::fem
