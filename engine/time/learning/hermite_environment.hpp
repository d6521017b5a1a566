#pragma once
/// The choice of the Hermite scheme's step parameter as a controlled process, for learners.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ansatz/sdk/learning.hpp"
#include "engine/time/learning/hermite.hpp"

namespace ansatz::time {

/// Bodies in a plane, x and y of each after the other, whose motion keeps their energy.
struct PlanarMotion {
  std::shared_ptr<JerkFunction> accelerations;
  std::function<double(std::span<const double> x, std::span<const double> v)> energy;
  /// Initial values of a seed, shapes (2 bodies).
  std::function<void(std::uint64_t seed, std::vector<double>& x, std::vector<double>& v)> start;
};

/// What a learner sees and what it is rewarded for, after Saz Ulibarrena and Portegies Zwart, Commun. Nonlinear Sci.
/// Numer. Simul. 145 (2025).
struct HermiteStudy {
  /// state: all positions / length, all velocities; closest: the smallest distance / length, and the speed of the two.
  enum class Features { state, closest };
  Features features = Features::state;      ///< besides -log10 of the energy error, which is 0 at the start
  double interval = 1.0;                    ///< time of one step of the process
  int steps = 100;                          ///< of an episode
  double length = 10.0;                     ///< that makes positions about 1
  std::array<double, 2> weights{3000, 4};   ///< of accuracy and of long steps
  std::array<double, 2> range{1e-4, 1e-1};  ///< of the step parameter: actions are even in its logarithm
  int num_actions = 10;
  double largest_error = 0.1;  ///< an episode ends above
};

/// Each step evolves the bodies by an interval with the chosen step parameter mu. With e = |E / E_0 - 1| + 1e-20 the
/// n-th step, n > 1, is rewarded with
///   -w_0 log10(e / 1e-10) / |log10 e|^3 / n + w_1 / |log10 mu|,
/// the first with 0; errors above `largest_error` count as that.
class HermiteEnvironment final : public sdk::Environment {
 public:
  HermiteEnvironment(PlanarMotion motion, HermiteStudy study);

  const std::vector<std::string>& feature_names() const override { return features_; }
  const std::vector<double>& action_values() const override { return actions_; }
  void reset(std::uint64_t seed, std::span<double> observation) override;
  /// \throws sdk::Error of kind internal before reset(), or for an action that there is not.
  sdk::Outcome step(int action, std::span<double> observation) override;

  double energy_error() const { return error_; }             ///< e after the last step
  std::int64_t evaluations() const { return evaluations_; }  ///< of this episode
  const HermiteStudy& study() const { return study_; }

 private:
  void observe(std::span<double> observation) const;
  void observe_closest(std::span<double> observation) const;
  double reward(double mu) const;

  PlanarMotion motion_;
  HermiteStudy study_;
  std::vector<std::string> features_;
  std::vector<double> actions_;
  std::optional<Hermite> hermite_;
  double energy_ = 0.0, error_ = 1.0;
  std::int64_t evaluations_ = 0;
  int step_ = 0;
};

}  // namespace ansatz::time
