#include "engine/mesh/distribution/dual_graph.hpp"

#include <limits>

namespace ansatz::mesh {
namespace {

constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

struct CellFacet {
  std::array<std::int64_t, 4> vertices;  ///< ascending, then `none`
  std::int64_t cell;
  auto operator<=>(const CellFacet&) const = default;
};

struct Neighbours {
  std::int64_t cell;
  std::int64_t other;
  auto operator<=>(const Neighbours&) const = default;
};

/// All facets of this rank's cells, to the home of their lowest vertex.
std::vector<std::vector<CellFacet>> facets_by_home(CellType type, std::int64_t first_cell, const Blocks& vertices,
                                                   std::span<const std::int64_t> corners) {
  const auto& cell = topology(type);
  std::vector<std::vector<CellFacet>> send(vertices.ranks);
  const auto num_cells = corners.size() / cell.num_vertices;
  for (std::size_t c = 0; c < num_cells; ++c) {
    for (int f = 0; f < cell.num_facets; ++f) {
      CellFacet facet{{none, none, none, none}, first_cell + static_cast<std::int64_t>(c)};
      for (int i = 0; i < cell.facets[f].size(); ++i)
        facet.vertices[i] = corners[c * cell.num_vertices + cell.facets[f][i]];
      std::sort(facet.vertices.begin(), facet.vertices.end());
      send[vertices.home(facet.vertices[0])].push_back(facet);
    }
  }
  return send;
}

}  // namespace

CellGraph dual_graph(const base::Communicator& comm, CellType type, const Blocks& cells, const Blocks& vertices,
                     std::span<const std::int64_t> corners) {
  std::vector<CellFacet> facets;
  for (const auto& part : comm.exchange(facets_by_home(type, cells.begin(comm.rank()), vertices, corners))) {
    facets.insert(facets.end(), part.begin(), part.end());
  }
  std::sort(facets.begin(), facets.end());

  std::vector<std::vector<Neighbours>> send(comm.size());
  for (std::size_t first = 0; first < facets.size();) {
    auto last = first + 1;
    while (last < facets.size() && facets[last].vertices == facets[first].vertices) ++last;
    for (auto i = first; i < last; ++i) {
      for (auto j = first; j < last; ++j) {
        const auto a = facets[i].cell, b = facets[j].cell;
        if (a != b) send[cells.home(a)].push_back({a, b});
      }
    }
    first = last;
  }
  std::vector<Neighbours> pairs;
  for (const auto& part : comm.exchange(send)) pairs.insert(pairs.end(), part.begin(), part.end());
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());

  CellGraph graph;
  graph.offsets.assign(cells.size(comm.rank()) + 1, 0);
  for (const auto& pair : pairs) {
    ++graph.offsets[pair.cell - cells.begin(comm.rank()) + 1];
    graph.neighbours.push_back(pair.other);
  }
  for (std::size_t c = 1; c < graph.offsets.size(); ++c) graph.offsets[c] += graph.offsets[c - 1];
  return graph;
}

}  // namespace ansatz::mesh
