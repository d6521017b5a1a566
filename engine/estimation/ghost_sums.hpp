#pragma once
/// Sums over ranks of what each adds to unknowns that it sees.

#include <span>
#include <vector>

#include "engine/base/index_map.hpp"

namespace ansatz::estimation {

/// Adds the ghost values of all ranks to those of the owners, rank after rank, and leaves the ghosts as they are.
/// \param local (num_local). *Collective.*
inline void add_to_owners(const base::Communicator& comm, const base::IndexMap& map, std::span<double> local) {
  struct Share {
    std::int32_t unknown;
    double value;
  };
  if (comm.size() == 1) return;
  std::vector<std::vector<Share>> send(comm.size());
  for (std::int32_t g = 0; g < map.num_ghosts(); ++g) {
    const double value = local[map.num_owned + g];
    if (value != 0.0) send[map.ghost_owner[g]].push_back({map.ghost_remote[g], value});
  }
  for (const auto& shares : comm.exchange(send)) {
    for (const auto& [unknown, value] : shares) local[unknown] += value;
  }
}

}  // namespace ansatz::estimation
