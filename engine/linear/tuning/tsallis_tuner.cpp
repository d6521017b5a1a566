#include "engine/linear/tuning/tsallis_tuner.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "ansatz/sdk/random.hpp"
#include "engine/linear/tuning/costs.hpp"

namespace ansatz::linear {

sdk::ParameterSchema TsallisTuner::options() {
  sdk::ParameterSchema schema;
  schema.add({.name = "values",
              .initial = std::int64_t{10},
              .unit = "1",
              .doc = "of each knob that it chooses among",
              .range = {2.0, 1000.0}});
  schema.add({.name = "bins",
              .initial = std::int64_t{1},
              .unit = "1",
              .doc = "parts of the range of the context, each with a choice of its own; 1: no context",
              .range = {1.0, 1000.0}});
  schema.add({.name = "seed",
              .initial = std::int64_t{1},
              .unit = "1",
              .doc = "of its random choices",
              .range = {0.0, 0x1p53}});
  return schema;
}

TsallisTuner::TsallisTuner(std::span<const sdk::Knob> knobs, const sdk::ParameterSet& options)
    : arms_(knobs, static_cast<int>(options.integer("values"))) {
  const auto seed = static_cast<std::uint64_t>(options.integer("seed"));
  for (std::int64_t b = 0; b < options.integer("bins"); ++b)
    bandits_.emplace_back(arms_.count(), seed + static_cast<std::uint64_t>(b) * sdk::golden);
}

void TsallisTuner::propose(std::span<const double> context, std::span<double> knobs) {
  const auto bins = static_cast<double>(bandits_.size());
  const double x = context.empty() ? 0.0 : std::clamp(context[0], 0.0, 1.0);
  active_ = static_cast<std::size_t>(std::min(std::floor(x * bins), bins - 1.0));
  arms_.values(bandits_[active_].draw(), knobs);
}

void TsallisTuner::learn(std::int64_t iterations, bool converged) {
  bandits_[active_].learn(cost_of(iterations, converged));
}

void TsallisTuner::exchange(sdk::StateArchive& archive) {
  for (std::size_t b = 0; b < bandits_.size(); ++b) {
    auto state = bandits_[b].state();
    archive.numbers("bandit_" + std::to_string(b), state);
    if (archive.loading()) bandits_[b].set_state(state);
  }
}

}  // namespace ansatz::linear
