#include "engine/fem/forms/boundary_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/dual.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/fem/assembly/facet_sets.hpp"
#include "engine/fem/assembly/nodal_data.hpp"

namespace ansatz::fem {
namespace {

constexpr std::string_view value_name = "prescribed value";

void mark_facet_nodes(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const mesh::EntitySet& set,
                      std::vector<char>& marked) {
  for (const auto& facet : set.facets) {
    for (const int a : nodes_on_facet(mesh.cell, nodes.degree, facet.local_facet)) {
      marked[nodes.cell_nodes[std::size_t(facet.cell) * nodes.nodes_per_cell + a]] = 1;
    }
  }
}

void mark_entity_nodes(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const mesh::EntitySet& set,
                       std::vector<char>& marked) {
  std::vector<mesh::NodeKey> keys;
  const int n = set.dimension + 1;
  for (std::size_t i = 0; i < set.vertices.size(); i += n) {
    std::int64_t low = mesh.vertex_ids[set.vertices[i]], high = mesh.vertex_ids[set.vertices[i + n - 1]];
    keys.push_back({low, low});
    keys.push_back({high, high});
    keys.push_back({std::min(low, high), std::max(low, high)});
  }
  std::sort(keys.begin(), keys.end());
  for (std::int32_t node = 0; node < nodes.num_local(); ++node) {
    marked[node] |= std::binary_search(keys.begin(), keys.end(), nodes.keys[node]);
  }
}

/// \param parameter that is seeded in the outermost dual; -1: none
template <class S>
S evaluate(const sdk::Expression& value, const std::array<double, 3>& x, const S& t, std::span<const double> parameters,
           std::span<const double> data, int parameter = -1) {
  const std::array<S, 3> position{S(x[0]), S(x[1]), S(x[2])};
  std::vector<S> mu(parameters.begin(), parameters.end());
  const std::vector<S> values(data.begin(), data.end());
  if (parameter >= 0) mu[parameter].d[0] = 1.0;
  return value.evaluate(sdk::ExpressionInputs<S>{position.data(), t, mu.data(), nullptr, values.data()});
}

}  // namespace

std::vector<std::int32_t> nodes_on_set(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const mesh::EntitySet& set) {
  std::vector<char> marked(nodes.num_local(), 0);
  if (set.dimension == mesh.dim - 1) {
    mark_facet_nodes(mesh, nodes, set, marked);
  } else {
    mark_entity_nodes(mesh, nodes, set, marked);
  }
  std::vector<std::int32_t> found;
  for (std::int32_t node = 0; node < nodes.num_owned; ++node) {
    if (marked[node]) found.push_back(node);
  }
  return found;
}

Dirichlet::Dirichlet(const DofMap& dofs, std::vector<DirichletCondition> conditions)
    : dofs_(dofs), conditions_(std::move(conditions)), constrained_(dofs.num_local(), 0) {
  const auto& mesh = dofs.mesh();
  update_coordinates();
  std::vector<Entry> entries;
  for (std::size_t k = 0; k < conditions_.size(); ++k) {
    const auto& condition = conditions_[k];
    const auto set = mesh.sets.find(condition.set);
    if (set == mesh.sets.end()) {
      std::vector<std::string> names;
      for (const auto& [name, ignored] : mesh.sets) names.push_back(name);
      const auto near = sdk::closest(condition.set, names);
      throw sdk::Error(sdk::ErrorKind::mesh, "the mesh has no boundary \"" + condition.set + "\"", {},
                       near.empty() ? fmt::format("its boundaries are: {}", fmt::join(names, ", "))
                                    : "did you mean \"" + near + "\"?");
    }
    for (const auto node : nodes_on_set(mesh, *dofs.fields()[condition.field].nodes, set->second)) {
      entries.push_back(
          {dofs.node_dofs(condition.field)[node] + condition.component, node, static_cast<std::int32_t>(k)});
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.dof < b.dof; });
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + 1 == entries.size() || entries[i + 1].dof != entries[i].dof) entries_.push_back(entries[i]);
  }
  std::vector<double> flags(dofs.num_local(), 0.0);
  for (const auto& entry : entries_) flags[entry.dof] = 1.0;
  dofs.update_ghosts(flags);
  std::transform(flags.begin(), flags.end(), constrained_.begin(), [](double x) { return x != 0.0 ? 1 : 0; });
}

void Dirichlet::update_coordinates() {
  coordinates_.clear();
  for (const auto& field : dofs_.fields()) coordinates_.push_back(node_coordinates(dofs_.mesh(), *field.nodes));
}

std::vector<std::int32_t> Dirichlet::condition_of_unknowns() const {
  std::vector<std::int32_t> numbers(dofs_.num_owned(), -1);
  for (const auto& entry : entries_) numbers[entry.dof] = entry.condition;
  return numbers;
}

/// \param finite what the numbers are, which must be finite then; empty: they need not
template <class Evaluate>
void Dirichlet::for_entries(double time, std::span<const DataField> data, std::span<double> out,
                            std::string_view finite, const Evaluate& evaluate) const {
  const int dim = dofs_.mesh().dim;
  std::vector<NodalData> nodal;
  for (const auto& field : dofs_.fields()) {
    const bool used = std::any_of(conditions_.begin(), conditions_.end(), [&](const auto& condition) {
      return &dofs_.fields()[condition.field] == &field && condition.value.depends_on(sdk::SymbolKind::data);
    });
    nodal.emplace_back(dofs_.mesh(), used ? data : std::span<const DataField>{}, *field.nodes);
  }
  const bool is_rate = finite.starts_with("rate");
  sdk::detail::take_miss();
  for (const auto& entry : entries_) {
    const auto& condition = conditions_[entry.condition];
    std::array<double, 3> x{};
    for (int i = 0; i < dim; ++i) x[i] = coordinates_[condition.field][std::size_t(entry.node) * dim + i];
    const double value = evaluate(condition.value, x, nodal[condition.field].at(entry.node));
    if (!finite.empty() && !std::isfinite(value)) {
      throw sdk::Error(
          sdk::ErrorKind::not_finite,
          fmt::format("the {} of {} is {}{}", finite, dofs_.fields()[condition.field].name, value,
                      std::isnan(value) ? sdk::detail::why_miss() : ""),
          fmt::format("boundary \"{}\", position ({:.6g}, {:.6g}, {:.6g}), time {:.6g}", condition.set, x[0], x[1],
                      x[2], time),
          "its expression is \"" + condition.value.text() + "\"" +
              (is_rate
                   ? ", whose derivative by time the method needs: begin later, or choose a method that does without"
                   : ""));
    }
    out[entry.dof] = value;
  }
}

void Dirichlet::apply(double time, std::span<const double> parameters, std::span<double> u,
                      std::span<const DataField> data) const {
  for_entries(
      time, data, u, value_name,
      [&](const sdk::Expression& value, const std::array<double, 3>& x, const double* data_at) {
        return value.evaluate(sdk::ExpressionInputs<double>{x.data(), time, parameters.data(), nullptr, data_at});
      });
}

void Dirichlet::apply_rates(double time, std::span<const double> parameters, std::span<double> rates,
                            std::span<const DataField> data, int order) const {
  using D = sdk::Dual<double, 1>;
  using DD = sdk::Dual<D, 1>;
  D once(time);
  once.d[0] = 1.0;
  DD twice(once);
  twice.d[0] = D(1.0);
  for_entries(time, data, rates, order == 1 ? "rate of the prescribed value" : "",
              [&](const sdk::Expression& value, const std::array<double, 3>& x, const double* data_at) {
                if (!value.depends_on(sdk::SymbolKind::time)) return 0.0;
                const std::span<const double> given(data_at, data.size());
                return order == 1 ? evaluate<D>(value, x, once, parameters, given).d[0]
                                  : evaluate<DD>(value, x, twice, parameters, given).d[0].d[0];
              });
}

void Dirichlet::apply_slopes(double time, std::span<const double> parameters, int parameter, std::span<double> slopes,
                             std::span<const DataField> data, int order) const {
  using D = sdk::Dual<double, 1>;
  using DD = sdk::Dual<D, 1>;
  DD moving(time);
  moving.v.d[0] = 1.0;
  for_entries(time, data, slopes, "derivative by a parameter of the prescribed value",
              [&](const sdk::Expression& value, const std::array<double, 3>& x, const double* data_at) {
                if (std::ranges::count(value.parameters_used(), parameter) == 0) return 0.0;
                const std::span<const double> given(data_at, data.size());
                return order == 0 ? evaluate<D>(value, x, D(time), parameters, given, parameter).d[0]
                                  : evaluate<DD>(value, x, moving, parameters, given, parameter).d[0].d[0];
              });
}

bool Dirichlet::depends_on(int parameter) const {
  return std::ranges::any_of(
      conditions_, [&](const auto& c) { return std::ranges::count(c.value.parameters_used(), parameter) > 0; });
}

bool Dirichlet::time_dependent() const {
  return std::ranges::any_of(conditions_, [](const auto& c) { return c.value.depends_on(sdk::SymbolKind::time); });
}

}  // namespace ansatz::fem
