#pragma once
/// Learned decisions: controlled processes, learners, and the policies that they make.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/parameters.hpp"

namespace ansatz::sdk {

/// What a step of a process gave.
struct Outcome {
  double reward = 0.0;
  bool done = false;  ///< the episode is over
  bool cut = false;   ///< it is over only because of its length: the last state has a future, and a value
};

/// A process that one of a few actions controls at each step, as a learner sees it. All random numbers that it uses
/// come from the seeds given to reset(): the same seed and actions give the same observations and rewards.
///
///   std::vector<double> observation(environment.observation_size());
///   environment.reset(2000, observation);
///   while (!environment.step(policy.best(observation), observation).done) {}
class Environment {
 public:
  virtual ~Environment();
  /// Names of the entries of an observation, in order. A policy works only where they are those of its training.
  virtual const std::vector<std::string>& feature_names() const = 0;
  /// What each action stands for; a policy works only where they are those of its training.
  virtual const std::vector<double>& action_values() const = 0;
  /// Begins the episode of a seed.
  /// \param observation out, shape (observation_size())
  virtual void reset(std::uint64_t seed, std::span<double> observation) = 0;
  /// \param action from 0 on
  /// \param observation out, after the step, shape (observation_size())
  virtual Outcome step(int action, std::span<double> observation) = 0;

  int observation_size() const { return static_cast<int>(feature_names().size()); }
  int num_actions() const { return static_cast<int>(action_values().size()); }
};
using EnvironmentFactory = std::function<std::unique_ptr<Environment>()>;

/// Numbers with a shape, the last index runs fastest.
struct PolicyArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
  bool operator==(const PolicyArray&) const = default;
};

/// All that a policy is, as plain data: the engine stores it without knowing what the arrays mean.
struct PolicyModel {
  std::string learner;                            ///< name of the learner that made it and can use it
  std::vector<std::string> features;              ///< Environment::feature_names() of the training
  std::vector<double> actions;                    ///< Environment::action_values() of the training
  std::map<std::string, std::string> attributes;  ///< how it was made: options, seeds, versions
  std::map<std::string, PolicyArray> arrays;      ///< weights, ranges of features, learning curves
  bool operator==(const PolicyModel&) const = default;

  /// \throws Error of kind state where there is no such array, or it has another shape.
  /// \param shape -1: any extent
  const PolicyArray& array(const std::string& name, const std::vector<std::int64_t>& shape) const;
  /// \throws Error of kind state where there is no such attribute.
  const std::string& attribute(const std::string& name) const;
};

/// \throws Error of kind state that names both where the features or actions of a policy are not those wanted. \param
/// where for the error, for example the file of the policy
void require_features(const PolicyModel& model, const std::vector<std::string>& features,
                      const std::vector<double>& actions, const std::string& where = {});

/// Chooses actions. Objects are not shared between threads.
class Policy {
 public:
  virtual ~Policy();
  /// One number an action, the larger the better. No allocation; overwritten by the next call.
  /// \param observation shape (features)
  virtual std::span<const double> values(std::span<const double> observation) = 0;
  /// The first action of the largest value; -1 where a value is not finite.
  int best(std::span<const double> observation);
};

/// How far a training has come.
struct LearningProgress {
  int episode = 0;          ///< from 1 on
  double reward = 0.0;      ///< sum over this episode
  double validation = 0.0;  ///< mean of the sums over the validation episodes; not a number where none were run
};

/// Makes policies from experience, and uses them.
class PolicyLearner {
 public:
  virtual ~PolicyLearner();
  /// What train() accepts.
  virtual ParameterSchema options() const = 0;
  /// Not collective; the same options and environments give the same model.
  /// \param options a set of options()
  /// \param progress after each episode, may be empty
  /// \throws Error of kind parameter or not_finite
  virtual PolicyModel train(const EnvironmentFactory& make_environment, const ParameterSet& options,
                            const std::function<void(const LearningProgress&)>& progress) const = 0;
  /// \throws Error of kind state for a model that is damaged or of another learner.
  virtual std::unique_ptr<Policy> make(const PolicyModel& model) const = 0;
};

}  // namespace ansatz::sdk
