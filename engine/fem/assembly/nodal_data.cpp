#include "engine/fem/assembly/nodal_data.hpp"

#include "engine/fem/elements/tabulation.hpp"

namespace ansatz::fem {
namespace {

/// Values at local nodes, each by the basis of the field in the first cell that has the node.
std::vector<double> at_nodes(const mesh::Mesh& mesh, const DataField& field, const mesh::NodeMap& nodes) {
  const Tabulation table = tabulate_at_nodes(mesh.cell, field.nodes->degree, nodes.degree);
  const int n = nodes.nodes_per_cell, from = field.nodes->nodes_per_cell;
  std::vector<double> values(nodes.num_local(), 0.0);
  std::vector<bool> done(nodes.num_local(), false);
  for (std::size_t i = 0; i < nodes.cell_nodes.size(); ++i) {
    const auto node = nodes.cell_nodes[i];
    if (done[node]) continue;
    done[node] = true;
    const auto* of_cell = field.nodes->cell_nodes.data() + i / n * from;
    const auto* basis = table.values.data() + i % n * from;
    for (int a = 0; a < from; ++a) values[node] += basis[a] * field.values[of_cell[a]];
  }
  return values;
}

}  // namespace

NodalData::NodalData(const mesh::Mesh& mesh, std::span<const DataField> data, const mesh::NodeMap& nodes)
    : data_(data), interpolated_(data.size()), values_(data.size()) {
  for (std::size_t k = 0; k < data.size(); ++k) {
    if (data[k].nodes->degree != nodes.degree) interpolated_[k] = at_nodes(mesh, data[k], nodes);
  }
}

}  // namespace ansatz::fem
