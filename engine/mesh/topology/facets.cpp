#include "engine/mesh/topology/facets.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace ansatz::mesh {
namespace {

constexpr std::int32_t none = std::numeric_limits<std::int32_t>::max();

}  // namespace

std::vector<char> vertices_of_owned_cells(const Mesh& mesh) {
  std::vector<char> owned(mesh.num_vertices(), 0);
  const std::size_t used = std::size_t(mesh.num_owned_cells) * mesh.vertices_per_cell();
  for (std::size_t i = 0; i < used; ++i) owned[mesh.cell_vertices[i]] = 1;
  return owned;
}

std::pair<std::int32_t, FacetTable::Entry> FacetTable::entry_of(std::span<const std::int32_t> vertices) {
  std::array<std::int32_t, 4> sorted{none, none, none, none};
  std::copy(vertices.begin(), vertices.end(), sorted.begin());
  std::sort(sorted.begin(), sorted.end());
  std::fill(std::unique(sorted.begin(), sorted.end()), sorted.end(),
            none);  // facets of collapsed cells name a vertex twice
  return {sorted[0], {{sorted[1], sorted[2], sorted[3]}, {}}};
}

template <class Visit>
void FacetTable::for_each_facet(const Mesh& mesh, const Visit& visit) const {
  const auto owned = vertices_of_owned_cells(mesh);
  const auto& cell = topology(mesh.cell);
  std::array<std::int32_t, 4> vertices;
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    const std::int32_t* of_cell = mesh.cell_vertices.data() + std::size_t(c) * cell.num_vertices;
    for (std::int32_t f = 0; f < cell.num_facets; ++f) {
      const auto& facet = cell.facets[f];
      bool complete = false;
      for (int i = 0; i < facet.size(); ++i) {
        vertices[i] = of_cell[facet[i]];
        complete = complete || owned[vertices[i]];
      }
      if (!complete) continue;
      auto [lowest, entry] = entry_of({vertices.data(), std::size_t(facet.size())});
      if (mesh.dim > 1 && entry.others[mesh.dim - 2] == none) continue;  // collapsed to a line or a point
      entry.facet = {c, f};
      visit(lowest, entry);
    }
  }
}

FacetTable::FacetTable(const Mesh& mesh) : offsets_(mesh.num_vertices() + 1, 0) {
  for_each_facet(mesh, [&](std::int32_t lowest, const Entry&) { ++offsets_[lowest + 1]; });
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  entries_.resize(offsets_.back());
  auto next = offsets_;
  for_each_facet(mesh, [&](std::int32_t lowest, const Entry& entry) { entries_[next[lowest]++] = entry; });
  for (std::int32_t v = 0; v < mesh.num_vertices(); ++v) {
    std::sort(entries_.begin() + offsets_[v], entries_.begin() + offsets_[v + 1], [&](const Entry& a, const Entry& b) {
      if (a.others != b.others) return a.others < b.others;
      return mesh.cell_ids[a.facet.cell] < mesh.cell_ids[b.facet.cell];
    });
  }
}

std::optional<Facet> FacetTable::find(std::span<const std::int32_t> vertices) const {
  const auto [lowest, wanted] = entry_of(vertices);
  const auto last = entries_.begin() + offsets_[lowest + 1];
  const auto at =
      std::ranges::lower_bound(entries_.begin() + offsets_[lowest], last, wanted.others, {}, &Entry::others);
  if (at != last && at->others == wanted.others) return at->facet;
  return std::nullopt;
}

template <class Visit>
void FacetTable::for_each_run(const Visit& visit) const {
  for (std::size_t v = 0; v + 1 < offsets_.size(); ++v) {
    for (auto first = offsets_[v]; first < offsets_[v + 1];) {
      auto last = first + 1;
      while (last < offsets_[v + 1] && entries_[last].others == entries_[first].others) ++last;
      visit(first, last);
      first = last;
    }
  }
}

std::vector<Facet> FacetTable::exterior() const {
  std::vector<Facet> facets;
  for_each_run([&](std::int32_t first, std::int32_t last) {
    if (last - first == 1) facets.push_back(entries_[first].facet);
  });
  std::sort(facets.begin(), facets.end());
  return facets;
}

std::vector<std::array<Facet, 2>> FacetTable::interior() const {
  std::vector<std::array<Facet, 2>> facets;
  for_each_run([&](std::int32_t first, std::int32_t last) {
    if (last - first == 2) facets.push_back({entries_[first].facet, entries_[first + 1].facet});
  });
  std::sort(facets.begin(), facets.end());
  return facets;
}

std::vector<std::array<std::int32_t, 2>> FacetTable::neighbours() const {
  std::vector<std::array<std::int32_t, 2>> pairs;
  for_each_run([&](std::int32_t first, std::int32_t last) {
    for (auto i = first + 1; i < last; ++i) pairs.push_back({entries_[first].facet.cell, entries_[i].facet.cell});
  });
  return pairs;
}

std::optional<Facet> FacetTable::overcrowded() const {
  std::optional<Facet> found;
  for_each_run([&](std::int32_t first, std::int32_t last) {
    if (last - first > 2) found = entries_[first].facet;
  });
  return found;
}

}  // namespace ansatz::mesh
