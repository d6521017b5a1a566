#pragma once
/// Fields that are constant, a rotation or linear on a part of the mesh: what equations may leave undetermined.

#include <algorithm>
#include <array>

#include "engine/fem/elements/dofs.hpp"
#include "engine/mesh/topology/pieces.hpp"

namespace ansatz::fem {

/// One candidate on one block, in coordinates from the middle of the block's box, in lengths of its longest side.
struct MotionShape {
  enum Kind : int {
    constant,  ///< 1 in `component`
    rotation,  ///< u_i = -x_j, u_j = x_i of a vector field
    linear,    ///< x_i in `component`, of a scalar field beside others
  };
  Kind kind;
  int field;
  int component;  ///< among all components; of a rotation: the field's first
  int i = 0, j = 0;

  /// It moves this component, in `dim` dimensions.
  bool touches(int c, int dim) const { return c >= component && c < component + (kind == rotation ? dim : 1); }
};

/// The candidates of all parts of a mesh. A part is what shared nodes tie together. Where a field is a vector, a part
/// consists of blocks, tied together by facets, that may turn against each other at the nodes that they share; a part
/// of more than 16 blocks counts as one. Columns of a part: [block of the part][shape].
class MotionCandidates {
 public:
  /// \param dofs must outlive this. *Collective.*
  explicit MotionCandidates(const DofMap& dofs);

  const DofMap& dofs() const { return dofs_; }
  int num_parts() const { return parts_.count; }
  const mesh::Pieces& parts() const { return parts_; }
  int num_columns(int part) const { return static_cast<int>(blocks_of_part_[part].size() * shapes_.size()); }
  const MotionShape& shape(int column) const { return shapes_[column % shapes_.size()]; }
  /// Part of each owned unknown. Shape (num_owned).
  const std::vector<std::int32_t>& part_of_unknowns() const { return part_of_unknowns_; }
  /// Largest distance of a block's middle from the origin, in sizes of the block: what round-off of coordinates grows
  /// by.
  double remoteness(int part) const;

  /// Calls visit(part, row) with what a combination of columns must fulfil to be one field: the same value at a node in
  /// all blocks and across periodic boundaries; and 0 at owned unknowns with a flag in `held`, shape (num_owned) or
  /// more. The row may be overwritten. Not collective.
  template <class Visit>
  void visit_conditions(std::span<const std::uint8_t> held, const Visit& visit) const;

  /// The field with these coefficients, 0 where terms cancel to round-off.
  /// \param coefficients (num_parts)(num_columns, or 0: zero on the part). Owned values. Not collective.
  std::vector<double> field(const std::vector<std::vector<double>>& coefficients) const;

  /// "" where the mesh has one part only, else its regions or its middle: ` in region "hot"`. *Collective.*
  std::vector<std::string> describe_parts() const;

 private:
  struct Box {
    std::array<double, 3> low, high;
  };
  void find_blocks(mesh::Pieces blocks);
  void find_boxes();
  void find_unknowns();
  void find_shapes();
  double length(const Box& box) const;
  /// row += factor times the values of the columns of `block` in one component at x, shape (dim).
  void add_values(std::int32_t block, int component, const double* x, double factor, std::span<double> row) const;
  double value(const MotionShape& shape, int component, const double* x, const Box& box) const;

  const DofMap& dofs_;
  const mesh::Mesh& mesh_;
  mesh::Pieces parts_, blocks_;
  std::vector<std::vector<std::int32_t>> blocks_of_part_;
  std::vector<std::int32_t> part_of_block_, place_in_part_;  ///< (blocks)
  std::vector<Box> boxes_;                                   ///< (blocks)
  std::vector<MotionShape> shapes_;
  std::vector<std::vector<std::int32_t>> cell_of_nodes_;  ///< (fields)(owned nodes) one cell
  std::vector<std::vector<double>> coordinates_;          ///< (fields)(local nodes, dim)
  std::vector<std::int32_t> part_of_unknowns_;
};

template <class Visit>
void MotionCandidates::visit_conditions(std::span<const std::uint8_t> held, const Visit& visit) const {
  const int dim = mesh_.dim, vertices = mesh_.vertices_per_cell();
  std::vector<double> row;
  struct Place {
    std::int32_t block = -1;
    const double* x = nullptr;
  };
  std::vector<Place> first(mesh_.num_vertices());
  for (std::int32_t c = 0; c < mesh_.num_cells(); ++c) {
    for (int a = 0; a < vertices; ++a) {
      // The first points of a cell are its vertices.
      const Place here{
          blocks_.of_cell[c],
          mesh_.points.data() + std::size_t(mesh_.cell_points[std::size_t(c) * mesh_.points_per_cell() + a]) * dim};
      auto& there = first[mesh_.cell_vertices[std::size_t(c) * vertices + a]];
      if (there.block < 0) there = here;
      if (there.block == here.block && std::equal(here.x, here.x + dim, there.x)) continue;
      const auto part = part_of_block_[here.block];
      for (int component = 0; component < dofs_.num_components(); ++component) {
        row.assign(num_columns(part), 0.0);
        add_values(here.block, component, here.x, 1.0, row);
        add_values(there.block, component, there.x, -1.0, row);
        visit(part, std::span(row));
      }
    }
  }
  for (int f = 0; f < dofs_.num_fields(); ++f) {
    for (std::int32_t n = 0; n < dofs_.fields()[f].nodes->num_owned; ++n) {
      for (int c = 0; c < dofs_.fields()[f].components; ++c) {
        if (held[dofs_.node_dofs(f)[n] + c] == 0) continue;
        const auto block = blocks_.of_cell[cell_of_nodes_[f][n]];
        const auto part = part_of_block_[block];
        row.assign(num_columns(part), 0.0);
        add_values(block, dofs_.component_offset(f) + c, coordinates_[f].data() + std::size_t(n) * dim, 1.0, row);
        visit(part, std::span(row));
      }
    }
  }
}

}  // namespace ansatz::fem
