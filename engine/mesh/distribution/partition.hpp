#pragma once
/// Partition of a distributed graph with PTScotch.

#include "engine/base/communicator.hpp"

namespace ansatz::mesh {

/// Assigns one of comm.size() parts of about equal size to each node of a symmetric graph, cutting few edges. The same
/// graph on the same number of ranks gives the same parts: PTScotch runs in its deterministic mode, which this library
/// needs, because by default it answers differently from run to run. *Collective.*
/// \param offsets,neighbours graph of this rank's nodes (global numbers, contiguous by rank), shapes (nodes + 1),
/// (edges).
/// \returns part of each node of this rank.
/// \throws Error of kind mesh: too many cells for this build of Scotch.
std::vector<std::int32_t> partition_graph(const base::Communicator& comm, std::span<const std::int64_t> offsets,
                                          std::span<const std::int64_t> neighbours);

}  // namespace ansatz::mesh
