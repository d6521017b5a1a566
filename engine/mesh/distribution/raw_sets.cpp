#include "engine/mesh/distribution/raw_sets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <limits>
#include <optional>

namespace ansatz::mesh {
namespace {

using sdk::Error;
using sdk::ErrorKind;

constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

/// An entity of the set with this number, by vertex ids.
struct Entity {
  std::int32_t set = 0;
  std::int32_t num_vertices = 0;
  std::array<std::int64_t, 4> vertices{none, none, none, none};  ///< ascending, then `none`
  auto operator<=>(const Entity&) const = default;

  std::span<const std::int64_t> ids() const { return std::span(vertices).first(num_vertices); }
};

/// Why the set of an entity cannot be used; of several the lowest is told, which is the same on any number of ranks.
struct Failure {
  Entity entity;
  std::int64_t stray = none;  ///< a point that no cell uses; else the entity belongs to no cell
  auto operator<=>(const Failure&) const = default;

  std::string text() const {
    if (stray != none) return fmt::format("it refers to point {}, which is no corner of any cell", stray);
    return fmt::format("it has an entity with points {} that belongs to no cell: it was meshed apart from the cells",
                       fmt::join(entity.ids(), ", "));
  }
};

/// Names and dimensions of all sets on all ranks, in the order of the names. *Collective.*
std::vector<std::pair<std::string, int>> share_names(const base::Communicator& comm, const RawSets& raw) {
  std::vector<std::pair<std::string, int>> sets;
  for (const auto& [name, entities] : raw.usable) sets.emplace_back(name, entities->dimension);
  auto count = sets.size();
  comm.broadcast(&count, sizeof count);
  sets.resize(count);
  for (auto& [name, dimension] : sets) {
    name = comm.broadcast(name);
    comm.broadcast(&dimension, sizeof dimension);
  }
  return sets;
}

/// Adds the names of rank 0 and why they cannot be used to those of the mesh. *Collective.*
void share_unusable(const RawSets& raw, Mesh& mesh) {
  auto count = raw.unusable.size();
  mesh.comm.broadcast(&count, sizeof count);
  auto at = raw.unusable.begin();
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = mesh.comm.broadcast(mesh.comm.is_root() ? at->first : std::string());
    mesh.unusable[name] = mesh.comm.broadcast(mesh.comm.is_root() ? (at++)->second : std::string());
  }
}

/// Every entity to the homes of all its vertices.
std::vector<std::vector<Entity>> entities_by_home(const RawSets& raw, const Blocks& vertices) {
  std::vector<std::vector<Entity>> send(vertices.ranks);
  std::int32_t number = 0;
  for (const auto& [name, entities] : raw.usable) {
    for (std::size_t e = 0; e + 1 < entities->offsets.size(); ++e) {
      Entity entity{number};
      const auto first = entities->vertices.begin() + entities->offsets[e];
      const auto end = std::copy(first, entities->vertices.begin() + entities->offsets[e + 1], entity.vertices.begin());
      std::sort(entity.vertices.begin(), end);
      // Facets of collapsed cells name a vertex twice.
      const auto last = std::unique(entity.vertices.begin(), end);
      entity.num_vertices = static_cast<std::int32_t>(last - entity.vertices.begin());
      std::fill(last, entity.vertices.end(), none);
      int home = -1;
      for (const auto id : entity.ids()) {
        if (vertices.home(id) != home) send[vertices.home(id)].push_back(entity);
        home = vertices.home(id);
      }
    }
    ++number;
  }
  return send;
}

/// Every entity to all ranks whose owned cells have one of the vertices that are at home here.
std::vector<std::vector<Entity>> entities_by_user(const std::vector<std::vector<Entity>>& received,
                                                  const VertexHomes& homes, int here, std::vector<Failure>& failures) {
  std::vector<std::vector<Entity>> send(received.size());
  for (const auto& part : received) {
    for (const auto& entity : part) {
      for (const auto id : entity.ids()) {
        if (homes.blocks().home(id) != here) continue;
        const auto users = homes.ranks(id);
        if (users.empty()) failures.push_back({entity, id});
        for (const auto user : users) {
          if (send[user].empty() || send[user].back() != entity) send[user].push_back(entity);
        }
      }
    }
  }
  return send;
}

/// Edges of local cells between marked vertices, lower local vertex first, sorted.
std::vector<std::array<std::int32_t, 2>> edges_between(const Mesh& mesh, const std::vector<char>& marked) {
  const auto& cell = topology(mesh.cell);
  std::vector<std::array<std::int32_t, 2>> edges;
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    const auto* vertices = mesh.cell_vertices.data() + std::size_t(c) * cell.num_vertices;
    for (int e = 0; e < cell.num_edges; ++e) {
      const auto [a, b] = std::minmax(vertices[cell.edges[e][0]], vertices[cell.edges[e][1]]);
      if (marked[a] && marked[b]) edges.push_back({a, b});
    }
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

/// Finds entities among the local cells and stores them in the mesh's sets.
class Matcher {
 public:
  Matcher(Mesh& mesh, const FacetTable& facets, const std::vector<std::pair<std::string, int>>& names)
      : mesh_(mesh), facets_(facets), names_(names), ids_(mesh.vertex_ids), local_(mesh.num_vertices()) {
    for (std::int32_t v = 0; v < mesh.num_vertices(); ++v) local_[ids_.find(mesh.vertex_ids[v])] = v;
    for (const auto& [name, dimension] : names) mesh_.sets[name].dimension = dimension;
  }

  /// \param entities sorted and distinct.
  /// \param failures entities that belong to no cell are added
  void run(const std::vector<Entity>& entities, std::vector<Failure>& failures) {
    const bool has_edges = mesh_.dim == 3 && std::any_of(entities.begin(), entities.end(),
                                                         [](const Entity& e) { return e.num_vertices == 2; });
    if (has_edges) {
      std::vector<char> marked(mesh_.num_vertices(), 0);
      for (const auto& entity : entities) {
        const auto vertices = local(entity);
        if (entity.num_vertices != 2 || !vertices) continue;
        for (const auto v : *vertices) marked[v] = 1;
      }
      edges_ = edges_between(mesh_, marked);
    }
    for (const auto& entity : entities) {
      if (!add(entity)) failures.push_back({entity});
    }
    for (const auto& [name, dimension] : names_) {
      auto& facets = mesh_.sets[name].facets;
      std::sort(facets.begin(), facets.end());
    }
  }

 private:
  /// Local vertices of an entity; nothing where one is not on this rank.
  std::optional<std::vector<std::int32_t>> local(const Entity& entity) const {
    std::vector<std::int32_t> vertices;
    for (const auto id : entity.ids()) {
      const auto position = ids_.find(id);
      if (position < 0) return std::nullopt;
      vertices.push_back(local_[position]);
    }
    return vertices;
  }

  /// \returns whether a cell has the entity.
  bool add(const Entity& entity) {
    const auto vertices = local(entity);
    if (!vertices) return false;
    auto& set = mesh_.sets[names_[entity.set].first];
    if (set.dimension == mesh_.dim - 1) {
      const auto facet = facets_.find(*vertices);
      if (facet) set.facets.push_back(*facet);
      return facet.has_value();
    }
    if (set.dimension == 1) {
      const auto [a, b] = std::minmax(vertices->front(), vertices->back());
      if (!std::binary_search(edges_.begin(), edges_.end(), std::array{a, b})) return false;
    }
    set.vertices.insert(set.vertices.end(), vertices->begin(), vertices->end());
    return true;
  }

  Mesh& mesh_;
  const FacetTable& facets_;
  const std::vector<std::pair<std::string, int>>& names_;
  SortedIds ids_;
  std::vector<std::int32_t> local_;  ///< local vertex at each position of ids_
  std::vector<std::array<std::int32_t, 2>> edges_;
};

/// Why a set cannot be one of the mesh's, by its names, dimensions and numbers of corners; empty where it can.
std::string reason_against(const sdk::RawMesh& raw, const std::string& name, const sdk::RawEntities& set) {
  if (name == "all") return "the whole boundary is called so: name the set otherwise";
  if (set.dimension < 0 || set.dimension >= raw.dimension) {
    return fmt::format("it has dimension {} in a mesh of dimension {}: name volumes as regions", set.dimension,
                       raw.dimension);
  }
  const bool is_facets = set.dimension == raw.dimension - 1;
  const int most = is_facets ? topology(raw.cell).most_facet_vertices() : set.dimension + 1;
  const int least = is_facets ? raw.dimension : most;  // a quadrilateral may be collapsed to a triangle
  for (std::size_t e = 0; e + 1 < set.offsets.size(); ++e) {
    const auto corners = set.offsets[e + 1] - set.offsets[e];
    if (corners < least || corners > most) {
      return fmt::format(
          "it has an entity with {} corners where the cells need {}: mesh it with the facets of the cells", corners,
          most);
    }
  }
  return {};
}

}  // namespace

RawSets sort_sets(const sdk::RawMesh& raw) {
  RawSets sets{{}, raw.unusable};
  for (const auto& [name, set] : raw.sets) {
    const auto broken = [&, &name = name](const std::string& what) {
      throw Error(ErrorKind::mesh, fmt::format("set \"{}\" {}", name, what), "mesh reader",
                  "the plugin that read this file breaks the contract of MeshReader, or the mesh file is damaged");
    };
    if (set.offsets.empty() || set.offsets.front() != 0 || !std::ranges::is_sorted(set.offsets) ||
        set.offsets.back() != static_cast<std::int64_t>(set.vertices.size())) {
      broken("has offsets that do not fit its vertices");
    }
    for (const auto id : set.vertices) {
      if (id < 0 || id >= raw.num_points()) broken(fmt::format("refers to point {} of {}", id, raw.num_points()));
    }
    if (auto reason = reason_against(raw, name, set); !reason.empty()) {
      sets.unusable[name] = std::move(reason);
    } else {
      sets.usable.emplace_back(name, &set);
    }
  }
  return sets;
}

void distribute_sets(const RawSets& sets, const VertexHomes& homes, const FacetTable& facets, Mesh& mesh) {
  const auto& comm = mesh.comm;
  const auto names = share_names(comm, sets);
  share_unusable(sets, mesh);
  const auto at_home = comm.exchange(comm.is_root() ? entities_by_home(sets, homes.blocks())
                                                    : std::vector<std::vector<Entity>>(comm.size()));
  std::vector<Failure> failures;
  std::vector<Entity> entities;
  for (const auto& part : comm.exchange(entities_by_user(at_home, homes, comm.rank(), failures))) {
    entities.insert(entities.end(), part.begin(), part.end());
  }
  std::sort(entities.begin(), entities.end());
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  Matcher(mesh, facets, names).run(entities, failures);

  std::ranges::sort(failures);
  const auto same_set = [](const Failure& a, const Failure& b) { return a.entity.set == b.entity.set; };
  failures.erase(std::unique(failures.begin(), failures.end(), same_set), failures.end());
  auto all = comm.gather_all(std::span<const Failure>(failures));
  std::ranges::sort(all, std::greater());
  for (const auto& failure : all) {
    const auto& name = names[failure.entity.set].first;
    mesh.sets.erase(name);
    mesh.unusable[name] = failure.text();
  }
}

}  // namespace ansatz::mesh
