#pragma once
/// Explicit Runge-Kutta methods with step control, for systems of ordinary differential equations. The caller owns the
/// loop.

#include <cstdint>

#include "engine/time/butcher_tableau.hpp"
#include "engine/time/step_controller.hpp"

namespace ansatz::time {

/// y' = f(t, y).
class OdeFunction {
 public:
  virtual ~OdeFunction() = default;
  virtual std::size_t size() const = 0;
  /// Writes f(t, y). Shapes (size).
  virtual void evaluate(double t, std::span<const double> y, std::span<double> out) = 0;
};

/// What errors are measured in: scale_i = absolute_i + relative max(|y_i|, |y_new,i|).
struct Tolerances {
  double relative = 1e-6;
  std::vector<double> absolute{1e-9};  ///< one for all components, or one each
};

struct WorkCount {
  std::int64_t evaluations = 0, accepted = 0, rejected = 0;
};

/// One accepted step.
struct OdeStep {
  double time = 0.0;   ///< after it
  double step = 0.0;   ///< its length
  double error = 0.0;  ///< weighted root mean square
};

/// A method with its state: all that influences the next step.
///
///   ExplicitRungeKutta method(explicit_method("dormand_prince54"), f, 0.0, y0, {1e-8, {1e-10}},
///                             StepController(controller_law("pi42"), limit_preset("arkode_7"), 5));
///   while (method.time() < 10.0) method.advance(10.0);
class ExplicitRungeKutta {
 public:
  /// \param tableau with an error estimate \param f must outlive this \param controller with q = embedded order + 1
  /// \throws sdk::Error of kind parameter for tolerances that are not positive or of another number than the
  /// components.
  ExplicitRungeKutta(const ButcherTableau& tableau, OdeFunction& f, double start, std::vector<double> y0,
                     Tolerances tolerances, StepController controller);

  /// One accepted step that does not go beyond `stop`; the first one has the length of starting_step().
  /// \throws sdk::Error of kind solver after too many rejections or where the step vanishes beside the time, with the
  /// worst component, its error and the last steps; not_finite where f is not finite at the start. The state is then
  /// that before.
  OdeStep advance(double stop);

  double time() const { return time_; }
  std::span<const double> state() const { return y_; }
  const WorkCount& work() const { return work_; }
  const StepController& controller() const { return controller_; }

 private:
  void evaluate(double t, std::span<const double> y, std::span<double> out);
  void begin();
  double attempt(double h);
  [[noreturn]] void fail(double h, const std::string& why) const;

  const ButcherTableau& tableau_;
  OdeFunction& f_;
  Tolerances tolerances_;
  StepController controller_;
  double time_, next_ = 0.0;  ///< length of the next attempt; 0 before the first
  std::vector<double> y_, new_, stage_, error_;
  std::vector<std::vector<double>> k_;
  WorkCount work_;
};

}  // namespace ansatz::time
