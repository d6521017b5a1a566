#pragma once
/// Expressions of the solution: integrals, values at points and nodes.

#include <optional>
#include <span>
#include <vector>

#include "engine/fem/evaluation/cells_at_point.hpp"
#include "engine/fem/evaluation/functional.hpp"
#include "engine/fem/evaluation/nodal_values.hpp"
#include "engine/fem/evaluation/point_evaluator.hpp"

namespace ansatz::fem {

/// Evaluates expressions whose symbols are x, y, z, t, parameters, data, and SolutionSymbols, the normal on facets
/// only.
class Evaluator {
 public:
  /// \param definition must outlive this.
  explicit Evaluator(const FormDefinition& definition) : at_points_(definition), cells_(definition.dofs->mesh()) {}
  Evaluator(const Evaluator&) = delete;

  /// Adds the names of kind field to a table. Not collective.
  void add_symbols(sdk::SymbolTable& symbols) const;

  /// The cells around points, found at first use.
  CellsAtPoint& cells() const { return cells_; }
  /// For what is no member: derivatives (expression_slopes.hpp).
  PointEvaluator& at_points() const { return at_points_; }

  /// Integral over the owned part of a domain, summed over the ranks. *Collective.*
  double integrate(const sdk::Expression& expression, const FormState& state, const Domain& domain) const;

  /// Integrals of the physics' declared quantities over the domain. Shape (number of quantities). *Collective.*
  std::vector<double> quantities(const FormState& state) const;

  /// Mean of the values in all cells (of `region`) that contain the point; several where it is on a facet or vertex.
  /// \param point (dim) [m] \throws sdk::Error of kind case_file where no cell contains it. *Collective.*
  double at_point(const sdk::Expression& expression, const FormState& state, std::span<const double> point,
                  std::optional<int> region) const;

  /// At each owned node, the mean over the adjacent cells (of `region`). *Collective.*
  NodalValues at_nodes(const sdk::Expression& expression, const FormState& state, const mesh::NodeMap& nodes,
                       std::optional<int> region) const;

  /// The functionals that integrate() and at_point() are for steady states, where the expression is affine in fields,
  /// gradients and derived fields, and these in fields and gradients: its differences to unit values of these at each
  /// quadrature point, times the basis. For any other expression they mean nothing and may not be finite.
  /// *Collective.* \throws as at_point().
  Functional linear_integral(const sdk::Expression& expression, const Domain& domain) const;
  Functional linear_at_point(const sdk::Expression& expression, std::span<const double> point,
                             std::optional<int> region) const;

  /// Positions of the derived fields' components that the expression uses, as in PointKernels::derived_structure().
  std::vector<int> derived_used(const sdk::Expression& expression) const;
  /// The same from both sides of facets: without gradients, derived fields and normals.
  bool is_continuous(const sdk::Expression& expression) const;
  /// Affine in fields, gradients and derived fields, as it is written: see sdk::is_affine.
  bool is_affine(const sdk::Expression& expression) const;

 private:
  mutable PointEvaluator at_points_;  ///< scratch arrays
  mutable CellsAtPoint cells_;        ///< found at first use
};

}  // namespace ansatz::fem
