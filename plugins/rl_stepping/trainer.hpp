#pragma once
/// Steps of deep Q-learning on a network, by LibTorch. Its headers are seen by trainer.cpp alone.

#include <memory>

#include "network.hpp"
#include "replay.hpp"

namespace ansatz::rl_stepping {

struct TrainerOptions {
  double learning_rate = 1e-3;
  double discount = 0.99;
  double target_rate = 0.005;  ///< share of the network that its target takes over in each step
  double clip = 100.0;         ///< of each entry of the gradient
};

/// AdamW with amsgrad on the Huber loss of q(s, a) - r - discount max_a' q'(s', a'), q' a slowly following copy of q.
/// In double precision, on one thread.
class Trainer {
 public:
  /// \param network is trained in place and must outlive this; its standardisation must not change
  Trainer(Network& network, const TrainerOptions& options);
  ~Trainer();

  /// \returns the loss before the step
  double step(const Batch& batch);
  /// Values of the network as LibTorch computes them, shape (rows, actions).
  /// \param observations (rows, features)
  std::vector<double> values(const std::vector<double>& observations) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ansatz::rl_stepping
