#include "engine/mesh/topology/nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <ranges>

#include "engine/base/narrow.hpp"

namespace ansatz::mesh {
namespace {

constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();

/// The pair of vertices that names an edge, a quadrilateral face or a hexahedron among entities of its kind.
template <class T>
std::pair<T, T> vertex_pair(const LocalNode& node, const T* of_cell) {
  const auto vertex = [&](int i) { return of_cell[node.vertices[i]]; };
  if (node.num_vertices == 2) return std::minmax({vertex(0), vertex(1)});
  int lowest = 0;
  for (int i = 1; i < node.num_vertices; ++i) {
    if (vertex(i) < vertex(lowest)) lowest = i;
  }
  constexpr std::array<int, 8> opposite_in_hexahedron{6, 7, 4, 5, 2, 3, 0, 1};
  const int opposite = node.num_vertices == 4 ? (lowest + 2) % 4 : opposite_in_hexahedron[lowest];
  return {vertex(lowest), vertex(opposite)};
}

/// A node of this rank's local cells: n >= 0 is owned node n, the others are ~n.
using Visited = std::int32_t;

/// Nodes of all local cells. Owned ones are numbered by the first visit of the owned cells, the others apart.
struct VisitedNodes {
  std::vector<Visited> cell_nodes;  ///< (num_cells, nodes per cell)
  std::vector<NodeKey> owned_keys;
  std::vector<NodeKey> other_keys;
  std::vector<std::int32_t> mixed_cells;  ///< with nodes that are not owned
};

/// Visits the nodes of cell after cell, first those that lower ranks own. Nodes of higher entities are found by their
/// pair of vertices: those with the same lower vertex form a short list.
class NodeVisitor {
 public:
  NodeVisitor(const Mesh& mesh, int degree)
      : mesh_(mesh), degree_(degree), local_nodes_(lagrange_nodes(mesh.cell, degree)), heads_(mesh.num_vertices()) {
    out_.cell_nodes.resize(std::size_t(mesh.num_cells()) * local_nodes_.size());
    // Of 2^dim nodes a lattice cell, which 1 / volume cells fill.
    const auto per_cell = degree == 1 ? 0 : std::ceil((1 << mesh.dim) * topology(mesh.cell).volume());
    const auto expected = static_cast<std::size_t>(per_cell) * mesh.num_cells() + mesh.num_vertices();
    out_.owned_keys.reserve(expected);
    if (degree > 1) owned_links_.reserve(expected);
  }

  VisitedNodes run() && {
    const int rank = mesh_.comm.rank();
    visit_ghosts([rank](int owner) { return owner < rank; });
    visiting_owned_ = true;
    visit(0, mesh_.num_owned_cells);
    visiting_owned_ = false;
    visit_ghosts([rank](int owner) { return owner > rank; });
    return std::move(out_);
  }

 private:
  struct Head {
    Visited vertex_node = none;
    Visited first_link = none;  ///< node whose pair has this vertex as the lower one
  };
  struct Link {
    std::int32_t high;
    Visited next;
  };

  template <class Take>
  void visit_ghosts(const Take& take) {
    for (auto c = mesh_.num_owned_cells; c < mesh_.num_cells(); ++c) {
      if (take(mesh_.ghost_owners[c - mesh_.num_owned_cells])) visit(c, c + 1);
    }
  }

  void visit(std::int32_t begin, std::int32_t end) {
    const int num_vertices = mesh_.vertices_per_cell();
    const std::size_t num_nodes = local_nodes_.size();
    for (std::int32_t c = begin; c < end; ++c) {
      const std::int32_t* vertices = mesh_.cell_vertices.data() + std::size_t(c) * num_vertices;
      Visited* nodes = out_.cell_nodes.data() + c * num_nodes;
      Visited lowest = 0;
      for (int k = 0; k < num_vertices; ++k) lowest = std::min(lowest, nodes[k] = vertex_node(vertices[k]));
      for (std::size_t k = num_vertices; k < num_nodes; ++k) {
        lowest = std::min(lowest, nodes[k] = entity_node(local_nodes_[k], vertices));
      }
      if (lowest < 0) out_.mixed_cells.push_back(c);
    }
  }

  Visited vertex_node(std::int32_t vertex) {
    auto& node = heads_[vertex].vertex_node;
    if (node == none) node = add({mesh_.vertex_ids[vertex], mesh_.vertex_ids[vertex]}, {});
    return node;
  }

  Visited entity_node(const LocalNode& entity, const std::int32_t* vertices) {
    if (entity.dimension == mesh_.dim) return add(key(entity, vertices), {});
    const auto [low, high] = vertex_pair(entity, vertices);
    auto& first = heads_[low].first_link;
    for (auto node = first; node != none;) {
      const Link& link = node >= 0 ? owned_links_[node] : other_links_[~node];
      if (link.high == high) return node;
      node = link.next;
    }
    return first = add(key(entity, vertices), {high, first});
  }

  NodeKey key(const LocalNode& entity, const std::int32_t* vertices) const {
    std::array<std::int64_t, 8> ids;
    for (int i = 0; i < mesh_.vertices_per_cell(); ++i) ids[i] = mesh_.vertex_ids[vertices[i]];
    const auto [low, high] = vertex_pair(entity, ids.data());
    return {low, high};
  }

  Visited add(NodeKey key, Link link) {
    auto& keys = visiting_owned_ ? out_.owned_keys : out_.other_keys;
    keys.push_back(key);
    if (degree_ > 1) (visiting_owned_ ? owned_links_ : other_links_).push_back(link);
    const auto number = base::narrow<std::int32_t>(keys.size(), "nodes on one rank") - 1;
    return visiting_owned_ ? number : ~number;
  }

  const Mesh& mesh_;
  int degree_;
  std::span<const LocalNode> local_nodes_;
  std::vector<Head> heads_;                      ///< by vertex
  std::vector<Link> owned_links_, other_links_;  ///< by node
  bool visiting_owned_ = false;
  VisitedNodes out_;
};

/// Asks the owners of the ghost cells for the global numbers of the cells' nodes.
class CellQuestions {
 public:
  explicit CellQuestions(const Mesh& mesh) : mesh_(mesh), asked_(mesh.comm.size()) {
    std::vector<std::vector<std::int64_t>> ids(mesh.comm.size());
    for (std::int32_t c = mesh.num_owned_cells; c < mesh.num_cells(); ++c) {
      const int owner = mesh.ghost_owners[c - mesh.num_owned_cells];
      asked_[owner].push_back(c);
      ids[owner].push_back(mesh.cell_ids[c]);
    }
    const auto wanted_ids = mesh.comm.exchange(ids);
    base::agree(mesh.comm, [&] { find_owned(wanted_ids); });
  }

  /// Fills those of `others`, the global numbers of nodes that are not owned, that are still negative and that the
  /// owners of the ghost cells know. *Collective.*
  void ask(std::span<const Visited> cell_nodes, std::size_t nodes_per_cell, std::int64_t first_global,
           std::span<std::int64_t> others) const {
    const auto nodes_of = [&](std::int32_t c) { return cell_nodes.subspan(c * nodes_per_cell, nodes_per_cell); };
    std::vector<std::vector<std::int64_t>> answers(wanted_.size());
    for (std::size_t r = 0; r < wanted_.size(); ++r) {
      answers[r].reserve(wanted_[r].size() * nodes_per_cell);
      for (const auto c : wanted_[r]) {
        for (const auto node : nodes_of(c)) answers[r].push_back(node >= 0 ? first_global + node : others[~node]);
      }
    }
    answers = mesh_.comm.exchange(answers);
    for (std::size_t r = 0; r < asked_.size(); ++r) {
      auto answer = answers[r].begin();
      for (const auto c : asked_[r]) {
        for (const auto node : nodes_of(c)) {
          if (node < 0 && others[~node] < 0) others[~node] = *answer;
          ++answer;
        }
      }
    }
  }

 private:
  void find_owned(const std::vector<std::vector<std::int64_t>>& wanted_ids) {
    const auto ids = std::span(mesh_.cell_ids).first(mesh_.num_owned_cells);
    std::vector<std::int32_t> order;  // of the ids; empty: they ascend
    if (!std::ranges::is_sorted(ids)) {
      order.resize(ids.size());
      std::iota(order.begin(), order.end(), 0);
      std::ranges::sort(order, {}, [&](std::int32_t c) { return ids[c]; });
    }
    const auto places = std::views::iota(std::int32_t{0}, mesh_.num_owned_cells);
    const auto cell_at = [&](std::int32_t i) { return order.empty() ? i : order[i]; };
    const auto id_at = [&](std::int32_t i) { return ids[cell_at(i)]; };
    wanted_.resize(wanted_ids.size());
    for (std::size_t r = 0; r < wanted_ids.size(); ++r) {
      wanted_[r].reserve(wanted_ids[r].size());
      std::int32_t at = -1;
      for (const auto wanted : wanted_ids[r]) {
        ++at;  // neighbours are often asked for one after the other
        if (at >= mesh_.num_owned_cells || id_at(at) != wanted)
          at = *std::ranges::lower_bound(places, wanted, {}, id_at);
        if (at >= mesh_.num_owned_cells || id_at(at) != wanted) {
          throw sdk::Error(
              sdk::ErrorKind::internal,
              "ghost cell " + std::to_string(wanted) + " is not owned by rank " + std::to_string(mesh_.comm.rank()),
              "mesh::lagrange_node_map");
        }
        wanted_[r].push_back(cell_at(at));
      }
    }
  }

  const Mesh& mesh_;
  std::vector<std::vector<std::int32_t>> asked_;   ///< ghost cells, by owner
  std::vector<std::vector<std::int32_t>> wanted_;  ///< owned cells, by asking rank
};

/// Sorts the nodes that are not owned by their global numbers, and gives all nodes their local numbers. *Collective.*
void number_ghosts(const Mesh& mesh, VisitedNodes&& visited, std::span<const std::int64_t> others, NodeMap& map) {
  const auto first_of_rank = mesh.comm.all_gather(map.first_global);
  std::vector<std::pair<std::int64_t, std::int32_t>> ghosts;
  for (std::size_t k = 0; k < others.size(); ++k) ghosts.emplace_back(others[k], static_cast<std::int32_t>(k));
  std::ranges::sort(ghosts);
  std::vector<std::int32_t> local(others.size());
  for (const auto& [number, k] : ghosts) {
    const auto owner = std::ranges::upper_bound(first_of_rank, number) - first_of_rank.begin() - 1;
    local[k] = map.num_local();
    map.ghost_global.push_back(number);
    map.ghost_owner.push_back(static_cast<std::int32_t>(owner));
    map.ghost_remote.push_back(static_cast<std::int32_t>(number - first_of_rank[owner]));
    visited.owned_keys.push_back(visited.other_keys[k]);
  }
  map.keys = std::move(visited.owned_keys);
  map.cell_nodes = std::move(visited.cell_nodes);
  for (const auto c : visited.mixed_cells) {
    for (auto& node : std::span(map.cell_nodes).subspan(std::size_t(c) * map.nodes_per_cell, map.nodes_per_cell)) {
      if (node < 0) node = local[~node];
    }
  }
}

struct SortEntry {
  NodeKey key;
  std::int32_t source;  ///< rank
  std::int32_t index;   ///< in the message of that rank
  auto operator<=>(const SortEntry&) const = default;
};

/// Sorts by key: into bins by key.low, about one for each entry, then within the bins.
std::vector<SortEntry> sort_by_key(const std::vector<std::vector<NodeKey>>& received) {
  std::size_t count = 0;
  auto lowest = std::numeric_limits<std::int64_t>::max();
  auto highest = std::numeric_limits<std::int64_t>::min();
  for (const auto& keys : received) {
    count += keys.size();
    for (const auto& key : keys) {
      lowest = std::min(lowest, key.low);
      highest = std::max(highest, key.low);
    }
  }
  if (count == 0) return {};
  int shift = 0;
  while (static_cast<std::uint64_t>(highest - lowest) >> shift > count) ++shift;
  const auto bin = [&](const NodeKey& key) { return static_cast<std::size_t>((key.low - lowest) >> shift); };

  std::vector<std::int64_t> ends(bin({highest, 0}) + 2, 0);
  for (const auto& keys : received) {
    for (const auto& key : keys) ++ends[bin(key) + 1];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<SortEntry> sorted(count);
  for (std::size_t r = 0; r < received.size(); ++r) {
    for (std::size_t i = 0; i < received[r].size(); ++i) {
      const auto& key = received[r][i];
      sorted[ends[bin(key)]++] = {key, static_cast<std::int32_t>(r), static_cast<std::int32_t>(i)};
    }
  }
  std::int64_t begin = 0;
  for (const auto end : ends) {
    std::sort(sorted.begin() + begin, sorted.begin() + end);
    begin = end;
  }
  return sorted;
}

/// Edges and faces between equal corners have no nodes of their own. *Collective.* \throws Error of kind mesh.
void refuse_collapsed_cells(const Mesh& mesh) {
  if (topology(mesh.cell).simplex) return;
  const int corners = mesh.vertices_per_cell();
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), count = 0;
  for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
    const auto* of_cell = mesh.cell_vertices.data() + std::size_t(c) * corners;
    bool repeats = false;
    for (int v = 1; v < corners; ++v) repeats = repeats || std::find(of_cell, of_cell + v, of_cell[v]) != of_cell + v;
    count += repeats;
    if (repeats) first = std::min(first, mesh.cell_ids[c]);
  }
  count = mesh.comm.sum(count);
  if (count == 0) return;
  throw sdk::Error(
      sdk::ErrorKind::mesh,
      fmt::format("{} of the mesh's {} {} cells are collapsed: two corners are one point; the first is cell {}", count,
                  mesh.num_global_cells, topology(mesh.cell).name, -mesh.comm.max(-first)),
      {}, "unknowns of order 1 without refinement can use them; for more, mesh without collapsed cells");
}

}  // namespace

NodeMap lagrange_node_map(const Mesh& mesh, int degree) {
  if (degree > 1) refuse_collapsed_cells(mesh);
  NodeMap map;
  map.degree = degree;
  map.nodes_per_cell = static_cast<int>(lagrange_nodes(mesh.cell, degree).size());
  VisitedNodes visited;
  base::agree(mesh.comm, [&] {
    visited = NodeVisitor(mesh, degree).run();
    base::narrow<std::int32_t>(visited.owned_keys.size() + visited.other_keys.size(), "nodes on one rank");
  });
  map.num_owned = static_cast<std::int32_t>(visited.owned_keys.size());
  map.first_global = mesh.comm.exclusive_scan(std::int64_t{map.num_owned});
  map.num_global = mesh.comm.sum(std::int64_t{map.num_owned});
  std::vector<std::int64_t> others(visited.other_keys.size(), -1);  // global numbers
  if (mesh.comm.size() > 1) {
    const CellQuestions questions(mesh);
    // The owner of a node on an owned cell owns one of the ghosts around it; the owner of a ghost knows its nodes then.
    for (int round = 0; round < 2; ++round) {
      questions.ask(visited.cell_nodes, map.nodes_per_cell, map.first_global, others);
    }
  }
  number_ghosts(mesh, std::move(visited), others, map);
  map.exchange = std::make_shared<const base::GhostExchange>(mesh.comm, map.ghost_owner, map.ghost_remote);
  return map;
}

std::vector<std::int64_t> canonical_numbers(const base::Communicator& comm, std::span<const NodeKey> owned_keys) {
  std::int64_t highest = 0;
  for (const auto& key : owned_keys) highest = std::max(highest, key.low);
  const std::int64_t width = comm.max(highest) / comm.size() + 1;
  std::vector<std::vector<NodeKey>> send(comm.size());
  for (const auto& key : owned_keys) send[key.low / width].push_back(key);
  const auto received = comm.exchange(send);

  std::vector<std::vector<std::int64_t>> answers(comm.size());
  for (int r = 0; r < comm.size(); ++r) answers[r].resize(received[r].size());
  const auto sorted = sort_by_key(received);
  const auto first = comm.exclusive_scan(static_cast<std::int64_t>(sorted.size()));
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    answers[sorted[i].source][sorted[i].index] = first + static_cast<std::int64_t>(i);
  }
  answers = comm.exchange(answers);

  std::vector<std::int64_t> numbers;
  numbers.reserve(owned_keys.size());
  std::vector<std::size_t> next(comm.size(), 0);
  for (const auto& key : owned_keys) {
    const auto bucket = key.low / width;
    numbers.push_back(answers[bucket][next[bucket]++]);
  }
  return numbers;
}

}  // namespace ansatz::mesh
