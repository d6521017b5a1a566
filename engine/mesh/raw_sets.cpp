#include "engine/mesh/raw_sets.hpp"

#include <fmt/format.h>

#include <limits>

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

/// Names and dimensions of all sets on all ranks, in the order of the names. *Collective.*
std::vector<std::pair<std::string, int>> share_names(const base::Communicator& comm,
                                                     const std::optional<sdk::RawMesh>& raw) {
  std::vector<std::pair<std::string, int>> sets;
  if (comm.is_root()) {
    for (const auto& [name, entities] : raw->sets) sets.emplace_back(name, entities.dimension);
  }
  auto count = sets.size();
  comm.broadcast(&count, sizeof count);
  sets.resize(count);
  for (auto& [name, dimension] : sets) {
    name = comm.broadcast(name);
    comm.broadcast(&dimension, sizeof dimension);
  }
  return sets;
}

/// Every entity to the homes of all its vertices.
std::vector<std::vector<Entity>> entities_by_home(const sdk::RawMesh& raw, const Blocks& vertices) {
  std::vector<std::vector<Entity>> send(vertices.ranks);
  std::int32_t number = 0;
  for (const auto& [name, entities] : raw.sets) {
    for (std::size_t e = 0; e + 1 < entities.offsets.size(); ++e) {
      Entity entity{number, static_cast<std::int32_t>(entities.offsets[e + 1] - entities.offsets[e])};
      std::copy_n(entities.vertices.begin() + entities.offsets[e], entity.num_vertices, entity.vertices.begin());
      std::sort(entity.vertices.begin(), entity.vertices.end());
      int last = -1;
      for (const auto id : entity.ids()) {
        const int home = vertices.home(id);
        if (home != last) send[home].push_back(entity);
        last = home;
      }
    }
    ++number;
  }
  return send;
}

/// Every entity to all ranks whose owned cells have one of the vertices that are at home here.
std::vector<std::vector<Entity>> entities_by_user(const std::vector<std::vector<Entity>>& received,
                                                  const VertexHomes& homes,
                                                  const std::vector<std::pair<std::string, int>>& names, int here) {
  std::vector<std::vector<Entity>> send(received.size());
  for (const auto& part : received) {
    for (const auto& entity : part) {
      for (const auto id : entity.ids()) {
        if (homes.blocks().home(id) != here) continue;
        const auto users = homes.ranks(id);
        if (users.empty()) {
          throw Error(
              ErrorKind::mesh,
              fmt::format("set \"{}\" refers to point {}, which is no corner of any cell", names[entity.set].first, id),
              {}, "the set lies on geometry that has no cells: remove it, or mesh that geometry too");
        }
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
  void run(const std::vector<Entity>& entities) {
    const bool has_edges = mesh_.dim == 3 && std::any_of(entities.begin(), entities.end(),
                                                         [](const Entity& e) { return e.num_vertices == 2; });
    if (has_edges) {
      std::vector<char> marked(mesh_.num_vertices(), 0);
      for (const auto& entity : entities) {
        if (entity.num_vertices != 2) continue;
        for (const auto v : local(entity)) marked[v] = 1;
      }
      edges_ = edges_between(mesh_, marked);
    }
    for (const auto& entity : entities) add(entity);
    for (const auto& [name, dimension] : names_) {
      auto& facets = mesh_.sets[name].facets;
      std::sort(facets.begin(), facets.end());
    }
  }

 private:
  std::vector<std::int32_t> local(const Entity& entity) const {
    std::vector<std::int32_t> vertices;
    for (const auto id : entity.ids()) {
      const auto position = ids_.find(id);
      if (position < 0) fail(entity);
      vertices.push_back(local_[position]);
    }
    return vertices;
  }

  void add(const Entity& entity) {
    const auto vertices = local(entity);
    auto& set = mesh_.sets[names_[entity.set].first];
    if (set.dimension == mesh_.dim - 1) {
      const auto facet = facets_.find(vertices);
      if (!facet) fail(entity);
      set.facets.push_back(*facet);
      return;
    }
    if (set.dimension == 1) {
      const auto [a, b] = std::minmax(vertices[0], vertices[1]);
      if (!std::binary_search(edges_.begin(), edges_.end(), std::array{a, b})) fail(entity);
    }
    set.vertices.insert(set.vertices.end(), vertices.begin(), vertices.end());
  }

  [[noreturn]] void fail(const Entity& entity) const {
    std::string points;
    for (const auto id : entity.ids()) points += (points.empty() ? "" : ", ") + std::to_string(id);
    throw Error(ErrorKind::mesh,
                fmt::format("set \"{}\" has an entity with points {} that belongs to no cell", names_[entity.set].first,
                            points),
                {}, "the set was meshed apart from the cells: mesh both together, so that they share their points");
  }

  Mesh& mesh_;
  const FacetTable& facets_;
  const std::vector<std::pair<std::string, int>>& names_;
  SortedIds ids_;
  std::vector<std::int32_t> local_;  ///< local vertex at each position of ids_
  std::vector<std::array<std::int32_t, 2>> edges_;
};

}  // namespace

void check_raw_sets(const sdk::RawMesh& raw) {
  for (const auto& [name, set] : raw.sets) {
    const auto fail = [&, &name = name](const std::string& what, const std::string& hint) {
      throw Error(ErrorKind::mesh, fmt::format("set \"{}\" {}", name, what), {}, hint);
    };
    if (name == "all") fail("has a reserved name", "\"all\" is the whole exterior boundary: name the set otherwise");
    if (set.dimension < 0 || set.dimension >= raw.dimension) {
      fail(fmt::format("has dimension {} in a mesh of dimension {}", set.dimension, raw.dimension),
           "sets hold boundary facets, lines and points; name volumes as regions");
    }
    const int wanted = set.dimension == raw.dimension - 1 ? topology(raw.cell).facet_vertices : set.dimension + 1;
    if (set.offsets.empty() || set.offsets.front() != 0 ||
        set.offsets.back() != static_cast<std::int64_t>(set.vertices.size())) {
      fail("has offsets that do not fit its vertices",
           "the plugin that read this file breaks the contract of MeshReader");
    }
    for (std::size_t e = 0; e + 1 < set.offsets.size(); ++e) {
      if (set.offsets[e + 1] - set.offsets[e] != wanted) {
        fail(fmt::format("has an entity with {} corners where the cells need {}", set.offsets[e + 1] - set.offsets[e],
                         wanted),
             "mesh the boundary with the facets of the cells");
      }
    }
    for (const auto id : set.vertices) {
      if (id < 0 || id >= raw.num_points()) {
        fail(fmt::format("refers to point {} of {}", id, raw.num_points()), "the mesh file is damaged: write it again");
      }
    }
  }
}

void distribute_sets(const std::optional<sdk::RawMesh>& raw, const VertexHomes& homes, const FacetTable& facets,
                     Mesh& mesh) {
  const auto& comm = mesh.comm;
  const auto names = share_names(comm, raw);
  std::vector<std::vector<Entity>> send(comm.size());
  if (comm.is_root()) send = entities_by_home(*raw, homes.blocks());
  const auto at_home = comm.exchange(send);
  base::agree(comm, [&] { send = entities_by_user(at_home, homes, names, comm.rank()); });

  std::vector<Entity> entities;
  for (const auto& part : comm.exchange(send)) entities.insert(entities.end(), part.begin(), part.end());
  std::sort(entities.begin(), entities.end());
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  base::agree(comm, [&] { Matcher(mesh, facets, names).run(entities); });
}

}  // namespace ansatz::mesh
