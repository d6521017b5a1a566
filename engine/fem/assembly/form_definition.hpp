#pragma once
/// What a discretised weak form is made of, and the state it is evaluated at.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ansatz/sdk/physics_interface.hpp"
#include "engine/fem/elements/constrained.hpp"
#include "engine/fem/elements/dofs.hpp"

namespace ansatz::fem {

/// Boundary term on some facets: one coefficient table per region of the adjacent cells.
struct BoundaryTerm {
  std::string name;  ///< for error messages
  std::vector<mesh::Facet> facets;
  std::vector<std::vector<sdk::Expression>> coefficients;     ///< (num_regions)(coefficient components)
  std::vector<std::vector<sdk::Expression>> directions = {};  ///< the same shape, or empty: see FormDefinition
};

/// A nodal field of known values that expressions may use.
struct DataField {
  std::shared_ptr<const mesh::NodeMap> nodes;
  std::vector<double> values;  ///< (num_local)
};

/// What a form is made of. The mesh behind `dofs` and the physics must outlive the form.
struct FormDefinition {
  const sdk::Physics* physics = nullptr;
  std::shared_ptr<const DofMap> dofs;
  std::vector<std::vector<sdk::Expression>> coefficients;  ///< (num_regions)(coefficient components)
  std::vector<BoundaryTerm> boundary;
  std::vector<DataField> data;
  std::vector<double> parameters;
  std::optional<int> quadrature_degree;  ///< default: see Form
  std::vector<int> quadrature_degrees;   ///< those of another form instead: Form::quadrature_degrees()
  /// Where given, here and in all boundary terms, the form is d/de F(c + e g) at e = 0 of the form F with coefficients
  /// c in the direction g, exactly; F must be affine in the coefficients whose directions are not 0. Shape of
  /// `coefficients`.
  std::vector<std::vector<sdk::Expression>> directions;
  bool stabilise = false;
  bool check_ranges = true;  ///< of coefficients; parts of a separated form are out of them
};

/// Weights of a Jacobian: state dF/du + rate dF/du', but `algebraic` instead of `state` in the rows and columns of
/// algebraic fields, which must have no rates then (see Form).
struct Weights {
  double state = 1.0, rate = 0.0;
  double algebraic = state;

  sdk::JacobianWeights of_kernels() const { return {state, rate}; }
  bool operator==(const Weights&) const = default;
};

/// What to differentiate or evaluate at.
struct FormState {
  double time = 0.0;                         ///< [s]
  std::span<const double> values;            ///< (num_local) with current ghosts
  std::span<const double> rates = {};        ///< (num_local) du/dt, or empty for zero
  sdk::Part part = sdk::Part::all;           ///< of residuals and Jacobians; boundary terms and stabilisation are stiff
  const Constrained* constrained = nullptr;  ///< unknowns that are left out; null: those that the form was made with
};

}  // namespace ansatz::fem
