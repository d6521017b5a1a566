#include "engine/mesh/distribution/distribute.hpp"

#include <fmt/format.h>

#include <numeric>

#include "engine/base/narrow.hpp"
#include "engine/mesh/distribution/dual_graph.hpp"
#include "engine/mesh/distribution/hilbert.hpp"
#include "engine/mesh/distribution/partition.hpp"
#include "engine/mesh/distribution/raw_check.hpp"
#include "engine/mesh/distribution/raw_sets.hpp"
#include "engine/mesh/topology/facets.hpp"
#include "engine/mesh/topology/vertex_homes.hpp"

namespace ansatz::mesh {
namespace {

using Raw = std::optional<sdk::RawMesh>;
using Messages = std::vector<std::vector<std::int64_t>>;

/// Sizes of the mesh on all ranks, and the layout of a cell in flight: id, region, nodes.
struct Layout {
  CellType cell;
  int dim;
  int degree;
  int num_vertices;
  int num_nodes;
  std::int64_t num_cells;
  std::int64_t num_points;

  std::size_t width() const { return num_nodes + 2; }
  std::size_t count(const std::vector<std::int64_t>& records) const { return records.size() / width(); }
  std::span<const std::int64_t> record(const std::vector<std::int64_t>& records, std::size_t c) const {
    return std::span(records).subspan(c * width(), width());
  }
  std::span<const std::int64_t> corners(const std::vector<std::int64_t>& records, std::size_t c) const {
    return std::span(records).subspan(c * width() + 2, num_vertices);
  }
};

Layout share_layout(const base::Communicator& comm, const Raw& raw) {
  Layout layout{};
  if (comm.is_root()) {
    layout = {raw->cell,
              raw->dimension,
              raw->geometry_degree,
              topology(raw->cell).num_vertices,
              static_cast<int>(lagrange_nodes(raw->cell, raw->geometry_degree).size()),
              static_cast<std::int64_t>(raw->cell_region.size()),
              raw->num_points()};
  }
  comm.broadcast(&layout, sizeof layout);
  return layout;
}

/// The texts of rank 0 on every rank. *Collective.*
std::vector<std::string> share(const base::Communicator& comm, std::vector<std::string> texts) {
  auto count = texts.size();
  comm.broadcast(&count, sizeof count);
  texts.resize(count);
  for (auto& text : texts) text = comm.broadcast(text);
  return texts;
}

template <class T>
void append(std::vector<T>& to, std::span<const T> part) {
  to.insert(to.end(), part.begin(), part.end());
}

/// Blocks of cells from rank 0, as records; `inverted` cells are mirrored on the way.
std::vector<std::int64_t> scatter_cells(const base::Communicator& comm, const Layout& layout, const Blocks& cells,
                                        const Raw& raw, std::span<const std::int64_t> inverted) {
  Messages send(comm.size());
  if (comm.is_root()) {
    const auto mirrored = mirrored_nodes(layout.cell, layout.degree);
    auto next_inverted = inverted.begin();
    for (int r = 0; r < comm.size(); ++r) {
      send[r].reserve(cells.size(r) * layout.width());
      for (auto c = cells.begin(r); c < cells.begin(r + 1); ++c) {
        const bool invert = next_inverted != inverted.end() && *next_inverted == c;
        next_inverted += invert;
        send[r].push_back(c);
        send[r].push_back(raw->cell_region[c]);
        for (int i = 0; i < layout.num_nodes; ++i) {
          send[r].push_back(raw->cells[c * layout.num_nodes + (invert ? mirrored[i] : i)]);
        }
      }
    }
  }
  return std::move(comm.exchange(send)[0]);
}

/// Blocks of coordinates from rank 0. Shape (block size, dim).
std::vector<double> scatter_points(const base::Communicator& comm, const Layout& layout, const Blocks& points,
                                   const Raw& raw) {
  std::vector<std::vector<double>> send(comm.size());
  if (comm.is_root()) {
    for (int r = 0; r < comm.size(); ++r) {
      send[r].reserve(points.size(r) * layout.dim);
      for (auto p = points.begin(r); p < points.begin(r + 1); ++p) {
        for (int k = 0; k < layout.dim; ++k) send[r].push_back(raw->points[p * 3 + k]);
      }
    }
  }
  return std::move(comm.exchange(send)[0]);
}

/// Partitions the blocks of cells and sends every cell to its owner. *Collective.*
std::vector<std::int64_t> send_to_owners(const base::Communicator& comm, const Layout& layout, const Blocks& cells,
                                         const Blocks& points, std::vector<std::int64_t> records) {
  if (comm.size() == 1) return records;
  const auto num_cells = layout.count(records);
  std::vector<std::int32_t> parts(num_cells);
  if (layout.num_cells <= comm.size()) {
    for (std::size_t c = 0; c < num_cells; ++c) parts[c] = static_cast<std::int32_t>(layout.record(records, c)[0]);
  } else {
    std::vector<std::int64_t> corners;
    corners.reserve(num_cells * layout.num_vertices);
    for (std::size_t c = 0; c < num_cells; ++c) append(corners, layout.corners(records, c));
    const auto graph = dual_graph(comm, layout.cell, cells, points, corners);
    parts = partition_graph(comm, graph.offsets, graph.neighbours);
  }
  Messages send(comm.size());
  for (std::size_t c = 0; c < num_cells; ++c) append(send[parts[c]], layout.record(records, c));
  records.clear();
  for (const auto& part : comm.exchange(send)) append(records, std::span(part));
  return records;
}

SortedIds distinct_corners(const Layout& layout, const std::vector<std::int64_t>& records) {
  std::vector<std::int64_t> ids;
  ids.reserve(layout.count(records) * layout.num_vertices);
  for (std::size_t c = 0; c < layout.count(records); ++c) append(ids, layout.corners(records, c));
  return SortedIds(std::move(ids));
}

/// Cells of other ranks that share a vertex with an owned cell.
struct Ghosts {
  std::vector<std::int64_t> records;
  std::vector<std::int32_t> owners;
};

/// Sends owned cells to the ranks that need them as ghosts, and receives this rank's ghosts, by id. *Collective.*
Ghosts exchange_ghosts(const base::Communicator& comm, const Layout& layout, const VertexHomes& homes,
                       const SortedIds& corners, const std::vector<std::int64_t>& owned) {
  const auto shared = homes.shared();
  std::vector<std::int32_t> first_shared(corners.size() + 1, 0);
  for (const auto& vertex : shared) ++first_shared[corners.find(vertex.id) + 1];
  std::partial_sum(first_shared.begin(), first_shared.end(), first_shared.begin());

  Messages send(comm.size());
  std::vector<std::int64_t> last_sent(comm.size(), -1);
  for (std::size_t c = 0; c < layout.count(owned) && !shared.empty(); ++c) {
    for (const auto id : layout.corners(owned, c)) {
      const auto v = corners.find(id);
      for (auto i = first_shared[v]; i < first_shared[v + 1]; ++i) {
        const int rank = shared[i].rank;
        if (last_sent[rank] == static_cast<std::int64_t>(c)) continue;
        last_sent[rank] = static_cast<std::int64_t>(c);
        append(send[rank], layout.record(owned, c));
      }
    }
  }
  const auto received = comm.exchange(send);

  struct Place {
    std::int64_t id;
    std::int32_t owner;
    std::size_t index;
    auto operator<=>(const Place&) const = default;
  };
  std::vector<Place> order;
  for (int r = 0; r < comm.size(); ++r) {
    for (std::size_t c = 0; c < layout.count(received[r]); ++c)
      order.push_back({layout.record(received[r], c)[0], r, c});
  }
  std::sort(order.begin(), order.end());
  Ghosts ghosts;
  for (const auto& place : order) {
    append(ghosts.records, layout.record(received[place.owner], place.index));
    ghosts.owners.push_back(place.owner);
  }
  return ghosts;
}

/// Coordinates of these points from their homes. Shape (ids, dim). *Collective.*
std::vector<double> fetch_points(const base::Communicator& comm, const Layout& layout, const Blocks& points,
                                 const std::vector<double>& block, std::span<const std::int64_t> ids) {
  Messages wanted(comm.size());
  for (const auto id : ids) wanted[points.home(id)].push_back(id);
  const auto asked = comm.exchange(wanted);
  std::vector<std::vector<double>> answers(comm.size());
  for (int r = 0; r < comm.size(); ++r) {
    for (const auto id : asked[r]) {
      append(answers[r], std::span(block).subspan((id - points.begin(comm.rank())) * layout.dim, layout.dim));
    }
  }
  std::vector<double> coordinates;
  coordinates.reserve(ids.size() * layout.dim);
  for (const auto& part : comm.exchange(answers)) append(coordinates, std::span(part));
  return coordinates;
}

/// Order of the owned cells along a Hilbert curve through their centres.
std::vector<std::int32_t> owned_order(const Layout& layout, const std::vector<std::int64_t>& owned,
                                      const SortedIds& nodes, std::span<const double> coordinates) {
  const auto num_cells = layout.count(owned);
  std::vector<double> centres(num_cells * layout.dim, 0.0);
  std::vector<std::int64_t> ids(num_cells);
  for (std::size_t c = 0; c < num_cells; ++c) {
    ids[c] = layout.record(owned, c)[0];
    for (const auto id : layout.corners(owned, c)) {
      const auto p = std::size_t(nodes.find(id));
      for (int k = 0; k < layout.dim; ++k)
        centres[c * layout.dim + k] += coordinates[p * layout.dim + k] / layout.num_vertices;
    }
  }
  return hilbert_order(centres, layout.dim, ids);
}

SortedIds distinct_nodes(const Layout& layout, const std::vector<std::int64_t>& owned, const Ghosts& ghosts) {
  std::vector<std::int64_t> ids;
  for (const auto* records : {&owned, &ghosts.records}) {
    for (std::size_t c = 0; c < layout.count(*records); ++c) append(ids, layout.record(*records, c).subspan(2));
  }
  return SortedIds(std::move(ids));
}

/// Local numbering of owned cells and ghosts. `coordinates` are those of `nodes`.
void number_locally(const Layout& layout, const std::vector<std::int64_t>& owned, const Ghosts& ghosts,
                    const SortedIds& nodes, std::span<const double> coordinates, Mesh& mesh) {
  base::narrow<std::int32_t>(layout.count(owned) + ghosts.owners.size(), "cells on one rank");
  const auto order = owned_order(layout, owned, nodes, coordinates);
  mesh.num_owned_cells = static_cast<std::int32_t>(order.size());
  mesh.ghost_owners = ghosts.owners;
  const auto add = [&](std::span<const std::int64_t> record) {
    mesh.cell_ids.push_back(record[0]);
    mesh.cell_region.push_back(static_cast<std::int32_t>(record[1]));
    for (int i = 0; i < layout.num_nodes; ++i) {
      const auto p = nodes.find(record[2 + i]);
      mesh.cell_points.push_back(p);
      if (i < layout.num_vertices) mesh.cell_vertices.push_back(p);
    }
  };
  for (const auto c : order) add(layout.record(owned, c));
  for (std::size_t c = 0; c < ghosts.owners.size(); ++c) add(layout.record(ghosts.records, c));

  for (const auto p : number_by_visit(mesh.cell_vertices, nodes.size())) mesh.vertex_ids.push_back(nodes.ids()[p]);
  for (const auto p : number_by_visit(mesh.cell_points, nodes.size())) {
    mesh.point_ids.push_back(nodes.ids()[p]);
    append(mesh.points, coordinates.subspan(std::size_t(p) * layout.dim, layout.dim));
  }
}

void check_facets(const FacetTable& facets, const Mesh& mesh) {
  if (const auto facet = facets.overcrowded()) {
    throw sdk::Error(sdk::ErrorKind::mesh,
                     fmt::format("facet {} of cell {} belongs to more than two cells", facet->local_facet,
                                 mesh.cell_ids[facet->cell]),
                     {}, "cells overlap or occur twice in the mesh file: remove the duplicates");
  }
}

}  // namespace

Mesh distribute(const base::Communicator& comm, const std::optional<sdk::RawMesh>& raw) {
  std::vector<std::int64_t> inverted;
  RawSets sets;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    if (!raw) throw sdk::Error(sdk::ErrorKind::internal, "rank 0 has no mesh to distribute", "mesh::distribute");
    inverted = check_raw_mesh(*raw);
    sets = sort_sets(*raw);
  });
  const Layout layout = share_layout(comm, raw);
  const Blocks cells{layout.num_cells, comm.size()}, points{layout.num_points, comm.size()};
  const auto owned = send_to_owners(comm, layout, cells, points, scatter_cells(comm, layout, cells, raw, inverted));
  SortedIds corners({});
  base::agree(comm, [&] { corners = distinct_corners(layout, owned); });
  const VertexHomes homes(comm, points, corners.ids());
  const auto ghosts = exchange_ghosts(comm, layout, homes, corners, owned);
  SortedIds nodes({});
  base::agree(comm, [&] { nodes = distinct_nodes(layout, owned, ghosts); });
  const auto coordinates = fetch_points(comm, layout, points, scatter_points(comm, layout, points, raw), nodes.ids());

  Mesh mesh{.comm = comm, .cell = layout.cell, .dim = layout.dim, .geometry_degree = layout.degree};
  mesh.region_names = share(comm, comm.is_root() ? raw->region_names : std::vector<std::string>());
  mesh.warnings = share(comm, comm.is_root() ? raw->warnings : std::vector<std::string>());
  mesh.num_global_cells = layout.num_cells;
  mesh.num_global_vertices = homes.num_used();
  base::agree(comm, [&] { number_locally(layout, owned, ghosts, nodes, coordinates, mesh); });

  const FacetTable facets(mesh);
  base::agree(comm, [&] { check_facets(facets, mesh); });
  distribute_sets(sets, homes, facets, mesh);
  mesh.sets["all"] = EntitySet{mesh.dim - 1, facets.exterior(), {}};
  return mesh;
}

}  // namespace ansatz::mesh
