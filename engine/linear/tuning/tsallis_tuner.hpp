#pragma once
/// A bandit that chooses knobs, one for each part of the range of the context.

#include <vector>

#include "ansatz/sdk/tuner.hpp"
#include "engine/base/tsallis_bandit.hpp"
#include "engine/linear/tuning/arms.hpp"

namespace ansatz::linear {

/// One base::TsallisBandit for each of `bins` equal parts of the range [0, 1] of the first number of the context, of
/// which each solve uses and teaches that of its own context; 1: a bandit that looks at no context. A solve that failed
/// costs ten times its iterations.
class TsallisTuner final : public sdk::Tuner {
 public:
  /// \param options see options()
  TsallisTuner(std::span<const sdk::Knob> knobs, const sdk::ParameterSet& options);
  static sdk::ParameterSchema options();

  void propose(std::span<const double> context, std::span<double> knobs) override;
  void learn(std::int64_t iterations, bool converged) override;
  void exchange(sdk::StateArchive& archive) override;

 private:
  Arms arms_;
  std::vector<base::TsallisBandit> bandits_;
  std::size_t active_ = 0;
};

}  // namespace ansatz::linear
