#pragma once
/// The equations of steps in time, with their derivatives, and what one step maps.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/adjoint/residual_slopes.hpp"
#include "engine/adjoint/transposed_solver.hpp"
#include "engine/input/case.hpp"
#include "engine/linear/solvers/newton.hpp"
#include "engine/time/systems/seen_time.hpp"

namespace ansatz::solvers {

/// What a number changes by: with the state, with the rate that a method carries on, and with the parameters so far.
struct Sensitivity {
  std::vector<double> state;       ///< (num_owned), prescribed unknowns too
  std::vector<double> rate;        ///< (num_owned)
  std::vector<double> parameters;  ///< (parameters)
};

/// F(t, u, u') = 0 of a problem without unknowns that have no rate. Every solve is to 1e-12: derivatives are of what
/// the equations define, not of what iterations leave. All members are *collective* but the first ones.
class StepEquations {
 public:
  /// References must outlive this.
  StepEquations(problem::Problem& problem, const linear::KrylovOptions& options, linear::NewtonOptions newton);

  std::size_t size() const { return static_cast<std::size_t>(discrete_.size()); }
  bool mass_varies() const;
  /// Times as the steps see them.
  void see(const time::SeenTime& seen) { seen_ = seen; }

  void prescribe(double t, std::span<double> u) const { discrete_.prescribe(seen_(t), u); }
  /// The rates of prescribed values: 0 where these are constant.
  void prescribe_rates(double t, std::span<double> rate) const;
  /// known := u' - shift u for prescribed unknowns, with the rates u' of their values.
  void give_rates(double t, double shift, std::span<const double> u, std::span<double> known) const;
  /// u' with F(t, u, u') = 0 and the rates of prescribed values.
  std::vector<double> rate(double t, std::span<const double> u);
  /// Solves sum_k w_k F(t_k, u_k, shift u + known) = 0 by Newton's method for u: at `t`, and with weight 1 - theta at
  /// `old_t`, `old`. \param u in: guess, with prescribed values
  void solve_stage(double theta, double t, double shift, std::span<const double> known, double old_t,
                   std::span<const double> old, std::vector<double>& u);

  /// z = A^-T right on free unknowns, 0 elsewhere, with the Jacobian A at a state.
  std::vector<double> solve_transposed(double t, std::span<const double> u, std::span<const double> rate,
                                       sdk::JacobianWeights weights, std::span<const double> right);
  /// J^T z, prescribed unknowns too.
  std::vector<double> transposed(double t, std::span<const double> u, std::span<const double> rate,
                                 sdk::JacobianWeights weights, std::span<const double> z) {
    return slopes_.transposed(seen_(t), u, rate, weights, z);
  }
  /// out.parameters -= z . dF/dmu.
  void subtract_equations(double factor, double t, std::span<const double> u, std::span<const double> rate,
                          std::span<const double> z, Sensitivity& out);
  /// out.parameters += s . dg/dmu over prescribed unknowns, of the prescribed values or of their rates.
  void add_prescribed(double t, std::span<const double> s, int order, Sensitivity& out);
  double norm(std::span<const double> x) const;
  /// A vector is there, on whichever ranks have unknowns.
  bool has(std::span<const double> x) const;
  /// Sets prescribed unknowns to 0.
  void leave_free(std::span<double> x) const;
  int num_solves() const { return solves_; }

 private:
  class Stage;
  fem::DiscreteProblem& of(sdk::JacobianWeights weights) { return weights.state == 0.0 ? mass_ : discrete_; }

  problem::Problem& problem_;
  linear::NewtonOptions newton_;
  fem::DiscreteProblem discrete_, mass_;
  adjoint::ResidualSlopes slopes_;
  adjoint::TransposedSolver stage_transposed_, mass_transposed_;
  time::SeenTime seen_;
  int solves_ = 0;
};

/// One step of a method, and its adjoint.
class StepMap {
 public:
  virtual ~StepMap() = default;
  /// \param u in: at t, out: at t + h \param rate that the method carries on, if it does: empty where it has none yet.
  /// *Collective.*
  virtual void forward(double t, double h, std::vector<double>& u, std::vector<double>& rate) = 0;
  /// The sensitivity at t + h becomes that at t. \param u,rate at t. *Collective.*
  virtual void backward(double t, double h, std::span<const double> u, std::span<const double> rate,
                        Sensitivity& sensitivity) = 0;
};

std::unique_ptr<StepMap> make_theta_step(StepEquations& equations, double theta);
/// Null where the name is none of a table.
std::unique_ptr<StepMap> make_explicit_step(StepEquations& equations, const std::string& method);
std::unique_ptr<StepMap> make_implicit_step(StepEquations& equations, const std::string& method);

/// \throws sdk::Error of kind case_file for a method or a problem without an adjoint. Not collective.
void check_has_adjoint(const problem::Problem& problem);
std::unique_ptr<StepMap> make_step_map(StepEquations& equations, const input::TimeSpec& spec);

}  // namespace ansatz::solvers
