#pragma once
/// Unknowns of one or several fields on a mesh: local and global numbers, ghosts, constraints.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/mesh/topology/nodes.hpp"

namespace ansatz::fem {

/// Lagrange space of one field.
struct FieldSpace {
  std::string name;
  int components = 1;
  std::shared_ptr<const mesh::NodeMap> nodes;
};

/// Unknowns of all fields, numbered as in base::IndexMap: owned ones field after field, components of a node together.
class DofMap {
 public:
  /// *Collective.*
  /// \param mesh must outlive this.
  DofMap(const mesh::Mesh& mesh, std::vector<FieldSpace> fields);

  const mesh::Mesh& mesh() const { return *mesh_; }
  const std::vector<FieldSpace>& fields() const { return fields_; }
  int num_fields() const { return static_cast<int>(fields_.size()); }
  int num_components() const { return num_components_; }
  /// Of matrices on these unknowns: the components where there is one field, else 1.
  int block_size() const { return fields_.size() == 1 ? fields_[0].components : 1; }
  /// First component of field f among all components.
  int component_offset(int f) const { return component_offsets_[f]; }
  int nodes_per_cell(int f) const { return fields_[f].nodes->nodes_per_cell; }
  /// Unknowns of one cell, all fields.
  int dofs_per_cell() const { return dofs_per_cell_; }
  /// First cell unknown of field f: [field][node][component].
  int cell_offset(int f) const { return cell_offsets_[f]; }

  const base::IndexMap& index_map() const { return index_map_; }
  std::int32_t num_owned() const { return index_map_.num_owned; }
  std::int32_t num_ghosts() const { return index_map_.num_ghosts(); }
  std::int32_t num_local() const { return index_map_.num_local(); }
  std::int64_t first_global() const { return index_map_.first_global; }
  std::int64_t num_global() const { return index_map_.num_global; }
  const std::vector<std::int64_t>& ghost_global() const { return index_map_.ghost_global; }

  /// Local unknown of component 0 at each local node of field f. Shape (num_local nodes).
  std::span<const std::int32_t> node_dofs(int f) const { return node_dofs_[f]; }
  /// Local node of field f at node a of a cell.
  std::int32_t cell_node(int f, std::int32_t cell, int a) const {
    return fields_[f].nodes->cell_nodes[std::size_t(cell) * nodes_per_cell(f) + a];
  }

  /// Fills the ghost part of a local vector from its owners. Shape (num_local). *Collective.*
  void update_ghosts(std::span<double> local) const;

 private:
  const mesh::Mesh* mesh_;
  std::vector<FieldSpace> fields_;
  int num_components_ = 0;
  int dofs_per_cell_ = 0;
  std::vector<int> component_offsets_, cell_offsets_;
  base::IndexMap index_map_;
  std::vector<std::vector<std::int32_t>> node_dofs_;
};

/// Coordinates of all local nodes of degree `degree` by the geometry map. Shape (num_local, dim). Not collective.
std::vector<double> node_coordinates(const mesh::Mesh& mesh, const mesh::NodeMap& nodes);

}  // namespace ansatz::fem
