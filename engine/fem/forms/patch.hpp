#pragma once
/// A few cells of a distributed problem, the same on every rank, with all that their assembly needs.

#include <memory>
#include <string>
#include <vector>

#include "engine/fem/assembly/form.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"

namespace ansatz::fem {

/// What patches need of their problem beside cells: no array of it grows with the mesh.
struct PatchSetting {
  struct Field {
    std::string name;
    int components = 1;
    int degree = 1;
  };
  mesh::CellType cell = mesh::CellType::triangle;
  int dim = 2, geometry_degree = 1;
  std::vector<std::string> region_names;
  std::vector<Field> fields;
  std::vector<int> data_degrees;  ///< of the nodal fields that expressions use
  FormDefinition definition;      ///< without unknowns, facets and data; its physics must outlive this
  std::vector<DirichletCondition> conditions;
  std::vector<sdk::Expression> map;  ///< of the points, by component; none: they stay

  /// Entries of Patch::integers and Patch::reals of one cell, one part after the other.
  int num_vertices() const { return mesh::topology(cell).num_vertices; }
  int num_points() const { return static_cast<int>(mesh::lagrange_nodes(cell, geometry_degree).size()); }
  int num_unknowns() const;
  int num_integers() const;
  int num_reals() const;
};

/// \param map of the mesh's points, by component, or none. Not collective.
std::shared_ptr<const PatchSetting> patch_setting(const FormDefinition& definition, const Dirichlet& dirichlet,
                                                  std::vector<sdk::Expression> map);

/// Cells in ascending order of their ids. Plain numbers, for files.
struct Patch {
  /// Of each cell: its id, region, ids of its vertices and of its points, for each boundary term a bit per facet that
  /// it is on, and for each unknown the number of its Dirichlet condition or -1. Shape (num_cells, num_integers).
  std::vector<std::int64_t> integers;
  /// Of each cell: coordinates of its points before the map, then nodal values of all data. Shape (num_cells,
  /// num_reals).
  std::vector<double> reals;
};

/// Gathers cells from all ranks, each once.
/// \param cells local cells of this rank, whose neighbours may be missing
/// \param points_before the map, (num_points, dim) *Collective.*
Patch gather_patch(const PatchSetting& setting, const FormDefinition& definition, const Dirichlet& dirichlet,
                   std::span<const double> points_before, std::span<const std::int32_t> cells);

/// The problem on a patch, on this rank alone: nothing communicates, and after the first call nothing allocates.
class PatchForm {
 public:
  /// \throws sdk::Error of kind state where patch and setting do not fit.
  PatchForm(const Patch& patch, std::shared_ptr<const PatchSetting> setting);
  ~PatchForm();

  /// Moves the points and the prescribed values. \throws sdk::Error of kind not_finite
  void set_parameters(std::span<const double> mu);
  /// Prescribed value of a constrained unknown.
  double prescribed(std::int32_t cell, int unknown) const { return values_[dof(cell, unknown)]; }
  /// Computes -F at the prescribed values, zero at all other unknowns. \throws as Form::residual()
  void assemble_load();
  /// Its entry for an unknown all of whose cells are in the patch.
  double load(std::int32_t cell, int unknown) const { return -residual_[dof(cell, unknown)]; }
  /// See Form.
  void visit_element_matrices(const Form::ElementVisitor& visit) const;

  std::int32_t num_cells() const { return mesh_.num_owned_cells; }
  int num_unknowns() const { return dofs_->dofs_per_cell(); }

 private:
  struct Prescribed {
    std::int32_t dof, condition, cell;
    int field, node;  ///< of the cell
  };
  void build_mesh(const Patch& patch);
  FormDefinition build_definition(const Patch& patch);
  void find_prescribed(const Patch& patch);
  std::int32_t dof(std::int32_t cell, int unknown) const {
    return cell_dofs_[std::size_t(cell) * num_unknowns() + unknown];
  }

  std::shared_ptr<const PatchSetting> setting_;
  mesh::Mesh mesh_;
  std::vector<double> points_before_;
  std::shared_ptr<const DofMap> dofs_;
  std::unique_ptr<Form> form_;
  std::vector<std::int32_t> cell_dofs_;  ///< (num_cells, num_unknowns)
  std::vector<Prescribed> prescribed_;
  std::vector<Tabulation> node_tables_;  ///< geometry at the nodes, by field
  std::vector<double> values_, zero_, residual_;
};

}  // namespace ansatz::fem
