#pragma once
/// The mesh and the fields as viewers see them.

#include <memory>
#include <vector>

#include "ansatz/sdk/visual.hpp"
#include "engine/fem/elements/dofs.hpp"

namespace ansatz::fem {

/// Points and cells of the owned part of a mesh at a Lagrange degree, and values of fields there. Where periodic
/// boundaries identify nodes, each place has its own point.
class VisualSampler {
 public:
  /// \param nodes of the degree to show (1 or 2); must be at least that of the geometry and of the fields
  VisualSampler(const mesh::Mesh& mesh, std::shared_ptr<const mesh::NodeMap> nodes);

  const sdk::VisualMesh& mesh() const { return visual_; }
  const mesh::NodeMap& nodes() const { return *nodes_; }

  /// Field f of a local vector (num_local) at the points; vectors get three components. Shape (num_points, components).
  /// Not collective.
  std::vector<double> field(const DofMap& dofs, int f, std::span<const double> local) const;

  /// Values given at the owned nodes() (shape (num_owned, components)) at the points. *Collective.*
  std::vector<double> nodal(std::span<const double> owned, int components) const;

 private:
  const mesh::Mesh& mesh_;
  std::shared_ptr<const mesh::NodeMap> nodes_;
  sdk::VisualMesh visual_;
  std::vector<std::int32_t> point_node_;   ///< (num_points) node of nodes()
  std::vector<std::int32_t> point_cell_;   ///< (num_points) a cell that has the point
  std::vector<std::uint8_t> point_local_;  ///< (num_points) its node number in that cell
};

}  // namespace ansatz::fem
