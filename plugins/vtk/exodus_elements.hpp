#pragma once
/// The element types of Exodus and their sides (W. R. Mills-Curran et al., EXODUS II, SAND92-2137, section 4).

#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/mesh_builder.hpp"
#include "ansatz/sdk/raw_mesh.hpp"

namespace ansatz::vtk {

struct Element {
  std::string name;                   ///< with the number of nodes: "TRI7"
  int dimension = 3;                  ///< of the element itself
  std::optional<sdk::FileCell> cell;  ///< nothing: only its dimension is known
  bool is_shell = false;              ///< called a shell: sides 1 and 2 are its faces, the edges follow

  int num_corners() const { return cell ? sdk::num_vertices(cell->cell) : dimension == 0 ? 1 : 0; }
  /// Of the sides of a cell: 3 of a triangle.
  int num_sides() const;
};

/// \param type as the file has it, for example "tri" or "TRISHELL3"
Element element(const std::string& type, int num_nodes);

/// Corners of a side, counted from 0; empty where there is no such side.
/// \param side counted from 1
/// \param has_faces sides 1 and 2 of an element of dimension 2 are its faces, the edges come after them
std::vector<int> side_corners(const Element& element, std::int64_t side, bool has_faces);

}  // namespace ansatz::vtk
