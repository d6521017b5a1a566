#pragma once
/// What the engine offers to whatever runs long: messages, progress, charts, checkpoints, and the output of steps.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ansatz/sdk/solution.hpp"
#include "ansatz/sdk/time.hpp"

namespace ansatz::sdk {

using LogValue = std::variant<std::int64_t, double, std::string>;

/// A line of a chart.
struct Curve {
  std::string name;
  std::vector<double> x, y;
};

/// The engine's side of a training or a solve. Epochs and steps of time use the same calls, so that both restart.
class Monitor {
 public:
  virtual ~Monitor();

  // Rank 0 writes; not collective.
  virtual void say(const std::string& line) = 0;
  virtual void warn(const std::string& line) = 0;
  /// A line for machines, in log.jsonl.
  virtual void event(const std::string& name, std::initializer_list<std::pair<const char*, LogValue>> values) = 0;
  /// A line now and then, with the time that is left.
  /// \param share of the work that is done, 0 to 1
  virtual void progress(double share, const std::string& line) = 0;
  /// A picture NAME.svg in the run folder. *Collective.* \throws Error of kind output.
  /// \param logarithmic the y axis
  virtual void chart(const std::string& name, const std::string& title, const std::string& x_label,
                     const std::string& y_label, const std::vector<Curve>& curves, bool logarithmic) = 0;
  /// Nobody reads: what is computed for a report only can be left out.
  virtual bool is_quiet() const = 0;

  /// Declares everything that influences later steps. To be called once, before the first step.
  /// \returns true where `exchange` has set it to that of a restart. *Collective.*
  virtual bool state(std::function<void(StateArchive&)> exchange) = 0;
  /// A step is complete: checkpoints, signals, the time limit.
  /// \param position for people, growing: the time [s], the epoch. *Collective.*
  /// \throws Error of kind stopped or out_of_time after writing the state: let it pass
  virtual void after_step(std::int64_t step, double position) = 0;
  /// A solution, for output, quantities and statistics: of problems in time at each of Problem::times(), from step 0
  /// (the initial state) on; of steady ones the only one, step 0.
  /// \param taken the step that ends there, for statistics over time; null: they take it for linear. *Collective.*
  virtual void observe(const Solution& at, std::int64_t step, bool is_last, const StepTaken* taken = nullptr) = 0;
};

/// Hands on lines, keeps the solutions: for an ansatz that learns from those of another.
///
///   Snapshots monitor(outer);
///   truth->solve({.parameters = mu}, monitor);
///   for (const auto& solution : monitor.taken()) ...
class Snapshots final : public Monitor {
 public:
  explicit Snapshots(Monitor& outer) : outer_(outer) {}
  std::vector<Solution>& taken() { return taken_; }

  void say(const std::string& /*line*/) override {}
  void warn(const std::string& line) override { outer_.warn(line); }
  void event(const std::string& /*name*/, std::initializer_list<std::pair<const char*, LogValue>> /*values*/) override {
  }
  void progress(double /*share*/, const std::string& /*line*/) override {}
  void chart(const std::string& /*name*/, const std::string& /*title*/, const std::string& /*x_label*/,
             const std::string& /*y_label*/, const std::vector<Curve>& /*curves*/, bool /*logarithmic*/) override {}
  bool is_quiet() const override { return true; }
  bool state(std::function<void(StateArchive&)> /*exchange*/) override { return false; }
  void after_step(std::int64_t /*step*/, double /*position*/) override {}
  void observe(const Solution& at, std::int64_t /*step*/, bool /*is_last*/, const StepTaken* /*taken*/) override {
    taken_.push_back(at);
  }

 private:
  Monitor& outer_;
  std::vector<Solution> taken_;
};

}  // namespace ansatz::sdk
