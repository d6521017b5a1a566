#include "replay.hpp"

#include <algorithm>

namespace ansatz::rl_stepping {

void Replay::add(std::span<const double> observation, int action, double reward, std::span<const double> next,
                 bool alive) {
  if (size() < capacity_) {
    order_.push_back(size());
    ring_.observations.insert(ring_.observations.end(), observation.begin(), observation.end());
    ring_.next.insert(ring_.next.end(), next.begin(), next.end());
    ring_.actions.push_back(action);
    ring_.rewards.push_back(reward);
    ring_.alive.push_back(alive ? 1.0 : 0.0);
    return;
  }
  const auto row = static_cast<std::ptrdiff_t>(oldest_ * features_);
  std::copy(observation.begin(), observation.end(), ring_.observations.begin() + row);
  std::copy(next.begin(), next.end(), ring_.next.begin() + row);
  ring_.actions[oldest_] = action;
  ring_.rewards[oldest_] = reward;
  ring_.alive[oldest_] = alive ? 1.0 : 0.0;
  oldest_ = (oldest_ + 1) % capacity_;
}

void Replay::sample(std::size_t count, Random& random, Batch& batch) {
  batch = {};
  for (std::size_t k = 0; k < count; ++k) {
    std::swap(order_[k], order_[k + random.below(size() - k)]);
    const std::size_t at = order_[k];
    const auto row = static_cast<std::ptrdiff_t>(at * features_), end = row + static_cast<std::ptrdiff_t>(features_);
    batch.observations.insert(batch.observations.end(), ring_.observations.begin() + row,
                              ring_.observations.begin() + end);
    batch.next.insert(batch.next.end(), ring_.next.begin() + row, ring_.next.begin() + end);
    batch.actions.push_back(ring_.actions[at]);
    batch.rewards.push_back(ring_.rewards[at]);
    batch.alive.push_back(ring_.alive[at]);
  }
}

}  // namespace ansatz::rl_stepping
