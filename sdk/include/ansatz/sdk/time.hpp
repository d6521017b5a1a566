#pragma once
/// The contracts of time integration: a system as methods see it, and a method as the engine's loop sees it. Plugins
/// may add methods by Registrar::add_time_method().

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"

namespace ansatz::sdk {

/// Values that influence later steps, on their way to a checkpoint or back: the same calls serve both directions.
class StateArchive {
 public:
  virtual ~StateArchive();
  virtual bool loading() const = 0;
  /// The same on all ranks. Loading gives a list the stored length.
  virtual void numbers(const std::string& name, std::vector<double>& values) = 0;
  /// Of owned unknowns, or empty on all ranks. Loading gives it the number of unknowns, or none. *Collective.*
  virtual void unknowns(const std::string& name, std::vector<double>& values) = 0;

  /// Rows that belong to cells, such as points that a solver has placed: any number of ranks finds those of its cells.
  /// Loading gives them cell by cell as in `owned_cells`, those of one cell in the order in which they were stored.
  /// \param owned_cells canonical numbers of this rank's cells, each on one rank only
  /// \param cells of each row, one of `owned_cells`; shape (rows)
  /// \param values shape (rows, width)
  /// \throws Error of kind state. *Collective.*
  virtual void rows(const std::string& name, std::span<const std::int64_t> owned_cells,
                    std::vector<std::int64_t>& cells, std::vector<double>& values, int width) = 0;

  void number(const std::string& name, double& value);
  void integer(const std::string& name, std::int64_t& value);  ///< at most 2^53 in size
  /// Words of 64 bits, of random streams for example; the same on all ranks. Loading gives a list the stored length.
  void words(const std::string& name, std::vector<std::uint64_t>& values);
};

/// What there is beside f.
struct TimeTraits {
  bool identity_mass = true;        ///< M = I: no solves with the mass
  bool algebraic = false;           ///< M is singular (pressures): methods that invert it cannot be used
  bool splits = false;              ///< f has a nonstiff part
  bool linear_part = false;         ///< the author gives L; otherwise linear() takes df/dy
  std::size_t positions = 0;        ///< y = (q, v) with q' = v, v' = a(t, q, v), each this long; 0: not of second order
  bool velocity_dependent = false;  ///< a depends on v, too
  bool mass_of_time = false, mass_of_state = false;  ///< M is another at other times, at other states
  bool mass_varies() const { return mass_of_time || mass_of_state; }
};

/// M(t, y) y' = f(t, y), as methods see it. All vectors are owned parts, shape (size). *All functions are collective*
/// but size() and traits(). Where values are not finite or a solve fails they throw Errors of kind not_finite or solver
/// on all ranks: the loop then rejects the step.
class TimeSystem {
 public:
  virtual ~TimeSystem();
  virtual std::size_t size() const = 0;
  virtual const TimeTraits& traits() const = 0;

  /// Writes what is given of y at time t (Dirichlet values): every state is passed through this before it is used.
  virtual void prescribe(double /*t*/, std::span<double> /*y*/) {}
  /// out = f(t, y), or a part of it; 0 for unknowns that are given. Their rates are in it (M_fg g').
  virtual void f(double t, std::span<const double> y, Part part, std::span<double> out) = 0;
  /// df/dt at fixed y; what is given moves with its rates, which are in f, too. May be infinite. Where the mass varies,
  /// after linearise() there: of f - M y' at fixed y and y', which is M0 d(M^-1 f)/dt.
  virtual void time_derivative(double t, std::span<const double> y, std::span<double> out) = 0;
  /// x := M(t, y)^-1 x. \throws Error of kind case_file where M is singular.
  virtual void solve_mass(double /*t*/, std::span<const double> /*y*/, std::span<double> /*x*/) {}
  /// The rates of unknowns that are given; leaves the others.
  virtual void prescribe_rates(double /*t*/, std::span<double> /*rate*/) {}

  /// Linearly implicit methods. W = df/dy of a part at (t, y), and M0 = M there, until the next call. Where the mass
  /// varies W is that of f - M y' at fixed y', so that M0^-1 W = d(M^-1 f)/dy. Unknowns that are given have no rows and
  /// columns.
  virtual void linearise(double t, std::span<const double> y, Part part) = 0;
  /// x := (M0 - shift W)^-1 x.
  /// \param shift for example gamma h; equal shifts one after another share a factorisation
  virtual void solve_shifted(double shift, std::span<double> x) = 0;
  virtual void apply_mass(std::span<const double> x, std::span<double> out) = 0;
  virtual void apply_jacobian(std::span<const double> x, std::span<double> out) = 0;
  /// W := L of y' = L y + N(t, y), or df/dy at (t, y) where the author gives no L.
  virtual void linearise_linear_part(double t, std::span<const double> y) = 0;

  /// The equation of an implicit stage:  M y' = f(t, y)  of a part with y' = shift y + known; with implicitness theta <
  /// 1: theta of it at (t, y) plus 1 - theta of it at (old_time, old) with the same y'.
  struct Stage {
    double time = 0.0;
    double shift = 0.0;  ///< > 0
    std::span<const double> known;
    Part part = Part::all;
    double implicitness = 1.0;
    double old_time = 0.0;
    std::span<const double> old = {};
    std::span<const double> scale =
        {};  ///< errors that are just acceptable, for iterations that end by them; empty: solve well
  };
  struct StageResult {
    int iterations = 0;
    int linear_iterations = 0;
    double residual = 0.0;     ///< norm at the end
    double contraction = 0.0;  ///< of the last two corrections
  };
  /// \param y in: guess; out: solution, prescribed. \throws Error of kind solver or not_finite.
  virtual StageResult solve_stage(const Stage& stage, std::span<double> y) = 0;
  /// out = (shift M - df/dy)^-1 (M rate - f(t, y)) of a part, at the time of this stage, which solve_stage() solved
  /// last: what Newton's method would take from y. Of rates that are not those of the stage it leaves what is not
  /// stiff. The matrix may be any that served the stage; without an implementation of its own it is that of
  /// linearise(). 0 for unknowns that are given.
  virtual void correction(const Stage& stage, std::span<const double> y, std::span<const double> rate,
                          std::span<double> out);

  /// a(t, q, v) and its derivative along the motion, shapes (positions).
  virtual void acceleration(double t, std::span<const double> q, std::span<const double> v, std::span<double> a);
  virtual void jerk(double t, std::span<const double> q, std::span<const double> v, std::span<double> a,
                    std::span<double> j);

  /// Over all ranks.
  virtual double sum(double local) { return local; }
  virtual double max(double local) { return local; }
  /// What is needed to go on in the same way after a restart: a linearisation that is kept, guesses of solvers.
  virtual void exchange(StateArchive& /*archive*/) {}

  /// What depends on time may jump at `stop`, where a step ends: until the next call it is evaluated at the largest
  /// number below `stop` for all times from there on. Infinite: nowhere. Systems that do not know of this see `stop`
  /// itself.
  virtual void look_before(double /*stop*/) {}
  /// Drops matrices and linearisations of earlier times, which may be those of another f.
  virtual void forget() {}

  /// out = y' = M^-1 f, with the rates of what is given.
  void rate(double t, std::span<const double> y, Part part, std::span<double> out);
  /// out = M0 M(t, y)^-1 f(t, y), with M0 of linearise(): f itself where the mass does not vary. Right-hand side of
  /// linearly implicit stages, whose equations are those of y' = M^-1 f times M0.
  void linearised_f(double t, std::span<const double> y, std::span<double> out);
};

/// Errors that are just acceptable: scale_i = absolute_i + relative max(|y_i|, |y_new,i|), and the norm in that unit.
class ErrorNorm {
 public:
  virtual ~ErrorNorm();
  /// sqrt(sum_i (w_i e_i / scale_i)^2 / sum_i w_i^2) with the weights w of the fields. *Collective.*
  virtual double operator()(std::span<const double> error, std::span<const double> y,
                            std::span<const double> y_new) const = 0;
  /// scale_i / w_i at y; infinite where the weight is 0.
  virtual std::span<const double> scale(std::span<const double> y) const = 0;
};

struct TimeMethodInfo {
  std::string name;
  std::string doc;  ///< one line
  int order = 0;
  int embedded_order = 0;  ///< of the error estimate; 0: none, steps of one length
  int stage_order = 1;
  double r_infinity = std::numeric_limits<double>::quiet_NaN();  ///< |R(inf)|; not a number for explicit methods
  bool needs_mass_solves = false;                                ///< M must be invertible
  bool needs_split = false;
  bool needs_second_order = false;  ///< y = (q, v), v' = a(t, q)
  bool needs_jerk = false;
  bool needs_jacobian = false;
  bool needs_exact_jacobian = false;  ///< df/dy itself; without this any approximation keeps the order
  bool equal_steps = false;           ///< the length of steps must not change
  bool exact_end_rate =
      false;  ///< end_rate() is of the method's order, and the equations hold with it, multipliers included
  bool varying_mass = false;  ///< keeps its order where M depends on time or state; others are refused there
  std::string source = {};
};

/// One method with its memory. It attempts; the loop decides on errors and moves on.
class TimeMethod {
 public:
  virtual ~TimeMethod();
  virtual const TimeMethodInfo& info() const = 0;

  /// An attempt from (t, y) to t + h. Never changes what accept() has not confirmed: the next attempt may be from the
  /// same y.
  /// \param y_new out
  /// \param error out: the estimate y_new - (embedded solution), where the method has one; else empty. It is empty also
  /// on ranks without unknowns: what communicates asks estimates_error()
  /// \throws Error of kind solver or not_finite: the attempt is rejected. *Collective.*
  virtual void attempt(double t, double h, std::span<const double> y, const ErrorNorm& norm, std::span<double> y_new,
                       std::span<double> error) = 0;
  /// The last attempt counts. *Collective.*
  virtual void accept() {}
  /// Forgets all history: the state has been changed from outside, or a stop is behind it, where f may have jumped.
  /// Called before the first attempt.
  virtual void restart() = 0;
  /// After restart(): y' at the present state, which the loop happens to know.
  virtual void start_rate(std::span<const double> /*rate*/) {}
  /// Exponent of the controller: one more than the order of the estimate of the next attempt. Methods of variable order
  /// choose it in accept().
  virtual int estimate_order() const { return info().embedded_order; }
  /// For methods of variable order: what the error of the last attempt would be at the order chosen for the next one.
  virtual double error_for_next(double error) const { return error; }
  /// y' at the end of the last accepted step, if the method knows it. \returns false otherwise.
  virtual bool end_rate(std::span<double> /*out*/) const { return false; }
  /// y at t + theta h of the last accepted step, if the method can. \returns false otherwise (then cubic Hermite is
  /// used).
  virtual bool interpolate(double /*theta*/, std::span<double> /*out*/) const { return false; }
  /// h |f_s - f_(s-1)| / |Y_s - Y_(s-1)| of the last two stages of the accepted step; 0 where the method does not know
  /// it. *Collective.*
  virtual double stiffness() const { return 0.0; }
  /// All that influences later steps. *Collective.*
  virtual void exchange(StateArchive& archive) = 0;

  /// Of the last attempt.
  struct Work {
    int iterations = 0, linear_iterations = 0;
    double residual = 0.0, contraction = 0.0;
    std::string remark = {};  ///< what is to be said about it, in one line; the same text is said once in a run
  };
  const Work& work() const { return work_; }

 protected:
  /// Whether an attempt is to estimate its error, on all ranks alike. *Collective.*
  static bool estimates_error(TimeSystem& system, std::span<const double> error) {
    return system.max(error.empty() ? 0.0 : 1.0) > 0.0;
  }
  Work work_;
};

}  // namespace ansatz::sdk
