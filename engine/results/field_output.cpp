#include "engine/results/field_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/text.hpp"
#include "engine/io/visualisation/visual_writer.hpp"

namespace ansatz::results {
namespace {

/// Nodes of the highest degree that a field or the geometry needs. *Collective.*
std::shared_ptr<const mesh::NodeMap> visual_nodes(const problem::Problem& problem) {
  int degree = problem.mesh().geometry_degree;
  for (const auto& field : problem.dofs().fields()) degree = std::max(degree, field.nodes->degree);
  for (const auto& field : problem.dofs().fields()) {
    if (field.nodes->degree == degree) return field.nodes;
  }
  return std::make_shared<mesh::NodeMap>(mesh::lagrange_node_map(problem.mesh(), degree));
}

std::unique_ptr<sdk::VisualWriter> make_writer(const std::string& layout, const base::Communicator& comm,
                                               const plugin::Registry& registry, sdk::VisualTarget target,
                                               std::optional<double> keep_until) {
  if (keep_until && layout == "series") return io::make_visual_writer(layout, comm, target, keep_until);
  if (keep_until) target.base += fmt::format("-from-{:.9g}", *keep_until);
  for (const auto& offer : registry.offers().visual_writers) {
    if (offer.name == layout) return offer.create(comm.get(), target);
  }
  return io::make_visual_writer(layout, comm, target);
}

}  // namespace

FieldOutput::FieldOutput(const problem::Problem& problem, const plugin::Registry& registry, const std::string& folder,
                         const sdk::VisualMetadata& metadata, std::optional<double> keep_until)
    : problem_(problem), sampler_(problem.mesh(), visual_nodes(problem)) {
  const auto& names = problem.parsed().output.fields;
  if (names.empty()) {
    for (const auto& field : problem.physics().info().fields) add_field(field.name);
  }
  for (const auto& name : names) add_field(name);
  writer_ = make_writer(problem.parsed().output.layout, problem.mesh().comm, registry, {folder, "fields", metadata},
                        keep_until);
  writer_->set_mesh(sampler_.mesh());
}

void FieldOutput::add_field(const std::string& name) {
  const auto& info = problem_.physics().info();
  std::vector<std::string> known;
  for (std::size_t f = 0; f < info.fields.size(); ++f) {
    known.push_back(info.fields[f].name);
    if (info.fields[f].name == name) {
      fields_.push_back({name, info.fields[f].unit, static_cast<int>(f), {}});
      return;
    }
  }
  for (const auto& derived : info.derived) {
    known.push_back(derived.name);
    if (derived.name != name) continue;
    Field field{name, derived.unit, -1, {}};
    const int n = sdk::num_components(derived.shape, problem_.dim());
    for (int k = 0; k < n; ++k) {
      const auto suffix = sdk::component_name(derived.shape, problem_.dim(), k);
      field.components.push_back(problem_.solution_expression(suffix.empty() ? name : name + "_" + suffix, "[output]"));
    }
    fields_.push_back(std::move(field));
    return;
  }
  const auto near = sdk::closest(name, known);
  throw sdk::Error(sdk::ErrorKind::case_file, info.name + " has no field \"" + name + "\" to write",
                   problem_.parsed().output.at.text(),
                   near.empty() ? "see ansatz describe " + info.name : "did you mean \"" + near + "\"?");
}

void FieldOutput::write(fem::DiscreteProblem& discrete, const quantities::Solution& solution, const Watch& watch) {
  quantities::require_current(problem_, solution);
  const auto values = discrete.with_ghosts(solution.values);
  std::vector<double> rates;
  if (solution.rates) rates = discrete.with_ghosts(*solution.rates);
  const fem::FormState state{solution.time, values, rates};
  std::vector<std::vector<double>> arrays;
  std::vector<int> widths;
  for (const auto& field : fields_) {
    if (field.field >= 0) {
      arrays.push_back(sampler_.field(problem_.dofs(), field.field, values));
      widths.push_back(problem_.dofs().fields()[field.field].components == 1 ? 1 : 3);
      continue;
    }
    const int n = static_cast<int>(field.components.size());
    const int shown = n == 2 ? 3 : n;  // viewers want vectors with three components
    std::vector<double> nodal(std::size_t(sampler_.nodes().num_owned) * shown, 0.0);
    for (int k = 0; k < n; ++k) {
      const auto component = problem_.evaluator().at_nodes(field.components[k], state, sampler_.nodes(), {}).values;
      for (std::size_t i = 0; i < component.size(); ++i) nodal[i * shown + k] = component[i];
    }
    arrays.push_back(sampler_.nodal(nodal, shown));
    widths.push_back(shown);
  }
  std::vector<sdk::VisualField> fields;
  require_finite(arrays, solution.time);
  for (auto& array : arrays) {
    for (double& value : array) value += 0.0;  // zero has no sign
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    fields.push_back({fields_[i].name, fields_[i].unit, sdk::VisualLocation::points, widths[i], arrays[i]});
  }
  writer_->write_step(solution.time, fields);
  if (watch) watch(sampler_.mesh(), fields);
}

void FieldOutput::require_finite(const std::vector<std::vector<double>>& arrays, double time) const {
  const auto& comm = problem_.mesh().comm;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const bool is_finite = std::ranges::all_of(arrays[i], [](double x) { return std::isfinite(x); });
    if (comm.max(is_finite ? 0.0 : 1.0) == 0.0) continue;
    throw sdk::Error(sdk::ErrorKind::not_finite,
                     fmt::format("the field {} has values that are not finite", fields_[i].name),
                     problem_.parsed().time ? fmt::format("t = {:.9g}", time) : std::string(),
                     "it was not written; look at divisions by zero, roots and logarithms of what can be negative");
  }
}

}  // namespace ansatz::results
