#pragma once
/// Discretised equations F(t, u, u') = 0 as methods see them: sparse matrices, Newton's method and Krylov solvers.

#include <optional>
#include <vector>

#include "ansatz/sdk/time.hpp"
#include "engine/base/communicator.hpp"
#include "engine/linear/solvers/newton.hpp"
#include "engine/time/systems/jacobian_choice.hpp"
#include "engine/time/systems/seen_time.hpp"

namespace ansatz::time {

/// F(t, u, u') = 0, affine in u', so that M = dF/du' and f = -F(t, u, 0). All vectors are owned parts, shape (size).
///
/// Whether M depends on time or the state is a fact of the traits: it is assembled anew wherever it may differ.
class ResidualSystem : public sdk::TimeSystem {
 public:
  /// What a matrix is for. Each has its own memory and solver.
  enum class Role {
    stage,            ///< of solve_stage()
    shifted,          ///< M - shift W of linearise(), solve_shifted()
    mass,             ///< M
    state,            ///< dF/du = -W
    rates,            ///< M, with the constraints
    linearised_mass,  ///< M of linearise(), where it varies
  };

  ResidualSystem(const base::Communicator& comm, linear::NewtonOptions newton) : comm_(comm), newton_(newton) {}

  // What a discretisation gives. All are *collective*. Times are to be passed through seen().
  /// F of a part; 0 in prescribed unknowns.
  virtual void residual(double t, std::span<const double> u, std::span<const double> rate, sdk::Part part,
                        std::span<double> F) = 0;
  /// weights.state dF/du + weights.rate dF/du', but 1 dF/du in rows and columns of algebraic unknowns; diagonal 1 for
  /// prescribed ones. Valid until the next call with this role.
  virtual const linear::SparseMatrix& matrix(Role role, double t, std::span<const double> u,
                                             std::span<const double> rate, sdk::JacobianWeights weights,
                                             sdk::Part part) = 0;
  /// The last matrix for stages if it had these weights, else null. The same on all ranks.
  virtual const linear::SparseMatrix* previous_matrix(sdk::JacobianWeights) { return nullptr; }
  virtual linear::KrylovSolver& solver(Role role, const linear::SparseMatrix& matrix) = 0;
  /// The matrix of this role is the same at every time and state.
  virtual bool constant_matrices() const { return false; }
  /// 1 for unknowns without a rate (multipliers of constraints): stages take them and their equations, in which no rate
  /// may occur then, at the new time. Empty where there are none.
  virtual std::span<const std::uint8_t> algebraic() const { return {}; }
  /// Fields of the unknowns, whose residuals have units of their own.
  virtual linear::FieldsOfUnknowns fields() const { return {}; }
  virtual void explain_not_finite(double /*t*/, std::span<const double> /*u*/, std::span<const double> /*rate*/) {}
  /// Drops the values of matrix(): previous_matrix() is null then.
  virtual void forget_matrices() {}

  const base::Communicator& comm() const { return comm_; }
  /// Sum the mass matrix up by rows for explicit methods. \throws at the next solve where an entry is not positive.
  void lump_mass() { lumped_ = true; }
  /// The W of linearise().
  void choose_jacobian(JacobianChoice choice) { choice_ = choice; }

  // As methods see it.
  void f(double t, std::span<const double> y, sdk::Part part, std::span<double> out) override;
  void solve_mass(double t, std::span<const double> y, std::span<double> x) override;
  void linearise(double t, std::span<const double> y, sdk::Part part) override;
  void linearise_linear_part(double t, std::span<const double> y) override { linearise(t, y, sdk::Part::all); }
  void solve_shifted(double shift, std::span<double> x) override;
  void apply_mass(std::span<const double> x, std::span<double> out) override;
  void apply_jacobian(std::span<const double> x, std::span<double> out) override;
  StageResult solve_stage(const Stage& stage, std::span<double> y) override;
  void correction(const Stage& stage, std::span<const double> y, std::span<const double> rate,
                  std::span<double> out) override;
  void look_before(double stop) override { seen_.stop = stop; }
  void forget() override;
  /// What depends on time is evaluated at `first` for all times before it: it jumps there, right after the start.
  void see_from(double first) { seen_.first = first; }
  void exchange(sdk::StateArchive& archive) override;
  double sum(double local) override { return comm_.sum(local); }
  double max(double local) override { return comm_.max(local); }

 protected:
  /// y' at which time_derivative() is taken: that of linearise() where the mass varies, otherwise 0.
  std::span<const double> rate_of_linearisation();
  double seen(double t) const { return seen_(t); }

 private:
  class StageEquation;
  struct Place;
  const linear::SparseMatrix& stage_matrix(Place place);
  const linear::SparseMatrix& mass(double t, std::span<const double> y);
  bool mass_is_that_of(double t, std::span<const double> y);
  void solve(Role role, const linear::SparseMatrix& A, std::span<double> x);

  base::Communicator comm_;
  SeenTime seen_;
  linear::NewtonOptions newton_;
  bool lumped_ = false;
  JacobianChoice choice_ = JacobianChoice::exact;
  linear::KrylovSolver* stage_solver_ = nullptr;
  const linear::SparseMatrix* last_stage_matrix_ = nullptr;  ///< that the last solve_stage() assembled, if it did

  /// Where a matrix was assembled.
  struct Place {
    double time = 0.0;
    sdk::Part part = sdk::Part::all;
    std::vector<double> u, rate = {};
    sdk::JacobianWeights weights = {};
  };
  static void exchange(sdk::StateArchive& archive, const std::string& name, std::optional<Place>& place);
  std::optional<Place> linearised_;
  std::optional<Place> stage_matrix_;  ///< where Jacobians are kept
  const linear::SparseMatrix* shifted_ = nullptr;
  const linear::SparseMatrix* state_ = nullptr;
  const linear::SparseMatrix* linearised_mass_ = nullptr;
  double shift_ = 0.0;  ///< of shifted_

  const linear::SparseMatrix* mass_ = nullptr;
  double mass_time_ = 0.0;          ///< where it was assembled
  std::vector<double> mass_state_;  ///< likewise, if it depends on the state
  std::vector<double> given_, right_, lumped_mass_;
  bool has_lumped_mass_ = false;  ///< lumped_mass_ is that of mass_; a rank may have no unknowns
};

}  // namespace ansatz::time
