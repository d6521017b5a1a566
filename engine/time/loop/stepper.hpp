#pragma once
/// The loop around a method: step sizes, rejections, stop times, dense output. The caller owns the loop over steps.

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/time/control/error_control.hpp"
#include "engine/time/control/step_controller.hpp"

namespace ansatz::time {

struct StepperOptions {
  double fixed_step = 0.0;                        ///< > 0: steps of this length without error control
  double first_step = 0.0;                        ///< 0: by starting_step()
  double min_step = 0.0;                          ///< a shorter one ends the integration
  std::function<double(double t)> max_step = {};  ///< of steps that begin at t; empty: none
  /// Times that a step ends at exactly. What depends on time may jump there: the step sees its limit from before the
  /// stop, and what comes after starts anew, as at the beginning. Those that numbers cannot tell apart are one.
  std::vector<double> stops = {};
  /// Times that are stops where a step of fixed length ends anyway, up to round-off; it is not cut there.
  std::vector<double> jumps = {};
  /// Times that a step ends at exactly, where nothing else happens: the step is shorter, and the next one goes on from
  /// what the method knows.
  std::vector<double> marks = {};
  /// Called at a stop that a step has ended at, with the state there and the prescribed values from there on: makes the
  /// rest of it belong to these. \returns y' there, or nothing. Empty: nothing is to be done. *Collective.*
  std::function<std::vector<double>(double t, std::vector<double>& y)> after_stop = {};
  /// Name of an unknown for failure reports, from its owner's index on one rank, nothing on the others. *Collective.*
  std::function<std::string(std::optional<std::size_t>)> name_of = {};
  /// Called with remarks of the method on steps that were accepted, each once.
  std::function<void(const std::string&)> say = {};
};

struct WorkCount {
  std::int64_t accepted = 0, rejected = 0, failed = 0;  ///< attempts; failed: a stage was not solved or not finite
  std::int64_t iterations = 0, linear_iterations = 0;
};

/// One accepted step.
struct Step {
  double time = 0.0;    ///< after it [s]
  double length = 0.0;  ///< [s]
  double error = 0.0;   ///< weighted norm; 0 without an estimate
  int rejections = 0;
  sdk::TimeMethod::Work work;
};

///   Stepper stepper(system, make_time_method("dormand_prince54", system), 0.0, y0, {1e-8, {1e-10}},
///                   std::make_unique<StepController>(controller_law("pi42"), limit_preset("arkode_7")));
///   while (stepper.time() < 10.0) stepper.advance(10.0);
class Stepper {
 public:
  /// With error control.
  /// \param system,method the method was made for the system, which must outlive this
  /// \throws sdk::Error of kind case_file for a method without an error estimate; as ErrorControl. *Collective.*
  Stepper(sdk::TimeSystem& system, std::unique_ptr<sdk::TimeMethod> method, double start, std::vector<double> y0,
          Tolerances tolerances, std::unique_ptr<StepControl> control, StepperOptions options = {});
  /// Steps of options.fixed_step > 0. *Collective.*
  Stepper(sdk::TimeSystem& system, std::unique_ptr<sdk::TimeMethod> method, double start, std::vector<double> y0,
          StepperOptions options);

  /// One accepted step that does not go beyond `stop`. *Collective.*
  /// \throws sdk::Error of kind solver after too many rejections, or where the step falls below its least length: with
  /// the worst unknown, the last errors and the state of the nonlinear solver. For fixed steps, of kind not_finite
  /// where the new state is not, and what a method throws, with the number of the step. The state is then that before.
  Step advance(double stop);

  double time() const { return time_; }
  /// At a stop: with the prescribed values from there on, and what follows from them.
  std::span<const double> state() const { return y_; }
  /// y' at time(). At a stop that from there on, where the mass can be solved with. *Collective.*
  std::span<const double> rate();
  /// y at a time within the last step: the method's dense output, or the cubic through states and rates at both ends
  /// (in the first step of systems with algebraic unknowns the parabola without the rate at its start). *Collective.*
  /// \throws sdk::Error of kind internal outside of the step.
  void interpolate(double t, std::span<double> out);
  /// Length of the next attempt; 0 before the first one.
  double next_step() const { return next_; }
  double last_step() const { return time_ - old_time_; }
  /// The next attempt of an integration with error control becomes longer by this factor, as its controller learns.
  void scale_next_step(double factor);

  /// Another state, for example after an event: history is forgotten, the step size kept. *Collective.*
  void set_state(double t, std::span<const double> y);

  const WorkCount& work() const { return work_; }
  const sdk::TimeMethod& method() const { return *method_; }
  const StepControl* control() const { return control_.get(); }
  sdk::TimeSystem& system() { return system_; }

  /// All that influences later steps. *Collective.*
  void exchange(sdk::StateArchive& archive);

 private:
  static constexpr double never = std::numeric_limits<double>::infinity();
  /// Stops that no step can tell apart.
  struct Stop {
    double first, last;
  };
  /// Where the present step may end at most.
  struct Target {
    double time;  ///< that it ends at
    double next;  ///< where the next one begins: `time`, or beyond it by round-off
    bool is_stop = false, is_mark = false;
  };
  struct Length {
    double h;
    bool at_target = false;
    double uncut = 0.0;  ///< what the target cut short; 0: nothing
  };
  /// What the attempts at one step have told.
  struct Attempts {
    double h = 0.0, error = 0.0;  ///< of the last one
    bool sees_jump = false;       ///< the error is not what the last step lets expect, or errors have fallen as h
    bool fell_as_h = false;
    int doubts = 0;  ///< attempts that were rejected for this alone
  };
  double doubted(Attempts& attempts, double h, double error) const;
  void begin(double stop);
  bool knows_start_rate();
  static std::vector<Stop> told_apart(std::vector<double> times);
  Target target_within(double stop);
  const Stop* jump_at(double t) const;
  void start_anew();
  Step advance_fixed(double stop);
  double fixed_length(const Target& target, bool& at_target) const;
  void finish(double t, bool at_stop);
  void pass_stop();
  void arrive_at_stop();
  Length length_of(double wanted, const Target& target, double least) const;
  StepFacts attempt(double h, double stop, Attempts& attempts, std::string& why);
  void attempt_fixed(double h);
  std::span<const double> end_rate();
  bool find_rate_after_stop();
  std::optional<std::size_t> first_not_finite(std::span<const double> y, bool& any);
  void count_iterations();
  void remember_error(double h, double error);
  [[noreturn]] void fail(double h, const std::string& why, const std::string& detail);

  sdk::TimeSystem& system_;
  std::unique_ptr<sdk::TimeMethod> method_;
  std::optional<ErrorControl> norm_;
  std::unique_ptr<StepControl> control_;
  StepperOptions options_;
  std::vector<Stop> stops_;  ///< ascending
  std::vector<Stop> jumps_;  ///< ascending
  double time_, old_time_, next_ = 0.0;
  double origin_;                 ///< of fixed steps
  std::int64_t fixed_steps_ = 0;  ///< since then
  std::vector<double> y_, old_, new_, error_;
  std::vector<double> rate_, old_rate_;
  std::vector<double> before_stop_, end_rate_;  ///< at a stop: y and y' before it
  bool has_rate_ = false, has_old_rate_ = false, has_end_rate_ = false;
  bool at_stop_ = false;                                ///< the last step ended at one: the next one starts anew
  double accepted_h_ = 0.0, accepted_error_ = 0.0;      ///< of the last step; 0: there is none
  bool is_first_ = true;                                ///< no step since the start or since starting anew
  std::vector<std::pair<double, double>> last_errors_;  ///< step, error of the last attempts
  std::vector<std::string> said_;
  WorkCount work_;
};

}  // namespace ansatz::time
