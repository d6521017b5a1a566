#pragma once
/// The learner "dqn": deep Q-learning with replay and a slowly following target network.

#include "ansatz/sdk/learning.hpp"

namespace ansatz::rl_stepping {

/// Mnih et al., Nature 518, 2015, in the variant of Saz Ulibarrena and Portegies Zwart, Commun. Nonlinear Sci. Numer.
/// Simul. 145, 2025. Episodes of training and of validation have different seeds; the model of the best validation is
/// kept.
class DqnLearner final : public sdk::PolicyLearner {
 public:
  sdk::ParameterSchema options() const override;
  sdk::PolicyModel train(const sdk::EnvironmentFactory& make_environment, const sdk::ParameterSet& options,
                         const std::function<void(const sdk::LearningProgress&)>& progress) const override;
  std::unique_ptr<sdk::Policy> make(const sdk::PolicyModel& model) const override;
};

}  // namespace ansatz::rl_stepping
