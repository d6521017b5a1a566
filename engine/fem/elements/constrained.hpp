#pragma once
/// Unknowns that are not solved for: prescribed or held.

#include <cstdint>
#include <vector>

#include "engine/fem/elements/dofs.hpp"

namespace ansatz::fem {

/// Flags of unknowns whose rows and columns are left out of residuals and matrices. What uses a form keeps its own: two
/// solvers of one form may hold different unknowns.
struct Constrained {
  std::vector<std::uint8_t> unknowns;  ///< (num_local), current on ghosts
  std::vector<std::uint8_t> cells;     ///< (num_cells) has any of them

  Constrained() = default;
  /// \param flags shape (num_local), current on ghosts. Not collective.
  Constrained(const DofMap& dofs, std::vector<std::uint8_t> flags);
};

}  // namespace ansatz::fem
