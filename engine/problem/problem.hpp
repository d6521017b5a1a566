#pragma once
/// A case bound to its mesh: spaces, coefficients, prescribed values, ready to be solved by any ansatz.

#include <memory>

#include "engine/fem/assembly/form.hpp"
#include "engine/fem/evaluation/evaluator.hpp"
#include "engine/fem/evaluation/reaction.hpp"
#include "engine/fem/forms/boundary_conditions.hpp"
#include "engine/fem/forms/initial_values.hpp"
#include "engine/input/case.hpp"
#include "engine/problem/mesh_map.hpp"
#include "engine/problem/mesh_setup.hpp"
#include "engine/problem/physics_units.hpp"

namespace ansatz::problem {

/// A number of the case that is computed from a solution, with its compiled expression.
struct BoundQuantity {
  input::QuantitySpec spec;
  sdk::Expression expression;  ///< of norms the integrand
  fem::Domain domain;
  std::shared_ptr<const fem::Reaction> reaction = {};
  int declared = -1;         ///< of those that the physics declares
  int of = -1;               ///< quantity that a statistic over time is of
  std::size_t signal = 0;    ///< its place among Problem::signals()
  bool at_end = false;       ///< known at the end of a run only
  bool needs_rates = false;  ///< a reaction, or a formula of one
  std::string unit;
};

/// Everything that a case says, compiled. Members refer to each other, so it does not move.
class Problem {
 public:
  /// All errors in names, regions, boundaries and expressions are reported at once. *Collective.* \throws Error
  Problem(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm);
  /// The same on another mesh, for instance of another one's problem: a copy, or a refined one.
  /// \param before_map its mesh, as it is before `[mesh] map`
  /// \param parameters shape of parameters(). *Collective.* \throws Error
  Problem(const input::Case& parsed, const plugin::Registry& registry, mesh::Mesh before_map,
          std::vector<double> parameters);
  Problem(const Problem&) = delete;

  const input::Case& parsed() const { return case_; }
  const mesh::Mesh& mesh() const { return mesh_; }
  const sdk::Physics& physics() const { return *physics_; }
  const fem::DofMap& dofs() const { return *dofs_; }
  fem::Form& form() { return *form_; }
  const fem::Form& form() const { return *form_; }
  const fem::Dirichlet& dirichlet() const { return *dirichlet_; }
  const fem::Evaluator& evaluator() const { return *evaluator_; }
  const PhysicsUnits& units() const { return *units_; }
  /// Those of the case, then those that the physics declares.
  const std::vector<BoundQuantity>& quantities() const { return quantities_; }
  std::size_t num_case_quantities() const { return case_.quantities.size(); }
  /// Quantities that statistics over time are of, in their order.
  const std::vector<std::size_t>& signals() const { return signals_; }
  /// Values of the case's parameters in the order of their names.
  const std::vector<double>& parameters() const { return parameters_; }
  /// `[mesh] map`, and the mesh's points before it.
  const MeshMap& map() const { return *map_; }
  int dim() const { return mesh_.dim; }

  /// `[initial]`, one entry a component.
  const std::vector<fem::InitialValue>& initial_values() const { return initial_; }
  /// Other values of the parameters: moves the mesh, the nodes of prescribed values with it, and tells the form, by
  /// whose version matrices know that they are of other parameters. A problem is at one place at a time: what is made
  /// of a solution of others throws (quantities::require_current()). \throws sdk::Error as MeshMap::apply(), on all
  /// ranks; nothing has changed then. *Collective.*
  void set_parameters(std::span<const double> parameters);

  /// Owned unknowns of `[initial]`, zero where it says nothing. *Collective.*
  std::vector<double> initial_state() const;
  /// Its derivative by a parameter, exactly, at a fixed mesh. *Collective.*
  std::vector<double> initial_slope(int parameter) const;
  /// Owned unknowns of `[initial.perturbation]`, zero where it says nothing. *Collective.*
  std::vector<double> perturbation() const;
  /// Expressions over the solution's symbols (fields, gradients, derived fields). *Collective* only in its errors.
  sdk::Expression solution_expression(const std::string& text, const std::string& where) const;

 private:
  class Binder;

  const input::Case& case_;
  std::vector<double> parameters_;
  std::unique_ptr<sdk::Physics> physics_;
  mesh::Mesh mesh_;
  std::unique_ptr<const MeshMap> map_;
  std::shared_ptr<const fem::DofMap> dofs_;
  std::unique_ptr<fem::Form> form_;
  std::unique_ptr<fem::Dirichlet> dirichlet_;
  std::unique_ptr<fem::Evaluator> evaluator_;
  std::unique_ptr<const PhysicsUnits> units_;
  std::vector<BoundQuantity> quantities_;
  std::vector<std::size_t> signals_;
  std::vector<double> interpolate(const std::vector<fem::InitialValue>& values) const;
  std::vector<fem::InitialValue> initial_, perturbation_;
};

}  // namespace ansatz::problem
