#pragma once
/// Expressions of the solution: integrals, values at points and nodes.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/expression.hpp"
#include "engine/fem/assembly/point_loader.hpp"

namespace ansatz::fem {

/// Where to integrate.
struct Domain {
  std::optional<int> region;                         ///< only cells of this region
  std::optional<std::vector<mesh::Facet>> facets;    ///< these facets instead of cells
};

/// s(u) = vector . u + constant.
struct Functional {
  std::vector<double> vector;  ///< (num_owned) of all unknowns, constrained ones too
  double constant = 0.0;
};

/// Values at owned nodes. Both of shape (num_owned).
struct NodalValues {
  std::vector<double> values;
  std::vector<std::uint8_t> known;  ///< 0 where no cell of the region is adjacent: there the value is 0 and means nothing
};

/// Evaluates expressions whose symbols are x, y, z, t, parameters, data, and of kind field, in this order: the components
/// of all fields (`temperature`, `displacement_x`), their gradients (`grad_temperature_x`, `grad_displacement_x_y`), the
/// derived fields' components (`stress_yy`) and the outward normal (`normal_x`) on facets.
class Evaluator {
 public:
  /// \param definition must outlive this.
  explicit Evaluator(const FormDefinition& definition);
  ~Evaluator();

  /// Adds the names of kind field to a table. Not collective.
  void add_symbols(sdk::SymbolTable& symbols) const;

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
  class Work;
  std::unique_ptr<Work> work_;
};

/// Nodal values of an expression in x, y, z, t, parameters and data. Shape (num_local). Not collective.
/// \param data fields that the expression may use, of the degree of `nodes`
/// \throws sdk::Error of kind not_finite on this rank alone, with position.
std::vector<double> interpolate(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const sdk::Expression& expression,
                                double time, std::span<const double> parameters,
                                std::span<const DataField> data = {});

}  // namespace ansatz::fem
