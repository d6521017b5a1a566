#pragma once
/// An ansatz: an assumed form of the solution of a case. `fem` and `reduced_basis` are two; plugins add others by
/// Registrar::add_solver().

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/monitor.hpp"
#include "ansatz/sdk/parameters.hpp"
#include "ansatz/sdk/record.hpp"

namespace ansatz::sdk {

class Problem;

/// Known before a case is read: what `[solver] type` may name, and what the engine checks of a case without asking.
struct SolverInfo {
  /// Problems in time: none, with steps of one length (Problem::times()), or with error control, stops and output times
  /// of their own.
  enum class Time : int { none, equal_steps, any_steps };

  std::string name, doc;
  ParameterSchema options = {};   ///< of the section [solver.NAME]; `model` is added where it trains
  bool steady = true;             ///< problems without [time]
  Time in_time = Time::none;      ///< problems with it
  bool trains = false;            ///< has a model in a file, and study.type = "train"
  bool needs_parameters = false;  ///< the case must have some, each with a range
  bool keeps_states = false;      ///< calls Monitor::state(): --restart, checkpoints
  bool continues = false;         ///< takes [solver.continuation]
  bool finds_events = false;      ///< takes time.events
};

/// What is asked of an ansatz.
struct Query {
  std::span<const double> parameters;  ///< in the order of Problem::parameters()
  std::uint64_t draw = 0;              ///< of the case's random fields; 0: none
  std::span<const double> guess = {};  ///< (num_owned) to start from, where the method can; empty: none
};

/// Quantities at many parameters, in columns.
struct Tabulation {
  std::vector<int> quantities;         ///< positions in the case; the others need solve(), or are formulas
  std::vector<double> values, bounds;  ///< (n, quantities); bounds: of `kind`, infinite: none, or empty
  Certificate::Kind kind = Certificate::Kind::estimate;
  std::vector<double> solution_bounds = {};  ///< (n), or empty
  std::vector<double> seconds = {};          ///< (n) of each point, the engine's clock is too coarse for them; or empty
  std::vector<std::string> problems = {};    ///< (n) why a point has no solution, "" where it has; or empty
};

/// An ansatz for one case. The constructor checks its options against the problem (`ansatz check` makes one), does
/// nothing long and calls nothing that is collective. What it returns on several ranks is what it returns on one, to
/// round-off. It returns fields and counts: the engine holds the clock, the files and the verdict.
class Solver {
 public:
  virtual ~Solver();

  /// The solution at these parameters, the last one in time; each is shown by monitor.observe() first.
  /// *Collective.* \throws Error of kind solver, not_finite, parameter
  virtual Solution solve(const Query& query, Monitor& monitor) = 0;
  /// Quantities of steady problems without fields; nothing where there is no faster way than solve().
  /// \param points (n, parameters). *Collective.*
  virtual std::optional<Tabulation> tabulate(std::span<const double> points, Monitor& monitor);

  /// Where info().trains and there is no model: called once, before anything is solved. *Collective.*
  virtual void train(Monitor& monitor);
  /// What train() made, all that use() needs. *Collective.*
  virtual Record model() const;
  /// Instead of train(). That the model is of this problem and these options was checked before.
  /// \throws Error of kind state for a damaged model. *Collective.*
  virtual void use(const Record& model);
  /// Names of options that may change without a new training; all others belong to the model.
  virtual std::vector<std::string> options_of_solving() const;
};

/// Makes one. Not collective: what one rank throws, all do. Both references outlive the solver.
using SolverFactory = std::function<std::unique_ptr<Solver>(const Problem&, const ParameterSet&)>;

}  // namespace ansatz::sdk
