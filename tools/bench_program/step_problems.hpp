#pragma once
/// The problems on which step controllers are tuned, trained and tested (tools/bench rl_stepping).

#include <functional>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "engine/time/learning/step_environment.hpp"

namespace ansatz::bench {

/// A system that counts what it is asked: right-hand sides, solves, Jacobians (as many right-hand sides as their
/// columns need, at most the width of the band) and factorisations (one each).
struct CountedSystem {
  std::shared_ptr<sdk::TimeSystem> system;
  std::function<double()> work;  ///< valid while the system lives
};

/// A method and the tolerances 10^-digits that it is used with.
struct StepMethod {
  std::string name;
  double least_digits, most_digits;
};

/// One initial-value problem, from t = 0 on.
struct StepCase {
  std::string problem;
  std::uint64_t seed = 0;
  bool stiff = false;
  std::vector<StepMethod> methods = {};  ///< two
  double end = 1.0;
  std::vector<double> y0;
  std::vector<double> floor = {};  ///< size below which a component counts as small: absolute over relative tolerance
  std::function<CountedSystem()> make = {};

  time::Tolerances tolerances(double relative) const;
  /// Root mean square of (y - reference) / (floor + |reference|).
  double error(std::span<const double> y, std::span<const double> reference) const;
};

/// Families take turns with the seed; parameters and initial values are drawn. Ends are a quarter of those of
/// tests/support/step_families.hpp, so that errors at the end mean something on chaotic problems, too.
class StepProblems {
 public:
  /// Loads the plugins nbody and reaction_kinetics. *Collective.*
  explicit StepProblems(plugin::Registry& registry);

  /// One of the eight families of the training.
  StepCase of_seed(std::uint64_t seed) const;
  /// The same, as an integration by one of its methods at a tolerance that are drawn, too.
  time::StepProblem episode(std::uint64_t seed, CountedSystem& system) const;
  /// \param name tuning (seeds of the training), test_a (families of the training, other seeds) or test_b (other
  /// problems)
  std::vector<StepCase> set(const std::string& name) const;

 private:
  struct Published {
    const char* system;
    bool stiff;
    double end;  ///< 0: that of the system
    double floor;
  };
  StepCase of_plugin(const Published& published, const std::map<std::string, sdk::ParameterValue>& parameters) const;
  std::vector<StepCase> unseen() const;

  plugin::Registry& registry_;
};

}  // namespace ansatz::bench
