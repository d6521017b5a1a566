#pragma once
/// Numbers that are distributed over the ranks: which a rank owns, which others it sees, and where these come from.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::base {

/// Copies owned values to the ranks that hold them as ghosts.
class GhostExchange {
 public:
  /// \param ghost_owner rank that owns each ghost
  /// \param ghost_remote its local (owned) number there. *Collective.*
  GhostExchange(const Communicator& comm, std::span<const std::int32_t> ghost_owner,
                std::span<const std::int32_t> ghost_remote);

  /// Overwrites the ghost part. `owned` shape (num_owned, block), `ghosts` shape (num_ghosts, block). *Collective.*
  void forward(std::span<const double> owned, std::span<double> ghosts, int block) const;
  void forward(std::span<const std::int64_t> owned, std::span<std::int64_t> ghosts, int block) const;

 private:
  template <class T>
  void forward_any(std::span<const T> owned, std::span<T> ghosts, int block) const;

  Communicator comm_;
  std::vector<int> send_ranks_, receive_ranks_;
  std::vector<std::int32_t> send_offsets_, send_numbers_;        ///< owned values to pack, by rank
  std::vector<std::int32_t> receive_offsets_, receive_numbers_;  ///< ghosts to fill, by rank
};

/// Which of some numbers a rank owns and sees. Local numbers: owned ones [0, num_owned), then ghosts in ascending
/// global number. Global numbers are contiguous by rank: first_global + local.
struct IndexRange {
  std::int32_t num_owned = 0;
  std::int64_t first_global = 0;           ///< sum of num_owned over the ranks below
  std::vector<std::int64_t> ghost_global;  ///< (num_ghosts) ascending, owned by other ranks

  std::int32_t num_ghosts() const { return static_cast<std::int32_t>(ghost_global.size()); }
  std::int32_t num_local() const { return num_owned + num_ghosts(); }
};

/// The same, with the owners of the ghosts.
struct IndexMap : IndexRange {
  std::int64_t num_global = 0;             ///< over all ranks
  std::vector<std::int32_t> ghost_owner;   ///< (num_ghosts) rank
  std::vector<std::int32_t> ghost_remote;  ///< (num_ghosts) local number at the owner
  std::shared_ptr<const GhostExchange> exchange;
};

}  // namespace ansatz::base
