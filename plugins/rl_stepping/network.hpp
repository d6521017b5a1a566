#pragma once
/// The network of a policy: its numbers, and its hand-written forward pass.

#include <string>
#include <vector>

#include "ansatz/sdk/learning.hpp"
#include "random.hpp"

namespace ansatz::rl_stepping {

/// Dense layers: features -> width -> (width -> width) `layers` times -> actions, with ReLU between.
struct NetworkShape {
  int features = 1, width = 1, layers = 0, actions = 1;
  bool shared = false;  ///< one matrix stands for all `layers`

  int num_matrices() const { return 2 + (shared && layers > 0 ? 1 : layers); }
  /// Which matrix makes the next values after the first one, for k = 0, ..., layers; the last one makes the actions'.
  int matrix(int k) const { return k == layers ? num_matrices() - 1 : shared ? 1 : 1 + k; }
};

/// y = x W + b.
struct Layer {
  int inputs = 0, outputs = 0;
  std::vector<double> weights;  ///< (inputs, outputs)
  std::vector<double> bias;     ///< (outputs)
};

/// Weights, and how features are standardised before the first layer: (x - shift) * scale.
struct Network {
  NetworkShape shape;
  std::vector<double> shift, scale;  ///< (features)
  std::vector<Layer> matrices;       ///< (num_matrices())

  /// Weights and biases are uniform within 1 / sqrt(inputs); features stay as they are.
  Network(const NetworkShape& shape, Random& random);
  /// \throws sdk::Error of kind state for a model that is none of ours.
  explicit Network(const sdk::PolicyModel& model);
  /// Writes everything but the learner, the features and the actions.
  void store(sdk::PolicyModel& model) const;
};

/// Forward pass; works on the network as it is at the time of the call.
/// \param network must outlive this
class Forward {
 public:
  explicit Forward(const Network& network);
  std::span<const double> operator()(std::span<const double> observation);

 private:
  const Network& network_;
  std::vector<double> input_, values_, next_, out_;
};

/// Policy of a stored network.
class NetworkPolicy final : public sdk::Policy {
 public:
  explicit NetworkPolicy(Network network) : network_(std::move(network)), forward_(network_) {}
  NetworkPolicy(const NetworkPolicy&) = delete;
  NetworkPolicy& operator=(const NetworkPolicy&) = delete;
  std::span<const double> values(std::span<const double> observation) override { return forward_(observation); }

 private:
  Network network_;
  Forward forward_;
};

}  // namespace ansatz::rl_stepping
