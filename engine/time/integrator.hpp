#pragma once
/// Time integration of F(t, u, u') = 0. The caller owns the loop.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"
#include "engine/base/communicator.hpp"
#include "engine/linear/newton.hpp"

namespace ansatz::time {

/// F(t, u, u') = 0, affine in u', as an integrator sees it. All vectors are owned parts, shape (size).
class TimeProblem {
 public:
  virtual ~TimeProblem() = default;
  virtual const base::Communicator& comm() const = 0;
  virtual std::int32_t size() const = 0;
  /// Writes the prescribed values at time t into u. *Collective.*
  virtual void prescribe(double t, std::span<double> u) = 0;
  /// F(t, u, rate); 0 in prescribed unknowns. *Collective.*
  virtual void residual(double t, std::span<const double> u, std::span<const double> rate, std::span<double> F) = 0;
  /// 1 for unknowns without a rate (multipliers of constraints): methods take them and their equations, in which no rate
  /// may occur then, at the new time. Shape (size), or empty where there are none.
  virtual std::span<const std::uint8_t> algebraic() const { return {}; }
  /// weights.state dF/du + weights.rate dF/du', but 1 dF/du in rows and columns of algebraic unknowns; valid until the next
  /// call. *Collective.*
  virtual const linear::SparseMatrix& jacobian(double t, std::span<const double> u, std::span<const double> rate,
                                               sdk::JacobianWeights weights) = 0;
  /// The last Jacobian if it had these weights, else null. The same on all ranks.
  virtual const linear::SparseMatrix* previous_jacobian(sdk::JacobianWeights) { return nullptr; }
  /// See linear::NonlinearSystem. *Collective.*
  virtual void explain_not_finite(double /*t*/, std::span<const double> /*u*/, std::span<const double> /*rate*/) {}
  /// Solver for these Jacobians; the reference stays valid. *Collective* at first use.
  virtual linear::KrylovSolver& solver(const linear::SparseMatrix& matrix) = 0;
};

/// What one step did.
struct StepReport {
  double time = 0.0;        ///< after the step [s]
  double step = 0.0;        ///< its length [s]
  linear::NewtonResult newton;
};

/// One method with its state. Everything that influences the next step is in it.
class TimeIntegrator {
 public:
  virtual ~TimeIntegrator() = default;
  /// Advances by h > 0. On an error the state is that before the step. *Collective.* \throws sdk::Error of kind solver.
  virtual StepReport step(double h) = 0;
  virtual double time() const = 0;
  /// u at time(), shape (size).
  virtual std::span<const double> state() const = 0;
  /// Approximation of u' at time(), shape (size); zero before the first step.
  virtual std::span<const double> rate() const = 0;
};

/// The method averages F over both ends of a step, so that it treats algebraic unknowns and their equations in another way.
bool averages(const std::string& method);

/// Names of the methods.
std::vector<std::string> method_names();

/// \param method "backward_euler" (order 1, L-stable), "crank_nicolson" (order 2, A-stable) or "bdf2" (order 2, L-stable,
/// fixed step, started by one backward Euler step). Algebraic unknowns (pressure) have the order of the others, but order 1
/// with "crank_nicolson": there they are those of the middle of the step, up to O(h^2). \param initial u(start), shape (size)
/// \throws sdk::Error of kind case_file for another method, with a suggestion. *Collective.*
std::unique_ptr<TimeIntegrator> make_integrator(const std::string& method, TimeProblem& problem, double start,
                                                std::vector<double> initial, const linear::NewtonOptions& newton);

}  // namespace ansatz::time
