#pragma once
/// Sparsity of assembled matrices, and where each cell's entries are in the rows.

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/fem/elements/dofs.hpp"
#include "engine/linear/matrices/matrix.hpp"

namespace ansatz::fem {

/// Pattern of the owned rows and, for every cell and pair of its nodes, the position of the column in the row.
struct Sparsity {
  std::shared_ptr<const linear::Pattern> pattern;

  /// Code of the first component of column node b in the rows of node a: position in the row's owned part, or with
  /// `ghost_bit` in its ghost part. Shape per pair of fields (fa, fb): (num_cells, nodes of fa, nodes of fb).
  std::vector<std::vector<std::uint16_t>> codes;
  static constexpr std::uint16_t ghost_bit = 0x8000;
};

/// Couples all unknowns of fields that share a cell. Only cells with an owned node are visited. Not collective.
/// \throws sdk::Error of kind internal when a row has more than 32767 entries.
Sparsity build_sparsity(const DofMap& dofs);

}  // namespace ansatz::fem
