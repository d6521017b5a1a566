#include "tools/bench_program/problem.hpp"

#include <map>

#include "engine/fem/evaluator.hpp"

namespace ansatz::bench {
namespace {

using sdk::Expression;

/// Flat table of a physics' coefficient components: `given` scalars (the diagonal of tensors), else the defaults.
std::vector<Expression> coefficient_table(const sdk::PhysicsInfo& info, int dim,
                                          const std::map<std::string, Expression>& given) {
  std::vector<Expression> table;
  for (const auto& coefficient : info.coefficients) {
    const auto found = given.find(coefficient.name);
    const Expression value = found != given.end()          ? found->second
                             : coefficient.initial.empty() ? Expression()
                                                           : Expression(coefficient.initial.front());
    const int components = sdk::num_components(coefficient.shape, dim);
    for (int i = 0; i < components; ++i) {
      const bool off_diagonal = coefficient.shape == sdk::Shape::tensor && i / dim != i % dim;
      table.push_back(off_diagonal ? Expression() : value);
    }
  }
  return table;
}

fem::DataField interpolated(const mesh::Mesh& mesh, std::shared_ptr<const mesh::NodeMap> nodes, const char* text) {
  const auto expression = Expression::compile(text, sdk::SymbolTable::space_time(3), "ansatz_bench");
  auto values = fem::interpolate(mesh, *nodes, expression, 0.0, {});
  return {std::move(nodes), std::move(values)};
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

std::shared_ptr<const fem::DofMap> linear_space(const mesh::Mesh& mesh) {
  auto nodes = std::make_shared<const mesh::NodeMap>(mesh::lagrange_node_map(mesh, 1));
  return std::make_shared<const fem::DofMap>(mesh, std::vector<fem::FieldSpace>{{"temperature", 1, std::move(nodes)}});
}

Poisson::Poisson(const mesh::Mesh& mesh, const sdk::Physics& physics, std::shared_ptr<const fem::DofMap> dofs)
    : zero_(dofs->num_local(), 0.0) {
  sdk::SymbolTable symbols;
  symbols.add_data("f", 0);
  symbols.add_data("g", 1);
  const auto data = [&](const char* name) { return Expression::compile(name, symbols, "ansatz_bench"); };
  const auto& info = physics.info();

  fem::FormDefinition definition;
  definition.physics = &physics;
  definition.quadrature_degree = 2;  // as the peer: exact for interpolated data times a test function
  definition.coefficients = {
      coefficient_table(info, mesh.dim, {{"conductivity", Expression(1.0)}, {"source", data("f")}})};
  if (info.has_boundary_terms) {
    definition.boundary.push_back(
        {"sides", flux_facets(mesh), {coefficient_table(info, mesh.dim, {{"heat_flux", data("g")}})}});
  }
  const auto nodes = dofs->fields()[0].nodes;
  definition.data.push_back(interpolated(mesh, nodes, "10*exp(-((x - 0.5)^2 + (y - 0.5)^2)/0.02)"));
  definition.data.push_back(interpolated(mesh, nodes, "sin(5*x)"));

  const fem::Dirichlet dirichlet(*dofs, {{"left", 0, 0, Expression(0.0)}, {"right", 0, 0, Expression(0.0)}});
  definition.dofs = std::move(dofs);
  form_ = std::make_unique<fem::Form>(std::move(definition));
  form_->set_constrained(dirichlet.constrained());
}

}  // namespace ansatz::bench
