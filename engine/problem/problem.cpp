#include "engine/problem/problem.hpp"

#include <algorithm>

#include "engine/problem/problem_binder.hpp"

namespace ansatz::problem {
namespace {

/// Lattice of the block regions that the coefficients ask for.
std::vector<int> block_lattice(const input::PhysicsSpec& physics) {
  std::vector<int> blocks;
  for (const auto& [name, spec] : physics.coefficients) {
    if (spec.blocks.empty()) continue;
    if (!blocks.empty() && blocks != spec.blocks) {
      throw sdk::Error(sdk::ErrorKind::case_file, "by_block of " + name + " differs from that of another coefficient",
                       spec.at.text(), "use one lattice of blocks for all coefficients");
    }
    blocks = spec.blocks;
  }
  return blocks;
}

std::unique_ptr<sdk::Physics> make_physics(const input::Case& parsed, const plugin::Registry& registry) {
  auto physics = registry.make_physics(parsed.physics.name);
  for (const auto& [name, choice] : parsed.physics.options) physics->set_option(name, choice);
  return physics;
}

[[noreturn]] void refuse_moved_data(const input::Case& parsed) {
  throw sdk::Error(
      sdk::ErrorKind::case_file, "fields of [data] stay at their nodes, so parameters cannot move the mesh",
      parsed.data.begin()->second.at.text(),
      "give the field as an expression, or run the case once for each value of the parameters of mesh.map");
}

/// Parameters of mesh.map take other values than those of the case during the study.
bool study_moves_mesh(const input::Case& parsed, const MeshMap& map) {
  const auto& sweep = parsed.study.sweep;
  int p = 0;
  const auto used = map.parameters_used();
  for (const auto& [name, ignored] : parsed.parameters) {
    const bool swept = parsed.study.has_points() && !sweep.fixed.contains(name) &&
                       (sweep.values.empty() || sweep.values.contains(name));
    if (std::ranges::count(used, p++) > 0 && (swept || parsed.solver.info.trains)) return true;
  }
  return false;
}

}  // namespace

Problem::Problem(const input::Case& parsed, const plugin::Registry& registry, const base::Communicator& comm)
    : Problem(parsed, registry, set_up_mesh(parsed, registry, comm, block_lattice(parsed.physics)),
              parsed.default_parameters()) {}

Problem::Problem(const input::Case& parsed, const plugin::Registry& registry, mesh::Mesh before_map,
                 std::vector<double> parameters)
    : case_(parsed),
      parameters_(std::move(parameters)),
      physics_(make_physics(parsed, registry)),
      mesh_(std::move(before_map)),
      map_(std::make_unique<const MeshMap>(parsed, mesh_)) {
  if (!case_.data.empty() && study_moves_mesh(case_, *map_)) refuse_moved_data(case_);
  map_->apply(parameters_, mesh_);
  Binder binder(*this, registry);
  dofs_ = binder.dofs();
  auto definition = binder.form();
  binder.throw_errors();
  form_ = std::make_unique<fem::Form>(std::move(definition));
  dirichlet_ = std::make_unique<fem::Dirichlet>(*dofs_, binder.conditions());
  form_->set_constrained(dirichlet_->constrained());
  evaluator_ = std::make_unique<fem::Evaluator>(form_->definition());
  units_ = std::make_unique<const PhysicsUnits>(*physics_, dim());
  initial_ = binder.nodal_values(case_.initial.values);
  perturbation_ = binder.nodal_values(case_.initial.perturbation);
  quantities_ = binder.quantities();
  signals_ = binder.signals(quantities_);
  binder.throw_errors();
}

void Problem::set_parameters(std::span<const double> parameters) {
  for (const int p : map_->parameters_used()) {
    if (!case_.data.empty() && parameters[p] != parameters_[p]) refuse_moved_data(case_);
  }
  map_->apply(parameters, mesh_);
  if (!map_->expressions().empty()) dirichlet_->update_coordinates();
  parameters_.assign(parameters.begin(), parameters.end());
  form_->set_parameters(parameters_);
}

std::vector<double> Problem::initial_state() const { return interpolate(initial_); }

std::vector<double> Problem::initial_slope(int parameter) const {
  std::vector<double> slope(dofs_->num_owned(), 0.0);
  const double start = case_.time ? case_.time->start : 0.0;
  base::agree(mesh_.comm, [&] {
    for (const auto& [field, component, value] : initial_) {
      if (std::ranges::count(value.parameters_used(), parameter) == 0) continue;
      const auto& nodes = *dofs_->fields()[field].nodes;
      const auto values =
          fem::interpolate_slope(mesh_, nodes, value, start, parameters_, parameter, form_->definition().data);
      for (std::int32_t n = 0; n < nodes.num_owned; ++n) slope[dofs_->node_dofs(field)[n] + component] = values[n];
    }
  });
  return slope;
}

std::vector<double> Problem::perturbation() const { return interpolate(perturbation_); }

std::vector<double> Problem::interpolate(const std::vector<fem::InitialValue>& expressions) const {
  std::vector<double> u(dofs_->num_owned(), 0.0);
  const double start = case_.time ? case_.time->start : 0.0;
  base::agree(mesh_.comm, [&] {
    for (const auto& [field, component, value] : expressions) {
      const auto& nodes = *dofs_->fields()[field].nodes;
      const auto values = fem::interpolate(mesh_, nodes, value, start, parameters_, form_->definition().data);
      for (std::int32_t n = 0; n < nodes.num_owned; ++n) u[dofs_->node_dofs(field)[n] + component] = values[n];
    }
  });
  return u;
}

sdk::Expression Problem::solution_expression(const std::string& text, const std::string& where) const {
  auto symbols = case_symbols(case_, dim());
  evaluator_->add_symbols(symbols);
  return sdk::Expression::compile(text, symbols, where);
}

}  // namespace ansatz::problem
