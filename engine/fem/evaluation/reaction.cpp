#include "engine/fem/evaluation/reaction.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "engine/fem/assembly/batches.hpp"
#include "engine/fem/assembly/facet_sets.hpp"

namespace ansatz::fem {
namespace {

using Side = Reaction::Side;
using Line = Reaction::Line;
using Sets = std::vector<const mesh::EntitySet*>;
using Around = std::map<std::int32_t, std::vector<int>>;  ///< entities by owned node

/// Which entities are around the nodes of a set, and which of them are its own.
class Neighbourhood {
 public:
  Neighbourhood(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const mesh::EntitySet& set)
      : mesh_(mesh), nodes_(nodes), set_(set) {
    wanted_ = nodes_on_set(mesh, nodes, set);
    if (set.dimension == mesh.dim - 1) mine_ = facets_from_all_sides(mesh, set.facets);
  }

  const std::vector<std::int32_t>& nodes() const { return wanted_; }

  /// Sides of the facets of some sets, added to `sides`, by node.
  Around facets(const Sets& sets, std::vector<Side>& sides) const {
    std::vector<mesh::Facet> once;
    for (const auto* set : sets) once.insert(once.end(), set->facets.begin(), set->facets.end());
    std::ranges::sort(once);
    Around around;
    for (const auto& facet : facets_from_all_sides(mesh_, once)) {
      const int side = static_cast<int>(sides.size());
      bool is_used = false;
      for (const int a : nodes_on_facet(mesh_.cell, nodes_.degree, facet.local_facet)) {
        const auto node = nodes_.cell_nodes[std::size_t(facet.cell) * nodes_.nodes_per_cell + a];
        if (!std::ranges::binary_search(wanted_, node)) continue;
        around[node].push_back(side);
        is_used = true;
      }
      if (is_used)
        sides.push_back({facet, std::ranges::binary_search(once, facet), std::ranges::binary_search(mine_, facet)});
    }
    return around;
  }

  /// The same of lines, at nodes that are vertices; other nodes lie on one line.
  Around lines(const Sets& sets, std::vector<Line>& lines) const {
    std::vector<std::array<std::int32_t, 2>> once;
    for (const auto* set : sets) append(*set, once);
    std::vector<std::array<std::int32_t, 2>> mine;
    append(set_, mine);
    std::ranges::sort(once);
    std::ranges::sort(mine);
    once.erase(std::ranges::unique(once).begin(), once.end());
    std::map<mesh::NodeKey, std::int32_t> node_of;
    for (const auto node : wanted_) node_of[nodes_.keys[node]] = node;
    Around around;
    for (const auto& line : once) {
      const auto a = mesh_.vertex_ids[line[0]], b = mesh_.vertex_ids[line[1]];
      for (const auto& key :
           {mesh::NodeKey{a, a}, mesh::NodeKey{b, b}, mesh::NodeKey{std::min(a, b), std::max(a, b)}}) {
        if (const auto at = node_of.find(key); at != node_of.end())
          around[at->second].push_back(static_cast<int>(lines.size()));
      }
      lines.push_back({line, std::ranges::binary_search(mine, line)});
    }
    return around;
  }

 private:
  static void append(const mesh::EntitySet& set, std::vector<std::array<std::int32_t, 2>>& lines) {
    for (std::size_t i = 0; set.dimension == 1 && i + 1 < set.vertices.size(); i += 2) {
      lines.push_back({std::min(set.vertices[i], set.vertices[i + 1]), std::max(set.vertices[i], set.vertices[i + 1])});
    }
  }

  const mesh::Mesh& mesh_;
  const mesh::NodeMap& nodes_;
  const mesh::EntitySet& set_;
  std::vector<std::int32_t> wanted_;  ///< owned nodes of the set, ascending
  std::vector<mesh::Facet> mine_;
};

/// Sets of one dimension among some.
Sets of_dimension(const Sets& sets, int dimension) {
  Sets found;
  std::ranges::copy_if(sets, std::back_inserter(found), [&](const auto* set) { return set->dimension == dimension; });
  return found;
}

Sets all_sets(const mesh::Mesh& mesh) {
  Sets sets;
  for (const auto& [name, set] : mesh.sets) sets.push_back(&set);
  return sets;
}

/// Largest dimension of the sets that hold each local node; -1: none. Shape (num_owned).
std::vector<int> largest_dimension(const mesh::Mesh& mesh, const mesh::NodeMap& nodes, const Sets& sets) {
  std::vector<int> dimension(nodes.num_owned, -1);
  for (const auto* set : sets) {
    for (const auto node : nodes_on_set(mesh, nodes, *set)) dimension[node] = std::max(dimension[node], set->dimension);
  }
  return dimension;
}

/// Finds the entities around a node among lists that are made where they are needed.
class Carriers {
 public:
  Carriers(const mesh::Mesh& mesh, const Neighbourhood& around, Sets prescribed, std::vector<Side>& sides,
           std::vector<Line>& lines)
      : mesh_(mesh), around_(around), prescribed_(std::move(prescribed)), sides_(sides), lines_(lines) {}

  /// Facets with a value around a node.
  std::span<const int> prescribed_facets(std::int32_t node) {
    if (!facets_) facets_ = around_.facets(of_dimension(prescribed_, mesh_.dim - 1), sides_);
    return at(*facets_, node);
  }
  /// Exterior facets, inside the domain those of all sets.
  std::span<const int> any_facets(std::int32_t node) {
    if (!exterior_) exterior_ = around_.facets({&mesh_.sets.at("all")}, sides_);
    if (const auto found = at(*exterior_, node); !found.empty()) return found;
    if (!interior_) interior_ = around_.facets(of_dimension(all_sets(mesh_), mesh_.dim - 1), sides_);
    return at(*interior_, node);
  }
  /// Lines with a value, or of all sets.
  std::span<const int> lines(std::int32_t node, bool prescribed) {
    auto& list = prescribed ? prescribed_lines_ : any_lines_;
    if (!list) list = around_.lines(of_dimension(prescribed ? prescribed_ : all_sets(mesh_), 1), lines_);
    return at(*list, node);
  }

 private:
  static std::span<const int> at(const Around& around, std::int32_t node) {
    const auto found = around.find(node);
    return found == around.end() ? std::span<const int>{} : found->second;
  }
  const mesh::Mesh& mesh_;
  const Neighbourhood& around_;
  Sets prescribed_;
  std::vector<Side>& sides_;
  std::vector<Line>& lines_;
  std::optional<Around> facets_, exterior_, interior_, prescribed_lines_, any_lines_;
};

}  // namespace

Reaction::Reaction(const FormDefinition& definition, const Dirichlet& dirichlet, int field, int component,
                   const mesh::EntitySet& set)
    : definition_(definition), field_(field), component_(component) {
  const auto& mesh = definition.dofs->mesh();
  const auto& nodes = *definition.dofs->fields()[field].nodes;
  Sets prescribed;
  for (const auto& condition : dirichlet.conditions()) {
    if (condition.field == field && condition.component == component)
      prescribed.push_back(&mesh.sets.at(condition.set));
  }
  const auto dimension = largest_dimension(mesh, nodes, prescribed);
  const Neighbourhood around(mesh, nodes, set);
  Carriers carriers(mesh, around, prescribed, sides_, lines_);
  for (const auto node : around.nodes()) {
    const int of_node = dimension[node];
    if (of_node < 0 || of_node > set.dimension) continue;
    if (set.dimension == 0 && mesh.dim > 1) {  // a point carries what it has alone
      whole_.push_back(node);
      continue;
    }
    const bool by_facets = set.dimension == mesh.dim - 1, by_own = of_node == set.dimension;
    const auto found = !by_facets ? carriers.lines(node, by_own)
                       : by_own   ? carriers.prescribed_facets(node)
                                  : carriers.any_facets(node);
    const auto is_mine = [&](int i) { return by_facets ? sides_[i].is_mine : lines_[i].is_mine; };
    const auto mine = std::ranges::count_if(found, is_mine);
    if (mine == 0) continue;
    if (mine == static_cast<std::ptrdiff_t>(found.size())) {
      whole_.push_back(node);
    } else {
      auto& shared = shared_.emplace_back(SharedNode{node, by_facets && by_own, {}, {}});
      (by_facets ? shared.sides : shared.lines).assign(found.begin(), found.end());
    }
  }
}

double Reaction::sum(const FormState& state, std::span<const double> residual) const {
  const auto dofs = definition_.dofs->node_dofs(field_);
  double sum = 0.0;
  for (const auto node : whole_) sum += residual[dofs[node] + component_];
  if (shared_.empty()) return sum;
  const auto integrals = integrate(state);
  for (const auto& node : shared_) sum += share(node, integrals, residual[dofs[node.node] + component_]);
  return sum;
}

std::vector<double> Reaction::weights() const {
  const auto& dofs = *definition_.dofs;
  const auto any_shared = static_cast<std::int64_t>(shared_.size());
  if (dofs.mesh().comm.max(any_shared) > 0) return {};
  std::vector<double> w(dofs.num_owned(), 0.0);
  for (const auto node : whole_) w[dofs.node_dofs(field_)[node] + component_] = 1.0;
  return w;
}

double Reaction::share(const SharedNode& shared, const SideIntegrals& integrals, double residual) const {
  double measure = 0.0, my_measure = 0.0, flux = 0.0, my_flux = 0.0;
  for (const int i : shared.lines) {
    const double size = length(lines_[i]);
    measure += size;
    if (lines_[i].is_mine) my_measure += size;
  }
  const auto& nodes = *definition_.dofs->fields()[field_].nodes;
  for (const int i : shared.sides) {
    const auto& side = sides_[i];
    const auto& on_side = integrals.at(side.facet);
    const double size = side.counts ? on_side.measure : 0.0;
    const auto* of_cell = nodes.cell_nodes.data() + std::size_t(side.facet.cell) * nodes.nodes_per_cell;
    const auto a = std::find(of_cell, of_cell + nodes.nodes_per_cell, shared.node) - of_cell;
    measure += size;
    flux += on_side.flux[a];
    if (!side.is_mine) continue;
    my_measure += size;
    my_flux += on_side.flux[a];
  }
  // Coefficients may be singular on the boundary itself.
  if (!shared.by_flux || !std::isfinite(flux) || !std::isfinite(my_flux)) flux = my_flux = 0.0;
  return my_flux + (residual - flux) * my_measure / measure;
}

double Reaction::length(const Line& line) const {
  const auto& mesh = definition_.dofs->mesh();
  std::array<std::int32_t, 2> points{-1, -1};
  const int nv = mesh.vertices_per_cell(), np = mesh.points_per_cell();
  for (std::int32_t cell = 0; cell < mesh.num_cells() && (points[0] < 0 || points[1] < 0); ++cell) {
    points.fill(-1);
    for (int v = 0; v < nv; ++v) {  // the first points of a cell are its vertices
      for (int end = 0; end < 2; ++end) {
        if (mesh.cell_vertices[std::size_t(cell) * nv + v] == line.vertices[end])
          points[end] = mesh.cell_points[std::size_t(cell) * np + v];
      }
    }
  }
  double square = 0.0;
  for (int i = 0; i < mesh.dim; ++i) {
    const double d = mesh.point(points[1])[i] - mesh.point(points[0])[i];
    square += d * d;
  }
  return std::sqrt(square);
}

/// \param f of the volume form or, on the boundary, of its terms
void Reaction::add_batch(const Batch& batch, const Rule& rule, const sdk::PointBatch& points,
                         const std::vector<Lanes>& weights, const std::vector<Lanes>& f, bool on_boundary,
                         SideIntegrals& out) const {
  const auto& dofs = *definition_.dofs;
  const int dim = dofs.mesh().dim, c = dofs.component_offset(field_) + component_, n = dofs.nodes_per_cell(field_);
  for (int q = 0; q < points.num_points; ++q) {
    const Lanes* at = f.data() + (std::size_t(q) * dofs.num_components() + c) * (1 + dim);
    Lanes flux = on_boundary ? at[0] : Lanes(0.0);
    for (int j = 0; j < dim && !on_boundary; ++j) flux += at[1 + j] * points.normal[q * dim + j];
    for (int lane = 0; lane < batch.num_active; ++lane) {
      auto& integrals = out.at({batch.cells[lane], batch.local_facet});
      if (!on_boundary) integrals.measure += weights[q][lane];
      for (int a = 0; a < n; ++a) {
        integrals.flux[a] += weights[q][lane] * flux[lane] * rule.fields[field_].values[q * n + a];
      }
    }
  }
}

Reaction::SideIntegrals Reaction::integrate(const FormState& state) const {
  const auto& dofs = *definition_.dofs;
  const auto& kernels = definition_.physics->kernels(dofs.mesh().dim);
  SideIntegrals out;
  std::vector<mesh::Facet> facets;
  for (const auto& node : shared_) {
    for (const int i : node.sides) {
      const auto [at, is_new] = out.try_emplace(sides_[i].facet);
      if (!is_new) continue;
      at->second.flux.assign(dofs.nodes_per_cell(field_), 0.0);
      facets.push_back(sides_[i].facet);
    }
  }
  int highest = 1;
  for (const auto& field : dofs.fields()) highest = std::max(highest, field.nodes->degree);
  const int degree = definition_.quadrature_degree.value_or(2 * highest + 4);
  PointLoader loader(definition_);
  std::map<int, Rule> rules;
  std::vector<Lanes> f;
  // f1 . n and the measure of all sides, then what boundary terms add.
  const auto add = [&](const std::vector<mesh::Facet>& of, const std::vector<std::vector<sdk::Expression>>& tables,
                       bool on_boundary) {
    for (const auto& batch : facet_batches(dofs.mesh(), of)) {
      auto [rule, is_new] = rules.try_emplace(batch.local_facet);
      if (is_new) rule->second = make_rule(definition_, degree, batch.local_facet);
      const auto& points = loader.load(rule->second, batch, state, {}, tables[batch.region]);
      f.resize(std::size_t(points.num_points) * dofs.num_components() * (1 + dofs.mesh().dim));
      if (on_boundary) {
        kernels.boundary_residual(points, f.data());
      } else {
        kernels.residual(points, sdk::Part::all, f.data());
      }
      add_batch(batch, rule->second, points, loader.geometry().weight, f, on_boundary, out);
    }
  };
  add(facets, definition_.coefficients, false);
  for (const auto& term : definition_.boundary) {
    std::vector<mesh::Facet> common;
    std::ranges::copy_if(term.facets, std::back_inserter(common),
                         [&](const auto& facet) { return out.contains(facet); });
    add(common, term.coefficients, true);
  }
  return out;
}

}  // namespace ansatz::fem
