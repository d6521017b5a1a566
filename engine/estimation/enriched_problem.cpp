#include "engine/estimation/enriched_problem.hpp"

#include <unordered_map>

#include "engine/fem/elements/tabulation.hpp"
#include "engine/mesh/cells/subdivision.hpp"
#include "engine/mesh/refinement/refine.hpp"

namespace ansatz::estimation {
namespace {

input::Case enriched_case(const input::Case& parsed, bool refined) {
  auto enriched = parsed;
  if (refined) {
    enriched.mesh.map.reset();
    return enriched;
  }
  enriched.solver.order += 1;
  if (enriched.solver.quadrature_degree) *enriched.solver.quadrature_degree += 2;
  return enriched;
}

/// A refined mesh is that of the cells where they are: the map of finer cells would be of another domain.
mesh::Mesh enriched_mesh(const problem::Problem& coarse, bool refined) {
  if (refined) return mesh::refine(coarse.mesh());
  auto before_map = coarse.mesh();
  before_map.points = coarse.map().points_before();
  return before_map;
}

}  // namespace

EnrichedProblem::EnrichedProblem(const problem::Problem& coarse, const plugin::Registry& registry)
    : coarse_(coarse),
      refined_(coarse.parsed().solver.order > 1),
      case_(enriched_case(coarse.parsed(), refined_)),
      problem_(case_, registry, enriched_mesh(coarse, refined_), coarse.parameters()) {
  find_parents();
  tabulate();
}

void EnrichedProblem::find_parents() {
  const auto& fine = problem_.mesh();
  const auto& coarse = coarse_.mesh();
  parents_.resize(fine.num_cells());
  child_of_.assign(fine.num_cells(), 0);
  if (!refined_) {
    for (std::int32_t c = 0; c < fine.num_cells(); ++c) parents_[c] = c;
    return;
  }
  children_ = mesh::subdivision(coarse.cell).num_children;
  std::unordered_map<std::int64_t, std::int32_t> local;
  for (std::int32_t c = 0; c < coarse.num_cells(); ++c) local[coarse.cell_ids[c]] = c;
  for (std::int32_t c = 0; c < fine.num_cells(); ++c) {
    parents_[c] = local.at(fine.cell_ids[c] / children_);
    child_of_[c] = static_cast<int>(fine.cell_ids[c] % children_);
  }
}

void EnrichedProblem::tabulate() {
  const auto cell = coarse_.mesh().cell;
  const int dim = coarse_.dim();
  for (int f = 0; f < coarse_.dofs().num_fields(); ++f) {
    const int degree = problem_.dofs().fields()[f].nodes->degree;
    std::vector<double> points;
    for (int child = 0; child < children_; ++child) {
      if (!refined_) {
        points = fem::reference_nodes(cell, degree);
        break;
      }
      for (const auto& x : mesh::subdivision(cell).child_nodes(cell, child, degree))
        points.insert(points.end(), x.begin(), x.begin() + dim);
    }
    interpolation_.push_back(fem::tabulate(cell, coarse_.dofs().fields()[f].nodes->degree, points).values);
  }
}

bool EnrichedProblem::can_follow() const {
  if (!refined_) return true;
  for (const int p : coarse_.map().parameters_used()) {
    if (problem_.parameters()[p] != coarse_.parameters()[p]) return false;
  }
  return true;
}

void EnrichedProblem::follow_parameters() {
  if (!can_follow()) {
    throw sdk::Error(sdk::ErrorKind::state, "a refined mesh does not move with the mesh that it was made of",
                     "estimation::EnrichedProblem", "make another EnrichedProblem");
  }
  if (problem_.parameters() != coarse_.parameters()) problem_.set_parameters(coarse_.parameters());
}

/// Calls visit(fine owned unknown, coarse cell, field, weights of the cell's coarse nodes, component) once for each
/// owned unknown of the enriched problem.
template <class Visit>
void EnrichedProblem::for_each_owned(const Visit& visit) const {
  const auto& fine = problem_.dofs();
  for (int f = 0; f < fine.num_fields(); ++f) {
    const auto& nodes = *fine.fields()[f].nodes;
    const int coarse_nodes = coarse_.dofs().nodes_per_cell(f);
    std::vector<std::uint8_t> seen(nodes.num_owned, 0);
    for (std::int32_t c = 0; c < problem_.mesh().num_owned_cells; ++c) {
      for (int a = 0; a < nodes.nodes_per_cell; ++a) {
        const auto node = fine.cell_node(f, c, a);
        if (node >= nodes.num_owned || seen[node] != 0) continue;
        seen[node] = 1;
        const double* weights =
            interpolation_[f].data() + (std::size_t(child_of_[c]) * nodes.nodes_per_cell + a) * coarse_nodes;
        visit(fine.node_dofs(f)[node], parents_[c], f, weights);
      }
    }
  }
}

std::vector<double> EnrichedProblem::prolong(std::span<const double> u) const {
  const auto& coarse = coarse_.dofs();
  std::vector<double> local(coarse.num_local()), result(problem_.dofs().num_owned());
  std::ranges::copy(u.first(coarse.num_owned()), local.begin());
  coarse.update_ghosts(local);
  for_each_owned([&](std::int32_t unknown, std::int32_t cell, int f, const double* weights) {
    for (int b = 0; b < coarse.nodes_per_cell(f); ++b) {
      if (weights[b] == 0.0) continue;
      const auto from = coarse.node_dofs(f)[coarse.cell_node(f, cell, b)];
      for (int k = 0; k < coarse.fields()[f].components; ++k) result[unknown + k] += weights[b] * local[from + k];
    }
  });
  return result;
}

std::vector<double> EnrichedProblem::restrict(std::span<const double> F) const {
  const auto& coarse = coarse_.dofs();
  std::vector<double> local(coarse.num_local(), 0.0);
  for_each_owned([&](std::int32_t unknown, std::int32_t cell, int f, const double* weights) {
    for (int b = 0; b < coarse.nodes_per_cell(f); ++b) {
      if (weights[b] == 0.0) continue;
      const auto to = coarse.node_dofs(f)[coarse.cell_node(f, cell, b)];
      for (int k = 0; k < coarse.fields()[f].components; ++k) local[to + k] += weights[b] * F[unknown + k];
    }
  });
  struct Share {
    std::int32_t unknown;
    double value;
  };
  const auto& map = coarse.index_map();
  const auto& comm = coarse.mesh().comm;
  std::vector<std::vector<Share>> send(comm.size());
  for (std::int32_t g = 0; g < map.num_ghosts(); ++g) {
    const double value = local[map.num_owned + g];
    if (value != 0.0) send[map.ghost_owner[g]].push_back({map.ghost_remote[g], value});
  }
  for (const auto& shares : comm.exchange(send)) {
    for (const auto& [unknown, value] : shares) local[unknown] += value;
  }
  local.resize(coarse.num_owned());
  return local;
}

}  // namespace ansatz::estimation
