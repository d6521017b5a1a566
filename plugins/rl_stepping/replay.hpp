#pragma once
/// The last transitions of a training, and random batches of them.

#include <span>
#include <vector>

#include "random.hpp"

namespace ansatz::rl_stepping {

/// Transitions as a trainer takes them, one row each.
struct Batch {
  std::vector<double> observations, next;  ///< (size, features)
  std::vector<std::int64_t> actions;       ///< (size)
  std::vector<double> rewards;             ///< (size)
  std::vector<double> alive;               ///< (size) 0 where the episode ended for good, else 1
  std::size_t size() const { return rewards.size(); }
};

/// Ring of the newest `capacity` transitions.
class Replay {
 public:
  Replay(std::size_t capacity, std::size_t features) : capacity_(capacity), features_(features) {}

  void add(std::span<const double> observation, int action, double reward, std::span<const double> next, bool alive);
  std::size_t size() const { return ring_.size(); }
  const Batch& all() const { return ring_; }
  /// Different transitions, all equally likely.
  /// \param count at most size()
  void sample(std::size_t count, Random& random, Batch& batch);

 private:
  std::size_t capacity_, features_, oldest_ = 0;
  Batch ring_;
  std::vector<std::size_t> order_;  ///< a permutation of the places, its head is the last sample
};

}  // namespace ansatz::rl_stepping
