#pragma once
/// Step sizes from error estimates: digital filters with limits, and the choice of the first step.

#include <array>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/time.hpp"

namespace ansatz::time {

/// A law  h' = h e_0^(-k1/q) e_1^(-k2/q) e_2^(-k3/q) r_0^k4 r_1^k5  with the errors e of the last steps, the newest
/// first, the ratios r of their lengths, r_0 = h_0 / h_1, and q one more than the order of the error estimate
/// (Soederlind, ACM TOMS 29, 2003). An error is the weighted norm of the estimate over the tolerance: 1 is just
/// acceptable.
struct ControllerLaw {
  std::string name;
  std::array<double, 5> k{};            ///< k1 ... k5
  std::array<double, 5> alternative{};  ///< where not all 0: a second law; the shorter of both steps is taken
  std::string source;
};

/// All laws, by name. The first is the plain "i".
std::span<const ControllerLaw> controller_laws();
/// \throws sdk::Error of kind case_file with a suggestion.
const ControllerLaw& controller_law(const std::string& name);

/// What a proposal must keep within.
struct StepLimits {
  std::string name;
  double safety = 0.9;                       ///< factor on every proposal
  double bias = 1.0;                         ///< on errors before they are used
  double max_growth = 10.0;                  ///< of a step over the one before
  double max_first_growth = 1e4;             ///< after the first step
  double min_factor = 0.1;                   ///< of a step over the one before, also after a rejection
  double repeated_factor = 0.3;              ///< at most, from the third rejection of a step on
  std::array<double, 2> deadband{1.0, 1.0};  ///< factors within leave the step as it is
  double solver_factor = 0.25;               ///< after a stage that could not be solved, or is not finite
  int max_rejections = 7;                    ///< of one step, then the integration fails
};

/// Presets, by name: those of ARKODE 6 and 7, PETSc, SciML and Diffrax. The first is the default.
std::span<const StepLimits> limit_presets();
/// \throws sdk::Error of kind case_file with a suggestion.
const StepLimits& limit_preset(const std::string& name);

/// What an attempt was like.
struct StepFacts {
  bool solved = true;                         ///< all stages were solved and finite
  bool accepted = true;                       ///< solved, and the error is 1 at most
  double error = 0.0;                         ///< of an accepted step as it would be at the order of the next one
  int q = 1;                                  ///< one more than the order of the error estimate of the next attempt
  double step = 0.0, time = 0.0, stop = 0.0;  ///< length, start, and the end of the integration
  const sdk::TimeMethod* method = nullptr;    ///< after the attempt
};

/// Proposes steps. What it says never decides on acceptance.
class StepControl {
 public:
  virtual ~StepControl() = default;
  struct Decision {
    bool accepted = false;
    bool failed = false;  ///< more rejections than allowed: the integration cannot go on
    double factor = 1.0;  ///< length of the next attempt over that of this one
  };
  /// *Collective.*
  virtual Decision after(const StepFacts& facts) = 0;
  /// The step was cut short or stretched by this factor from outside (end of the interval, limits).
  virtual void stretched(double factor) = 0;
  /// All that influences later decisions.
  virtual void exchange(sdk::StateArchive& archive) = 0;
};

/// The laws of the table.
///
///   StepController controller(controller_law("h211b"), limit_preset("arkode_7"), 4);
///   const auto decision = controller.error(0.7);   // accepted; the next step is decision.factor times as long
class StepController final : public StepControl {
 public:
  /// \param q one more than the order of the error estimate; after() takes that of the facts
  StepController(ControllerLaw law, StepLimits limits, int q = 1);

  Decision after(const StepFacts& facts) override;
  /// After an attempt with this error; one that is not finite is a rejection as by solver_failed().
  Decision error(double error);
  /// After an attempt that gave no error: a solver did not converge, a stage was not finite.
  Decision solver_failed();
  void stretched(double factor) override { last_factor_ *= factor; }
  void exchange(sdk::StateArchive& archive) override;

  const ControllerLaw& law() const { return law_; }
  const StepLimits& limits() const { return limits_; }
  int rejections() const { return rejections_; }  ///< of the present step
  /// All that influences later decisions, for checkpoints. \throws sdk::Error of kind state for another length.
  std::vector<double> state() const;
  void set_state(std::span<const double> state);

 private:
  double proposal(double error) const;
  Decision accept(double error);
  Decision reject(double factor);

  ControllerLaw law_;
  StepLimits limits_;
  int q_;
  std::array<double, 2> errors_{1.0, 1.0};  ///< of accepted steps before this one, the newest first
  std::array<double, 2> ratios_{1.0, 1.0};  ///< of the lengths of accepted steps
  double last_factor_ = 1.0;                ///< length of this attempt over that of the last accepted step
  int accepted_ = 0, rejections_ = 0;
};

/// The first step for y' = f(t, y), of a method of order p, by one evaluation of f beside f0 (after Hairer, Norsett,
/// Wanner, Solving ODEs I, II.4). With the changes d1 of y and d2 of y' in a unit of time, in units of the tolerances,
/// it is T (0.01 / max(d1 T, d2 T^2))^(1 / (p + 1)) for the time T = d1 / d2 in which y' changes, `length` at most: the
/// same part of the integration in any unit of time.
/// \param size norm in units of the tolerances
/// \param length of the integration
/// \param f writes f(start + h, y), which may be not finite: a shorter h is tried then
double starting_step(std::span<const double> y0, std::span<const double> f0,
                     const std::function<double(std::span<const double>)>& size, int p, double length,
                     const std::function<void(double h, std::span<double> y, std::span<double> out)>& f);

}  // namespace ansatz::time
