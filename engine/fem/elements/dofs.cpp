#include "engine/fem/elements/dofs.hpp"

#include <algorithm>
#include <numeric>

#include "engine/base/narrow.hpp"
#include "engine/fem/elements/tabulation.hpp"

namespace ansatz::fem {
namespace {

/// A ghost unknown before it has its local number.
struct Ghost {
  std::int64_t global;
  std::int32_t owner;
  std::int32_t remote;  ///< local number at the owner
  std::int32_t field;
  std::int32_t node;  ///< ghost position among the field's ghosts
};

}  // namespace

DofMap::DofMap(const mesh::Mesh& mesh, std::vector<FieldSpace> fields) : mesh_(&mesh), fields_(std::move(fields)) {
  const int size = mesh.comm.size();
  std::vector<std::vector<std::int64_t>> starts;  // by field: first owned unknown on each rank
  std::vector<std::int64_t> counts(size, 0);
  for (const auto& field : fields_) {
    component_offsets_.push_back(num_components_);
    cell_offsets_.push_back(dofs_per_cell_);
    num_components_ += field.components;
    dofs_per_cell_ += field.components * field.nodes->nodes_per_cell;
    starts.push_back(counts);
    const auto owned = mesh.comm.all_gather(std::int64_t(field.nodes->num_owned) * field.components);
    for (int r = 0; r < size; ++r) counts[r] += owned[r];
  }
  std::vector<std::int64_t> first(size + 1, 0);
  std::partial_sum(counts.begin(), counts.end(), first.begin() + 1);
  for (const auto count : counts) base::narrow<std::int32_t>(count, "unknowns on one rank");  // the same on all
  index_map_.num_owned = static_cast<std::int32_t>(counts[mesh.comm.rank()]);
  index_map_.first_global = first[mesh.comm.rank()];
  index_map_.num_global = first[size];

  base::agree(mesh.comm, [&] {
    std::int64_t local = num_owned();
    for (const auto& field : fields_) local += std::int64_t{field.nodes->num_ghosts()} * field.components;
    base::narrow<std::int32_t>(local, "unknowns and ghosts on one rank");
  });
  std::vector<Ghost> ghosts;  // component 0 of each ghost node
  for (int f = 0; f < num_fields(); ++f) {
    const auto& nodes = *fields_[f].nodes;
    const int nc = fields_[f].components;
    auto& dofs = node_dofs_.emplace_back(nodes.num_local());
    for (std::int32_t n = 0; n < nodes.num_owned; ++n) {
      dofs[n] = static_cast<std::int32_t>(starts[f][mesh.comm.rank()]) + n * nc;
    }
    for (std::int32_t g = 0; g < nodes.num_ghosts(); ++g) {
      const int owner = nodes.ghost_owner[g];
      const auto remote = static_cast<std::int32_t>(starts[f][owner] + std::int64_t(nodes.ghost_remote[g]) * nc);
      ghosts.push_back({first[owner] + remote, owner, remote, f, g});
    }
  }
  std::sort(ghosts.begin(), ghosts.end(), [](const Ghost& a, const Ghost& b) { return a.global < b.global; });
  for (const auto& ghost : ghosts) {
    node_dofs_[ghost.field][fields_[ghost.field].nodes->num_owned + ghost.node] = num_local();
    for (int c = 0; c < fields_[ghost.field].components; ++c) {
      index_map_.ghost_global.push_back(ghost.global + c);
      index_map_.ghost_owner.push_back(ghost.owner);
      index_map_.ghost_remote.push_back(ghost.remote + c);
    }
  }
  index_map_.exchange =
      std::make_shared<base::GhostExchange>(mesh.comm, index_map_.ghost_owner, index_map_.ghost_remote);
}

void DofMap::update_ghosts(std::span<double> local) const {
  index_map_.exchange->forward(std::span<const double>(local.first(num_owned())), local.subspan(num_owned()), 1);
}

std::vector<double> node_coordinates(const mesh::Mesh& mesh, const mesh::NodeMap& nodes) {
  const Tabulation table = tabulate_at_nodes(mesh.cell, mesh.geometry_degree, nodes.degree);
  const int dim = mesh.dim, n = nodes.nodes_per_cell;
  std::vector<double> x(std::size_t(nodes.num_local()) * dim, 0.0);
  std::vector<std::int64_t> place(nodes.num_local(), -1);  // of the node in the first cell that has it
  for (std::size_t i = 0; i < nodes.cell_nodes.size(); ++i) {
    auto& first = place[nodes.cell_nodes[i]];
    if (first < 0) first = static_cast<std::int64_t>(i);
  }
  for (std::int32_t node = 0; node < nodes.num_local(); ++node) {
    const std::int32_t* points = mesh.cell_points.data() + place[node] / n * table.num_nodes;
    const double* values = table.values.data() + place[node] % n * table.num_nodes;
    for (int g = 0; g < table.num_nodes; ++g) {
      const auto point = mesh.point(points[g]);
      for (int i = 0; i < dim; ++i) x[std::size_t(node) * dim + i] += values[g] * point[i];
    }
  }
  return x;
}

}  // namespace ansatz::fem
