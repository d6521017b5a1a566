#pragma once
/// The types of cells that tests loop over.

#include <vector>

#include "engine/mesh/cells/cell.hpp"

namespace ansatz::tests {

/// All types of the table, so that a new one is tested wherever tests loop over types.
inline std::vector<mesh::CellType> all_cells() {
  std::vector<mesh::CellType> types;
  for (const auto& cell : mesh::cell_shapes) types.push_back(cell.type);
  return types;
}

}  // namespace ansatz::tests
