#pragma once
/// Points each of which has a cell and reference coordinates of its own: geometry, and values of fields.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/mesh/topology/nodes.hpp"

namespace ansatz::fem {

/// n points of a mesh, with the geometry of their cells. Points of one cell should follow each other: what they share
/// is computed once. Not collective.
class ScatteredPoints {
 public:
  /// All must outlive this.
  /// \param cells (n) local ones
  /// \param reference (n, dim) coordinates in them
  ScatteredPoints(const mesh::Mesh& mesh, std::span<const std::int32_t> cells, std::span<const double> reference);

  std::size_t size() const { return cells_.size(); }
  const std::vector<double>& positions() const { return positions_; }  ///< (n, dim) [m]
  const std::vector<double>& jacobians() const { return jacobians_; }  ///< (n, dim, dim) dx_i / dxi_k at [i][k]
  std::span<const double> jacobian(std::size_t i) const {
    const auto size = static_cast<std::size_t>(mesh_.dim * mesh_.dim);
    return std::span(jacobians_).subspan(i * size, size);
  }

  /// Values and gradients of a Lagrange function: out[i * stride + c * (1 + dim)] and the dim numbers behind.
  /// \param values of all local nodes: component c at node n is values[first[n] + c]
  /// \param first (num_local nodes); empty: values is (num_local nodes, components)
  void interpolate(const mesh::NodeMap& nodes, int components, std::span<const double> values,
                   std::span<const std::int32_t> first, std::size_t stride, double* out) const;

 private:
  const mesh::Mesh& mesh_;
  std::span<const std::int32_t> cells_;
  std::span<const double> reference_;
  std::vector<double> positions_, jacobians_, inverses_;
};

/// Determinant of a matrix of dim x dim numbers, row by row, dim <= 3, and its inverse where `inverse` is not null.
double determinant(const double* m, int dim, double* inverse);

}  // namespace ansatz::fem
