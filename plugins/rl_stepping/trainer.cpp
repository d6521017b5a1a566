#include "trainer.hpp"

#include <torch/torch.h>

namespace ansatz::rl_stepping {
namespace {

torch::Tensor view(const std::vector<double>& numbers, std::int64_t rows, std::int64_t columns) {
  // Only tensors that require gradients are written to, and those are views of numbers that are not constant.
  return torch::from_blob(const_cast<double*>(numbers.data()), {rows, columns}, torch::kFloat64);
}

}  // namespace

struct Trainer::State {
  NetworkShape shape;
  TrainerOptions options;
  torch::Tensor shift, scale;
  std::vector<torch::Tensor> parameters, targets;  ///< weights and bias of each matrix
  std::unique_ptr<torch::optim::AdamW> optimiser;

  torch::Tensor values(const std::vector<torch::Tensor>& of, const torch::Tensor& observations) const {
    const auto apply = [&](int k, const torch::Tensor& x) {
      const auto at = 2 * static_cast<std::size_t>(k);
      return torch::addmm(of[at + 1], x, of[at]);
    };
    auto x = apply(0, (observations - shift) * scale);
    for (int k = 0; k <= shape.layers; ++k) x = apply(shape.matrix(k), torch::relu(x));
    return x;
  }
};

Trainer::Trainer(Network& network, const TrainerOptions& options) : state_(std::make_unique<State>()) {
  at::set_num_threads(1);
  auto& s = *state_;
  s.shape = network.shape;
  s.options = options;
  s.shift = view(network.shift, 1, network.shape.features);
  s.scale = view(network.scale, 1, network.shape.features);
  for (auto& layer : network.matrices) {
    for (auto parameter : {view(layer.weights, layer.inputs, layer.outputs), view(layer.bias, 1, layer.outputs)}) {
      s.targets.push_back(parameter.clone());
      s.parameters.push_back(parameter.requires_grad_(true));
    }
  }
  s.optimiser = std::make_unique<torch::optim::AdamW>(s.parameters,
                                                      torch::optim::AdamWOptions(options.learning_rate).amsgrad(true));
}

Trainer::~Trainer() = default;

double Trainer::step(const Batch& batch) {
  auto& s = *state_;
  const auto rows = static_cast<std::int64_t>(batch.size());
  torch::Tensor wanted;
  {
    const torch::NoGradGuard no_gradient;
    const auto best = std::get<0>(s.values(s.targets, view(batch.next, rows, s.shape.features)).max(1, true));
    wanted = view(batch.rewards, rows, 1) + s.options.discount * view(batch.alive, rows, 1) * best;
  }
  const auto actions =
      torch::from_blob(const_cast<std::int64_t*>(batch.actions.data()), {rows, 1}, torch::kInt64);  // read only
  const auto values = s.values(s.parameters, view(batch.observations, rows, s.shape.features)).gather(1, actions);
  const auto loss = torch::smooth_l1_loss(values, wanted);
  s.optimiser->zero_grad();
  loss.backward();
  torch::nn::utils::clip_grad_value_(s.parameters, s.options.clip);
  s.optimiser->step();
  const torch::NoGradGuard no_gradient;
  for (std::size_t k = 0; k < s.targets.size(); ++k) s.targets[k].lerp_(s.parameters[k], s.options.target_rate);
  return loss.item<double>();
}

std::vector<double> Trainer::values(const std::vector<double>& observations) const {
  const torch::NoGradGuard no_gradient;
  const auto rows = static_cast<std::int64_t>(observations.size()) / state_->shape.features;
  const auto out = state_->values(state_->parameters, view(observations, rows, state_->shape.features)).contiguous();
  return {out.data_ptr<double>(), out.data_ptr<double>() + out.numel()};
}

}  // namespace ansatz::rl_stepping
