#include "tools/bench_program/problem.hpp"

#include <map>

#include "engine/fem/evaluation/evaluator.hpp"

namespace ansatz::bench {
namespace {

using sdk::Expression;

/// Flat table of a physics' coefficient components: `given` by the name of the component, or by that of the coefficient
/// (its diagonal for tensors), else the defaults.
std::vector<Expression> coefficient_table(const sdk::PhysicsInfo& info, int dim,
                                          const std::map<std::string, Expression>& given) {
  std::vector<Expression> table;
  for (const auto& coefficient : info.coefficients) {
    const auto whole = given.find(coefficient.name);
    const Expression value = whole != given.end()          ? whole->second
                             : coefficient.initial.empty() ? Expression()
                                                           : Expression(coefficient.initial.front());
    const int components = sdk::num_components(coefficient.shape, dim);
    for (int i = 0; i < components; ++i) {
      const auto own = given.find(coefficient.name + "_" + sdk::component_name(coefficient.shape, dim, i));
      const bool off_diagonal = coefficient.shape == sdk::Shape::tensor && i / dim != i % dim;
      table.push_back(own != given.end() ? own->second : off_diagonal ? Expression() : value);
    }
  }
  return table;
}

/// The value of a data field.
Expression data_expression(int k) {
  sdk::SymbolTable symbols;
  symbols.add_data("f", k);
  return Expression::compile("f", symbols, "ansatz_bench");
}

/// A definition with these expressions interpolated as data fields, and without coefficients.
fem::FormDefinition with_data(const mesh::Mesh& mesh, const sdk::Physics& physics,
                              std::shared_ptr<const fem::DofMap> dofs, const std::vector<std::string>& data) {
  const auto nodes = dofs->fields()[0].nodes;
  fem::FormDefinition definition;
  definition.physics = &physics;
  definition.dofs = std::move(dofs);
  definition.quadrature_degree = 2;  // as the peer: exact for interpolated data times a test function
  for (const auto& text : data) {
    const auto expression = Expression::compile(text, sdk::SymbolTable::space_time(3), "ansatz_bench");
    definition.data.push_back({nodes, fem::interpolate(mesh, *nodes, expression, 0.0, {})});
  }
  return definition;
}

/// Facets of the four sides where the flux is given.
std::vector<mesh::Facet> flux_facets(const mesh::Mesh& mesh) {
  std::vector<mesh::Facet> facets;
  for (const char* side : {"bottom", "top", "front", "back"}) {
    const auto& part = mesh.sets.at(side).facets;
    facets.insert(facets.end(), part.begin(), part.end());
  }
  return facets;
}

}  // namespace

mesh::Mesh unit_cube(const base::Communicator& comm, const std::array<int, 3>& cells, mesh::CellType cell) {
  return mesh::box(comm, {.origin = {},
                          .size = {1.0, 1.0, 1.0},
                          .cells = {cells.begin(), cells.end()},
                          .cell = cell,
                          .pattern = {},
                          .periodic = {}});
}

std::shared_ptr<const fem::DofMap> linear_space(const mesh::Mesh& mesh, const sdk::Physics& physics) {
  const auto nodes = std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, 1));
  std::vector<fem::FieldSpace> fields;
  for (const auto& field : physics.info().fields) {
    fields.push_back({field.name, sdk::num_components(field.shape, mesh.dim), nodes});
  }
  return std::make_shared<const fem::DofMap>(mesh, std::move(fields));
}

Problem::Problem(fem::FormDefinition definition, const std::vector<std::string>& fixed)
    : zero_(definition.dofs->num_local(), 0.0), form_(std::make_unique<fem::Form>(std::move(definition))) {
  std::vector<fem::DirichletCondition> conditions;
  const auto& dofs = form_->dofs();
  for (const auto& set : fixed) {
    for (int f = 0; f < dofs.num_fields(); ++f) {
      for (int c = 0; c < dofs.fields()[f].components; ++c) conditions.push_back({set, f, c, Expression(0.0)});
    }
  }
  form_->set_constrained(fem::Dirichlet(dofs, conditions).constrained());
}

Problem poisson(const mesh::Mesh& mesh, const sdk::Physics& physics, std::shared_ptr<const fem::DofMap> dofs) {
  const auto& info = physics.info();
  auto definition = with_data(mesh, physics, dofs, {"10*exp(-((x - 0.5)^2 + (y - 0.5)^2)/0.02)", "sin(5*x)"});
  definition.coefficients = {
      coefficient_table(info, mesh.dim, {{"conductivity", Expression(1.0)}, {"source", data_expression(0)}})};
  if (info.has_boundary_terms) {
    definition.boundary.push_back(
        {"sides", flux_facets(mesh), {coefficient_table(info, mesh.dim, {{"heat_flux", data_expression(1)}})}});
  }
  return {std::move(definition), {"left", "right"}};
}

Problem elasticity(const mesh::Mesh& mesh, const sdk::Physics& physics, std::shared_ptr<const fem::DofMap> dofs) {
  const std::string r = "sqrt((x - 0.5)^2 + (z - 0.5)^2)";
  auto definition = with_data(mesh, physics, dofs, {"-(z - 0.5)*y*" + r, "1", "(x - 0.5)*y*" + r});
  definition.coefficients = {coefficient_table(physics.info(), mesh.dim,
                                               {{"youngs_modulus", Expression(1e6)},
                                                {"poisson_ratio", Expression(0.3)},
                                                {"body_force_x", data_expression(0)},
                                                {"body_force_y", data_expression(1)},
                                                {"body_force_z", data_expression(2)}})};
  return {std::move(definition), {"bottom"}};
}

}  // namespace ansatz::bench
