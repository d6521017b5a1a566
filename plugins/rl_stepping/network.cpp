#include "network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "ansatz/sdk/error.hpp"

namespace ansatz::rl_stepping {
namespace {

/// Inputs and outputs of each matrix.
std::vector<Layer> empty_layers(const NetworkShape& shape) {
  std::vector<Layer> layers;
  const int last = shape.num_matrices() - 1;
  for (int k = 0; k <= last; ++k)
    layers.push_back({k == 0 ? shape.features : shape.width, k == last ? shape.actions : shape.width, {}, {}});
  return layers;
}

int count(const sdk::PolicyModel& model, const std::string& name) {
  const auto& text = model.attribute(name);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > 100000) {
    throw sdk::Error(sdk::ErrorKind::state, fmt::format("the policy's {} is \"{}\"", name, text));
  }
  return number;
}

std::string name_of(int k, const char* part) { return fmt::format("network/{}/{}", k, part); }

}  // namespace

Network::Network(const NetworkShape& s, Random& random)
    : shape(s),
      shift(static_cast<std::size_t>(s.features), 0.0),
      scale(static_cast<std::size_t>(s.features), 1.0),
      matrices(empty_layers(s)) {
  for (auto& layer : matrices) {
    const double bound = 1.0 / std::sqrt(layer.inputs);
    layer.weights.resize(static_cast<std::size_t>(layer.inputs) * static_cast<std::size_t>(layer.outputs));
    layer.bias.resize(static_cast<std::size_t>(layer.outputs));
    for (auto* numbers : {&layer.weights, &layer.bias}) {
      for (double& x : *numbers) x = bound * (2.0 * random.uniform() - 1.0);
    }
  }
}

Network::Network(const sdk::PolicyModel& model) {
  const auto& variant = model.attribute("variant");
  if (model.features.empty() || model.actions.empty() || (variant != "shared" && variant != "unshared")) {
    throw sdk::Error(sdk::ErrorKind::state, fmt::format("the policy is not a network: its variant is \"{}\"", variant));
  }
  shape = {static_cast<int>(model.features.size()), count(model, "width"), count(model, "layers"),
           static_cast<int>(model.actions.size()), variant == "shared"};
  shift = model.array("features/shift", {shape.features}).values;
  scale = model.array("features/scale", {shape.features}).values;
  matrices = empty_layers(shape);
  for (int k = 0; k < shape.num_matrices(); ++k) {
    auto& layer = matrices[static_cast<std::size_t>(k)];
    layer.weights = model.array(name_of(k, "weights"), {layer.inputs, layer.outputs}).values;
    layer.bias = model.array(name_of(k, "bias"), {layer.outputs}).values;
  }
}

void Network::store(sdk::PolicyModel& model) const {
  model.attributes["variant"] = shape.shared ? "shared" : "unshared";
  model.attributes["width"] = std::to_string(shape.width);
  model.attributes["layers"] = std::to_string(shape.layers);
  model.arrays["features/shift"] = {{shape.features}, shift};
  model.arrays["features/scale"] = {{shape.features}, scale};
  for (int k = 0; k < shape.num_matrices(); ++k) {
    const auto& layer = matrices[static_cast<std::size_t>(k)];
    model.arrays[name_of(k, "weights")] = {{layer.inputs, layer.outputs}, layer.weights};
    model.arrays[name_of(k, "bias")] = {{layer.outputs}, layer.bias};
  }
}

Forward::Forward(const Network& network)
    : network_(network),
      input_(static_cast<std::size_t>(network.shape.features)),
      values_(static_cast<std::size_t>(network.shape.width)),
      next_(values_.size()),
      out_(static_cast<std::size_t>(network.shape.actions)) {}

std::span<const double> Forward::operator()(std::span<const double> observation) {
  const auto apply = [](const Layer& layer, const std::vector<double>& x, std::vector<double>& y) {
    std::copy(layer.bias.begin(), layer.bias.end(), y.begin());
    const std::size_t n = y.size();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double factor = x[i];
      const double* row = layer.weights.data() + i * n;
      for (std::size_t j = 0; j < n; ++j) y[j] += factor * row[j];
    }
  };
  const auto& shape = network_.shape;
  for (std::size_t i = 0; i < input_.size(); ++i) input_[i] = (observation[i] - network_.shift[i]) * network_.scale[i];
  apply(network_.matrices.front(), input_, values_);
  for (int k = 0; k <= shape.layers; ++k) {
    for (double& x : values_) x = x < 0.0 ? 0.0 : x;  // what is not a number stays so
    apply(network_.matrices[static_cast<std::size_t>(shape.matrix(k))], values_, k == shape.layers ? out_ : next_);
    if (k < shape.layers) std::swap(values_, next_);
  }
  return out_;
}

}  // namespace ansatz::rl_stepping
