#include "engine/fem/evaluation/nodal_values.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "ansatz/sdk/dual.hpp"
#include "engine/fem/assembly/nodal_data.hpp"

namespace ansatz::fem {

NodalValues values_at_nodes(PointEvaluator& at_points, const sdk::Expression& expression, const FormState& state,
                            const mesh::NodeMap& nodes, std::optional<int> region) {
  const auto& mesh = at_points.mesh();
  const Rule rule = make_rule_at(at_points.definition(), reference_nodes(mesh.cell, nodes.degree));
  std::vector<double> sums(nodes.num_owned, 0.0), counts(nodes.num_owned, 0.0);
  auto batches = cell_batches(mesh, [&](std::int32_t cell) {
    for (int a = 0; a < nodes.nodes_per_cell; ++a) {
      if (nodes.cell_nodes[std::size_t(cell) * nodes.nodes_per_cell + a] < nodes.num_owned) return true;
    }
    return false;
  });
  base::agree(mesh.comm, [&] {
    for (const auto& batch : batches) {
      if (region && batch.region != *region) continue;
      const auto values = at_points.evaluate(rule, batch, state, expression);
      for (int lane = 0; lane < batch.num_active; ++lane) {
        for (int a = 0; a < nodes.nodes_per_cell; ++a) {
          const auto node = nodes.cell_nodes[std::size_t(batch.cells[lane]) * nodes.nodes_per_cell + a];
          if (node >= nodes.num_owned) continue;
          sums[node] += values[a][lane];
          counts[node] += 1.0;
        }
      }
    }
  });
  NodalValues result{std::move(sums), std::vector<std::uint8_t>(counts.size(), 0)};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    result.known[i] = counts[i] > 0.0 ? 1 : 0;
    if (counts[i] > 0.0) result.values[i] /= counts[i];
  }
  return result;
}

namespace {

/// evaluate(position, data) at each local node, which must be finite.
template <class Evaluate>
std::vector<double> at_each_node(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const sdk::Expression& expression,
                                 double time, std::span<const DataField> data, const char* what,
                                 const Evaluate& evaluate) {
  NodalData nodal(mesh, expression.depends_on(sdk::SymbolKind::data) ? data : std::span<const DataField>{}, nodes);
  const auto coordinates = node_coordinates(mesh, nodes);
  std::vector<double> values(nodes.num_local());
  sdk::detail::take_miss();
  for (std::int32_t node = 0; node < nodes.num_local(); ++node) {
    std::array<double, 3> x{};
    for (int i = 0; i < mesh.dim; ++i) x[i] = coordinates[std::size_t(node) * mesh.dim + i];
    values[node] = evaluate(x, nodal.at(node));
    if (!std::isfinite(values[node])) {
      throw sdk::Error(sdk::ErrorKind::not_finite,
                       fmt::format("expression \"{}\" has the {} {}{}", expression.text(), what, values[node],
                                   std::isnan(values[node]) ? sdk::detail::why_miss() : ""),
                       fmt::format("position ({:.6g}, {:.6g}, {:.6g}), time {:.6g}", x[0], x[1], x[2], time));
    }
  }
  return values;
}

}  // namespace

std::vector<double> interpolate(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const sdk::Expression& expression,
                                double time, std::span<const double> parameters, std::span<const DataField> data) {
  return at_each_node(
      mesh, nodes, expression, time, data, "value", [&](const std::array<double, 3>& x, const double* data_at) {
        return expression.evaluate(sdk::ExpressionInputs<double>{x.data(), time, parameters.data(), nullptr, data_at});
      });
}

std::vector<double> interpolate_slope(const mesh::Mesh& mesh, const mesh::NodeMap& nodes,
                                      const sdk::Expression& expression, double time,
                                      std::span<const double> parameters, int parameter,
                                      std::span<const DataField> data) {
  using D = sdk::Dual<double, 1>;
  std::vector<D> mu(parameters.begin(), parameters.end());
  mu[parameter].d[0] = 1.0;
  return at_each_node(
      mesh, nodes, expression, time, data, "derivative by a parameter",
      [&](const std::array<double, 3>& x, const double* data_at) {
        const std::array<D, 3> position{D(x[0]), D(x[1]), D(x[2])};
        std::vector<D> given;
        for (std::size_t k = 0; data_at != nullptr && k < data.size(); ++k) given.emplace_back(data_at[k]);
        return expression.evaluate(sdk::ExpressionInputs<D>{position.data(), D(time), mu.data(), nullptr, given.data()})
            .d[0];
      });
}

}  // namespace ansatz::fem
