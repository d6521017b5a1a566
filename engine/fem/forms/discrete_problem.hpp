#pragma once
/// A form with its prescribed values, its matrix and its linear solver: what steady and transient solves share.

#include <functional>
#include <memory>
#include <optional>

#include "engine/fem/assembly/form.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"
#include "engine/fem/forms/constraint_operators.hpp"
#include "engine/linear/solvers/krylov.hpp"
#include "engine/linear/solvers/newton.hpp"

namespace ansatz::fem {

/// u' on owned unknowns, or nothing where it is zero: in steady problems, on all ranks alike (a rank may own no
/// unknowns).
using Rate = std::optional<std::span<const double>>;

/// F(t, u, u') on owned vectors: handles ghosts, agreement on errors, constraints, reuse of constant matrices.
class DiscreteProblem {
 public:
  /// All references must outlive this. *Collective.*
  DiscreteProblem(Form& form, const Dirichlet& dirichlet, linear::KrylovOptions options);
  /// The same form and constraints, at this time, with a matrix and a solver of its own.
  /// \param mass_alone for the matrix dF/du' only, which may be symmetric where the others are not. *Collective.*
  DiscreteProblem(const DiscreteProblem& like, linear::KrylovOptions options, bool mass_alone = false);

  const base::Communicator& comm() const { return form_.dofs().mesh().comm; }
  std::int32_t size() const { return form_.dofs().num_owned(); }
  Form& form() { return form_; }
  const DofMap& dofs() const { return form_.dofs(); }
  /// Prescribed and pinned unknowns: this problem's own, shape (num_local).
  const std::vector<std::uint8_t>& constrained() const { return constrained_->unknowns; }
  /// Valid until the constraints change.
  linear::FieldsOfUnknowns fields() const;

  /// Leaves these owned unknowns as they are: they, and no earlier ones, count as constrained as well. Other problems
  /// of the same form do not see it. *Collective.*
  void pin(std::span<const std::int32_t> unknowns);
  /// Takes over the pins of another problem of the same form. Not collective, but to be called on all ranks.
  void pin_as(const DiscreteProblem& other);

  /// Matrices with rates tell what they do to these vectors, see linear::WeakModes; not with stabilisation.
  /// \param vectors (num_owned) each
  /// \param held as linear::WeakModes. *Collective.*
  void set_weak_modes(const std::vector<std::vector<double>>& vectors, std::vector<std::int32_t> held);

  /// Writes the prescribed values. *Collective.*
  void prescribe(double t, std::span<double> u) const;
  /// Writes the rates of the prescribed values. *Collective.*
  void prescribe_rates(double t, std::span<double> rates) const;
  /// Writes the second derivatives of the prescribed values by time. *Collective.*
  void prescribe_second_rates(double t, std::span<double> rates) const;
  bool prescribes_rates() const { return dirichlet_.time_dependent(); }
  /// The part of the form that residual() and jacobian() are of, from now on.
  void select(sdk::Part part);
  /// F at owned unknowns. *Collective.*
  void residual(double t, std::span<const double> u, Rate rate, std::span<double> F);
  /// d/ds F(t + s, u + s du, rate + s drate) at s = 0, exactly. All of owned unknowns, or no du and drate on all ranks
  /// for zero. *Collective.*
  void residual_rate(double t, std::span<const double> u, std::span<const double> rate, Rate du, Rate drate,
                     std::span<double> F);
  /// Form::moments() over all ranks.
  /// \param tests (num_owned) each. *Collective.*
  Moments moments(double t, std::span<const double> u, Rate rate, const std::vector<std::span<const double>>& tests);
  /// Form::moment_slopes() over all ranks, of a state at rest.
  /// \param v (num_owned). *Collective.*
  Moments moment_slopes(double t, std::span<const double> u, std::span<const double> v,
                        const std::vector<std::span<const double>>& tests);
  /// Residual with the rows of prescribed unknowns: reactions. *Collective.*
  void reactions(double t, std::span<const double> u, Rate rate, std::span<double> F);
  /// Assembled anew only if it may have changed: by the state, the time, the weights, the parameters or the mesh
  /// (Form::version()), the constraints. *Collective.*
  const linear::SparseMatrix& jacobian(double t, std::span<const double> u, Rate rate, const Weights& weights);
  /// The Jacobian that was assembled last; there must be one.
  const linear::SparseMatrix& last_jacobian() const { return *matrix_; }
  /// The last Jacobian if it had these weights, else null: what a method may use that tolerates an old one.
  const linear::SparseMatrix* previous_jacobian(const Weights& weights) const;
  /// The next Jacobian is assembled anew, whatever was assembled before.
  void forget_jacobian();
  /// \throws sdk::Error where u, F or its Jacobian are not finite, see Form; otherwise returns. *Collective.*
  void explain_not_finite(double t, std::span<const double> u, Rate rate);
  /// Created at first use, of a form with constraints with the first Jacobian: symmetric methods where the form is
  /// linear and its matrices are symmetric by structure, whatever this one is. *Collective.*
  linear::KrylovSolver& solver(const linear::SparseMatrix& matrix);
  /// KrylovSolver::exchange_tuner() of that solver, which may be before it is used. *Collective.*
  void exchange_tuner(sdk::StateArchive& archive);
  /// KrylovSolver::take_notes() of that solver.
  std::vector<std::string> take_notes();

  /// u with current ghosts, shape (num_local). *Collective.*
  std::vector<double> with_ghosts(std::span<const double> owned) const;

  double assembly_seconds() const { return assembly_seconds_; }
  const linear::KrylovOptions& linear_options() const { return options_; }

 private:
  FormState state(double t, std::span<const double> u, Rate rate);
  void constrain(std::shared_ptr<const Constrained> constrained);
  void forget_operators();
  Moments summed(const std::vector<std::span<const double>>& tests,
                 const std::function<Moments(const std::vector<std::vector<double>>&)>& moments) const;
  void find_weak_modes(const FormState& at, const Weights& weights);
  bool is_symmetric() const;
  void open_solver();
  void make_solver(const linear::SparseMatrix& matrix);

  Form& form_;
  const Dirichlet& dirichlet_;
  linear::KrylovOptions options_;
  sdk::Part part_ = sdk::Part::all;
  std::shared_ptr<const Constrained> constrained_;
  std::optional<linear::SparseMatrix> matrix_;
  std::optional<Weights> assembled_;
  std::uint64_t version_ = 0;  ///< of the form, when the matrix and the operators of constraints were made
  bool mass_alone_ = false;
  std::optional<ConstraintOperators> constraints_;
  std::optional<linear::KrylovSolver> solver_;
  bool solver_is_ready_ = false;  ///< it knows the constraints
  std::vector<double> values_, rates_;
  std::vector<std::vector<double>> weak_vectors_;  ///< (num_local)
  std::vector<std::int32_t> weak_held_;
  std::vector<std::uint8_t> field_of_;  ///< (num_owned)
  double assembly_seconds_ = 0.0;
};

/// Modes that a physics declares for algebraic multigrid: constants per component, or rigid motions of its vector
/// field. Owned parts, each (num_owned). Not collective.
std::vector<std::vector<double>> near_null_modes(const DofMap& dofs, const sdk::PhysicsInfo& info);

}  // namespace ansatz::fem
