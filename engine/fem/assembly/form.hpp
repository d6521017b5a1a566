#pragma once
/// A discretised weak form: a physics on spaces with coefficients, assembled in batches of cells.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/fem/assembly/form_definition.hpp"
#include "engine/fem/assembly/form_integrals.hpp"
#include "engine/fem/elements/sparsity.hpp"

namespace ansatz::fem {

/// What Form::transplanted_jacobian() makes.
enum class Transplant {
  jacobian,   ///< as weighted; b . grad p q is taken as -p b . grad q, that is, with b . n p = 0 on all boundaries
  laplacian,  ///< int grad p . grad q / m with the mass m = df0/du'
};

/// What acts on each of some fields, summed over cells and facets.
struct Moments {
  std::vector<double> net;    ///< sums
  std::vector<double> gross;  ///< sums of absolute values
};

/// Assembles residuals and Jacobians of int f0 . v + f1 : grad v + boundary terms over the rows that this rank owns.
///
/// Every rank visits its owned cells and ghosts, so assembly needs no communication, and each entry is summed in the
/// order of the local cells. Rows and columns of constrained unknowns are left out (diagonal 1, residual 0).
/// Default quadrature: exact for degree 2p on affine cells, + 2 where a coefficient varies or the form is nonlinear;
/// 2 (p - 1) for Jacobians in which only gradients meet gradients with constant coefficients.
class Form {
 public:
  /// *Collective.* \throws sdk::Error of kind case_file on all ranks for stabilisation that the physics does not have.
  explicit Form(FormDefinition definition);
  ~Form();

  const DofMap& dofs() const { return *definition_.dofs; }
  const FormDefinition& definition() const { return definition_; }
  /// Degree of the quadrature of its most demanding integral.
  int quadrature_degree() const;
  /// Of all integrals, for FormDefinition.
  std::vector<int> quadrature_degrees() const;
  /// Affine in u and du/dt for the present coefficients.
  bool linear() const { return linear_; }
  /// Contains a rate du/dt.
  bool transient() const { return transient_; }
  /// Fields without a rate, whose equations are constraints at every time.
  const std::vector<int>& algebraic_fields() const { return algebraic_.fields; }
  /// Rates of other fields occur in the equations of algebraic fields, as in stabilised constraints.
  bool constraints_have_rates() const { return algebraic_.have_rates; }
  /// The Jacobian is symmetric at every state and time, by the structure of the form: see sdk::FormStructure.
  bool symmetric() const { return symmetric_; }
  /// The mass dF/du' depends on the unknowns, or on time by itself.
  bool mass_depends_on_state() const { return mass_depends_on_state_; }
  bool mass_depends_on_time() const { return mass_depends_on_time_; }
  /// The Jacobian is the same at every state and time.
  bool constant_jacobian() const { return linear_ && !time_dependent_; }

  /// Also to be called when the mesh has moved: what was assembled before is of another version.
  void set_parameters(std::span<const double> parameters);
  /// Counts the changes of parameters and mesh.
  std::uint64_t version() const { return version_; }
  /// Unknowns that the conditions of its problem prescribe: to be set once, before anything is assembled. What holds
  /// more than these says so in FormState. Shape (num_local), current on ghosts.
  void set_constrained(std::vector<std::uint8_t> constrained);
  const std::vector<std::uint8_t>& constrained() const { return constrained_.unknowns; }

  /// F on owned unknowns, shape (num_owned). Not collective; \throws Error of kind not_finite on this rank alone where
  /// a coefficient is not finite or out of range (coefficient, cell, position, time), or as a kernel throws, with its
  /// place and, unless it is an Error, of kind plugin; so call it inside base::agree().
  void residual(const FormState& state, std::span<double> F) const;
  /// Residual of the rows that are constrained too: reactions. Shape (num_owned).
  void unconstrained_residual(const FormState& state, std::span<double> F) const;

  /// For each test v: v . (their part of the residual), summed over the owned cells and over the facets of boundary
  /// terms. What v does not feel cancels within each of them, and hides nothing of what it feels.
  /// \param tests shape (num_local) each, with current ghosts. Throws as residual(). Not collective.
  Moments moments(const FormState& state, const std::vector<std::vector<double>>& tests) const;
  /// The same of J v, the derivative of the residual along v: pointwise, without stabilisation.
  /// \param v (num_local)
  Moments moment_slopes(const FormState& state, std::span<const double> v,
                        const std::vector<std::vector<double>>& tests) const;

  /// d/ds of residual() at s = 0 where values and rates are those of `state` plus s times those of `motion` (none: they
  /// stay), and the time goes on by s: exact, by dual numbers, boundary terms and stabilisation included. Of all parts.
  /// Throws as residual(). Not collective.
  void residual_rate(const FormState& state, const FormState& motion, std::span<double> F) const;

  /// d/d(parameter) of unconstrained_residual() at a fixed state and mesh, exactly: by dual numbers, boundary terms and
  /// stabilisation included. Of all parts, (num_owned). Throws as residual(). Not collective.
  void parameter_slope(const FormState& state, int parameter, std::span<double> F) const;

  /// The weighted Jacobian, written into the matrix. *Collective* (PETSc learns of new values).
  void jacobian(const FormState& state, const Weights& weights, linear::SparseMatrix& matrix) const;

  /// What the weighted Jacobian J does to these vectors v, shape (num_local) with current ghosts: J v and J^T v on
  /// owned unknowns, 0 at constrained ones. Their integrals see a constant as it is, so that no digit is lost to terms
  /// that do not; without stabilisation. Throws as residual(). Not collective.
  linear::WeakModes products(const FormState& state, const Weights& weights,
                             const std::vector<std::vector<double>>& v) const;

  /// Calls `visit` with the element matrices that jacobian() adds up, shape (dofs_per_cell, dofs_per_cell), of
  /// constrained unknowns too. Allocates nothing once it was called before. Throws as residual(). Not collective.
  using ElementVisitor = std::function<void(const Batch&, const Lanes* element)>;
  void visit_element_matrices(const FormState& state, const Weights& weights, const ElementVisitor& visit) const;

  /// Calls `visit` with the pointwise derivatives D of (f0, f1) by (u, grad u) whose products w phi^T D phi with
  /// weights w > 0 the Jacobian adds up: (num_points, num_slots, num_slots) of a batch; of one cell where they are the
  /// same in all. \returns false, and visits none, with stabilisation, which has second derivatives too. Throws as
  /// residual(). Not collective.
  using PointVisitor = std::function<void(const Batch&, int num_points, const Lanes* d)>;
  bool visit_point_matrices(const FormState& state, sdk::JacobianWeights weights, const PointVisitor& visit) const;

  /// An operator of one field on the space of another, from the derivatives of the field's equations with respect to
  /// itself, the mean over its components. The transport of a velocity becomes that of the pressure.
  /// \param field its position
  /// \param multipliers one scalar field with nodes that a field of the form has
  /// \param constrained rows that get a 1 on the diagonal, shape (num_local of multipliers). *Collective.*
  void transplanted_jacobian(const FormState& state, sdk::JacobianWeights weights, Transplant what, int field,
                             const DofMap& multipliers, const Sparsity& sparsity,
                             std::span<const std::uint8_t> constrained, linear::SparseMatrix& matrix) const;

  /// \throws sdk::Error of kind not_finite for the first cell on this rank whose unknowns, residual or Jacobian are not
  /// finite there, with field, cell, position and time; returns where there is none. Not collective.
  void explain_not_finite(const FormState& state) const;

  /// Pattern for the matrices of this form, built at first use. Not collective.
  const Sparsity& sparsity() const;

  /// Largest cell Peclet number on this rank, 0 for a physics without one. Not collective.
  double largest_peclet(const FormState& state) const;

  class Work;

 private:
  const Constrained& left_out(const FormState& state) const;

  FormDefinition definition_;
  const sdk::PointKernels* kernels_;
  Constrained constrained_;
  std::uint64_t version_ = 0;
  bool linear_ = true, transient_ = false, time_dependent_ = false, symmetric_ = true;
  bool mass_depends_on_state_ = false, mass_depends_on_time_ = false;
  AlgebraicFields algebraic_;
  std::unique_ptr<Work> work_;
  mutable std::optional<Sparsity> sparsity_;

  void take(const sdk::FormStructure& structure);
};

}  // namespace ansatz::fem
