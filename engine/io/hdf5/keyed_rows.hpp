#pragma once
/// Rows of values with canonical keys, moved from the ranks that read them to the ranks that need them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/communicator.hpp"
#include "engine/mesh/topology/nodes.hpp"

namespace ansatz::io {

/// Some rows of a table, with the keys of nodes.
struct KeyedRows {
  std::vector<std::int64_t> keys;  ///< (n, 2)
  std::vector<double> values;      ///< (n, columns)
  int columns = 0;
};

/// Keys of the owned nodes, shape (num_owned, 2). Not collective.
std::vector<std::int64_t> owned_keys(const mesh::NodeMap& nodes);

/// Values of the rows with the keys that this rank asks for, from the rows of all ranks. Where a key occurs several
/// times, any of its rows answers, the same on every number of ranks that read the same file in order.
/// \param wanted shape (m, 2); any order, repetitions allowed, m may be 0
/// \param path for errors
/// \returns shape (m, columns). *Collective.*
/// \throws sdk::Error of kind state for a key that no rank has.
std::vector<double> look_up(const base::Communicator& comm, KeyedRows rows, std::span<const std::int64_t> wanted,
                            const std::string& path);

/// The same, or nothing on all ranks where any rank asks for a key that no rank has. *Collective.*
std::optional<std::vector<double>> try_look_up(const base::Communicator& comm, KeyedRows rows,
                                               std::span<const std::int64_t> wanted);

/// All rows whose first key is one of the cells that this rank asks for, cell by cell as in `cells`, those of one cell
/// in the order of their second keys.
/// \param cells each asked for by one rank only
/// \throws sdk::Error of kind state for rows of a cell that no rank asks for. *Collective.*
KeyedRows rows_of_cells(const base::Communicator& comm, const KeyedRows& rows, std::span<const std::int64_t> cells,
                        const std::string& path);

}  // namespace ansatz::io
