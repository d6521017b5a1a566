#pragma once
/// Facets of a distributed mesh by their vertices: the exterior boundary and the look-up of named sets.

#include <optional>

#include "engine/mesh/topology/mesh.hpp"

namespace ansatz::mesh {

/// Whether each local vertex belongs to an owned cell. Every cell at such a vertex is local. Shape (num_vertices).
std::vector<char> vertices_of_owned_cells(const Mesh& mesh);

/// The facets of local cells that contain a vertex of an owned cell: those for which all cells are known here.
/// Facets may be triangles and quadrilaterals, also of one cell. Quadrilaterals of collapsed cells may be triangles;
/// facets that are collapsed to less are none.
class FacetTable {
 public:
  explicit FacetTable(const Mesh& mesh);

  /// The facet with these local vertices, in any order, on its cell with the lowest id.
  std::optional<Facet> find(std::span<const std::int32_t> vertices) const;
  /// Facets with one cell, sorted.
  std::vector<Facet> exterior() const;
  /// Facets with two cells, as both see them, the cell with the lower id first. Sorted.
  std::vector<std::array<Facet, 2>> interior() const;
  /// Pairs of local cells that share a facet.
  std::vector<std::array<std::int32_t, 2>> neighbours() const;
  /// A facet that three cells or more share, which no sound mesh has.
  std::optional<Facet> overcrowded() const;

 private:
  struct Entry {
    std::array<std::int32_t, 3> others;  ///< vertices but the lowest, ascending, then `none`
    Facet facet;
  };
  static std::pair<std::int32_t, Entry> entry_of(std::span<const std::int32_t> vertices);

  template <class Visit>
  void for_each_facet(const Mesh& mesh, const Visit& visit) const;
  /// Calls visit(first, last) for each run of entries of one facet.
  template <class Visit>
  void for_each_run(const Visit& visit) const;

  std::vector<std::int32_t> offsets_;  ///< (num_vertices + 1) entries by lowest vertex
  std::vector<Entry> entries_;
};

}  // namespace ansatz::mesh
