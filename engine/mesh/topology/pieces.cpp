#include "engine/mesh/topology/pieces.hpp"

#include <algorithm>
#include <numeric>

#include "engine/mesh/topology/facets.hpp"
#include "engine/mesh/topology/numbering.hpp"

namespace ansatz::mesh {
namespace {

/// Disjoint sets of 0 … count - 1; the lowest number of a set stands for it.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }

  std::int32_t find(std::int32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void unite(std::int32_t i, std::int32_t j) {
    i = find(i);
    j = find(j);
    parent_[std::max(i, j)] = std::min(i, j);
  }

 private:
  std::vector<std::int32_t> parent_;
};

/// A cell, or a label, and the label that it has on some rank.
struct Labelled {
  std::int64_t id;
  std::int64_t label;
  auto operator<=>(const Labelled&) const = default;
};

/// The lowest id among the local cells that hang together with each cell.
std::vector<std::int64_t> local_labels(const Mesh& mesh, Link link) {
  DisjointSets sets(mesh.num_cells());
  if (link == Link::facet) {
    for (const auto& [a, b] : FacetTable(mesh).neighbours()) sets.unite(a, b);
  } else {
    std::vector<std::int32_t> first(mesh.num_vertices(), -1);
    const int n = mesh.vertices_per_cell();
    for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
      for (int a = 0; a < n; ++a) {
        auto& other = first[mesh.cell_vertices[std::size_t(c) * n + a]];
        if (other < 0)
          other = c;
        else
          sets.unite(c, other);
      }
    }
  }
  auto labels = mesh.cell_ids;
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    auto& lowest = labels[sets.find(c)];
    lowest = std::min(lowest, mesh.cell_ids[c]);
  }
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) labels[c] = labels[sets.find(c)];
  return labels;
}

/// Pairs of different labels that two ranks gave to one cell, from all ranks.
std::vector<Labelled> equal_labels(const Mesh& mesh, std::span<const std::int64_t> labels) {
  std::vector<std::vector<Labelled>> send(mesh.comm.size());
  for (std::int32_t c = mesh.num_owned_cells; c < mesh.num_cells(); ++c) {
    send[mesh.ghost_owners[c - mesh.num_owned_cells]].push_back({mesh.cell_ids[c], labels[c]});
  }
  std::vector<Labelled> asked, pairs;
  for (const auto& part : mesh.comm.exchange(send)) asked.insert(asked.end(), part.begin(), part.end());
  std::ranges::sort(asked);
  for (std::int32_t c = 0; c < mesh.num_owned_cells && !asked.empty(); ++c) {
    for (const auto& other : std::ranges::equal_range(asked, mesh.cell_ids[c], {}, &Labelled::id)) {
      if (other.label != labels[c]) pairs.push_back({labels[c], other.label});
    }
  }
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return mesh.comm.gather_all(std::span<const Labelled>(pairs));
}

}  // namespace

Pieces connected_pieces(const Mesh& mesh, Link link) {
  const auto labels = local_labels(mesh, link);
  const SortedIds mine(labels);
  const SortedIds all(mesh.comm.gather_all(mine.ids()));
  DisjointSets sets(all.size());
  for (const auto& pair : equal_labels(mesh, labels)) sets.unite(all.find(pair.id), all.find(pair.label));
  Pieces pieces;
  std::vector<std::int32_t> number(all.size());
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(all.size()); ++i) {
    number[i] = sets.find(i) == i ? pieces.count++ : number[sets.find(i)];
  }
  pieces.of_cell.reserve(labels.size());
  for (const auto label : labels) pieces.of_cell.push_back(number[all.find(label)]);
  return pieces;
}

}  // namespace ansatz::mesh
