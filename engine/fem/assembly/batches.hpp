#pragma once
/// Batches of cells (or of facets seen from their cells) and their geometry at quadrature points.

#include <array>
#include <span>
#include <vector>

#include "ansatz/sdk/lanes.hpp"
#include "engine/fem/elements/quadrature.hpp"
#include "engine/fem/elements/tabulation.hpp"
#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::fem {

using sdk::Lanes;
using sdk::num_lanes;

/// Up to num_lanes cells of one region, all integrated with the same table.
struct Batch {
  std::array<std::int32_t, num_lanes> cells;  ///< the last active cell is repeated in unused lanes
  int num_active = 0;
  int region = 0;
  int local_facet = -1;  ///< -1: the cell itself
};

/// Batches of the cells for which `take(cell)` holds, region by region, in local order.
template <class Take>
std::vector<Batch> cell_batches(const mesh::Mesh& mesh, Take take);

/// Batches of facets, by region and local facet number.
std::vector<Batch> facet_batches(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets);

/// Reference points of one rule: of the cell, or of one of its facets.
struct ReferencePoints {
  int num_points = 0;
  int local_facet = -1;
  std::vector<double> points;    ///< (num_points, dim) reference coordinates of the cell
  std::vector<double> weights;   ///< (num_points) of the cell or of the facet
  std::vector<double> tangents;  ///< (num_points, dim - 1, dim) of facets
  Tabulation geometry;
};

/// \param local_facet -1 for the cell. Not collective.
ReferencePoints reference_points(const mesh::Mesh& mesh, int degree, int local_facet);
/// The same at given reference points with unit weights.
ReferencePoints reference_points_at(const mesh::Mesh& mesh, std::span<const double> points);

/// What else is wanted of a batch's geometry beside the inverse Jacobians, weights and normals.
struct GeometryParts {
  bool position = true;
  bool cell_size = false;
  bool curvature = false;  ///< second derivatives of the map from the reference cell
};

/// Geometry of a batch at the points of a rule, reused from batch to batch.
struct BatchGeometry {
  std::vector<Lanes> position;  ///< (num_points, dim)
  std::vector<Lanes>
      inverse;  ///< (num_points, or 1 where `constant`, dim, dim) inverse Jacobian d xi_k / d x_j at [k][j]
  std::vector<Lanes> weight;     ///< (num_points) rule weight times volume or surface element
  std::vector<Lanes> normal;     ///< (num_points, dim), facets only
  std::vector<Lanes> cell_size;  ///< (num_points) |det J|^(1/dim)
  std::vector<Lanes> curvature;  ///< (num_points, dim, num_hessian) d^2 x_i / d xi^2; empty on affine cells
  bool constant = false;         ///< affine: `inverse` is the same at all points

  void compute(const mesh::Mesh& mesh, const ReferencePoints& reference, const Batch& batch, GeometryParts parts);
  const Lanes* inverse_at(int q, int dim) const { return inverse.data() + (constant ? 0 : q * dim * dim); }

 private:
  template <int dim, int nodes>
  void compute_sized(const mesh::Mesh& mesh, const ReferencePoints& reference, const Batch& batch, GeometryParts parts);
};

/// Physical gradients of a basis: (num_points, num_nodes, dim); one point where the tables and the geometry are
/// constant.
void physical_gradients(const BatchGeometry& geometry, const Tabulation& table, bool one_point,
                        std::vector<Lanes>& gradients);

/// Physical second derivatives of a basis: (num_points, num_nodes, num_hessian).
void physical_hessians(const BatchGeometry& geometry, const Tabulation& table, std::vector<Lanes>& hessians);

template <class Take>
std::vector<Batch> cell_batches(const mesh::Mesh& mesh, Take take) {
  std::vector<std::vector<std::int32_t>> by_region(mesh.region_names.size());
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    if (take(c)) by_region[mesh.cell_region[c]].push_back(c);
  }
  std::vector<Batch> batches;
  for (std::size_t r = 0; r < by_region.size(); ++r) {
    const auto& cells = by_region[r];
    for (std::size_t at = 0; at < cells.size(); at += num_lanes) {
      Batch batch;
      batch.num_active = static_cast<int>(std::min<std::size_t>(num_lanes, cells.size() - at));
      batch.region = static_cast<int>(r);
      for (int lane = 0; lane < num_lanes; ++lane) {
        batch.cells[lane] = cells[at + std::min(lane, batch.num_active - 1)];
      }
      batches.push_back(batch);
    }
  }
  return batches;
}

}  // namespace ansatz::fem
