#pragma once
/// Stability constants that are interpolated between training parameters: estimates, at little cost.

#include <functional>

#include "engine/reduced/stability/stability.hpp"
#include "engine/sampling/greedy.hpp"

namespace ansatz::reduced {

/// Interpolation of log constants, see Stability, as what a greedy loop trains: the indicator is the distance to the
/// nearest picked parameters in units of the box, and each extension computes one constant.
class InterpolatedStability final : public sampling::Surrogate {
 public:
  /// \param constant at parameters, positive (or it throws)
  /// \param inf_sup which constant it is
  InterpolatedStability(std::function<double(std::span<const double> mu)> constant, bool inf_sup,
                        std::vector<sampling::ParameterRange> box);

  std::vector<double> evaluate(const sampling::TrainingSet& points) override;
  bool extend(std::span<const double> mu) override;

  /// The largest factor by which the interpolation without one of the constants is wrong there; infinite where there
  /// are too few. It is the safety of stability().
  double leave_one_out() const { return data_.safety; }
  /// \throws sdk::Error of kind parameter where there are too few constants.
  Stability stability() const;

 private:
  void fit();

  std::function<double(std::span<const double>)> constant_;
  StabilityData data_;
};

struct InterpolatedStabilityOptions {
  double factor = 1.1;  ///< leave_one_out() that ends the training
  int max_picks = 60;
  std::function<void(const sampling::GreedyStep&)> on_step = nullptr;  ///< for a log line
};

/// \throws as `constant`, and sdk::Error of kind parameter where the training set has too few points. *Collective*
/// where `constant` is.
Stability train_interpolated(std::function<double(std::span<const double> mu)> constant, bool inf_sup,
                             const std::vector<sampling::ParameterRange>& box, const sampling::TrainingSet& training,
                             const InterpolatedStabilityOptions& options = {});

}  // namespace ansatz::reduced
