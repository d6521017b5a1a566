#include "engine/fem/assembly/facet_sets.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

namespace ansatz::fem {
namespace {

/// Local vertices of a facet, ascending; -1 in what it does not have.
std::array<std::int32_t, 4> vertices_of(const mesh::Mesh& mesh, const mesh::Facet& facet) {
  const auto& topology = mesh::topology(mesh.cell);
  std::array<std::int32_t, 4> vertices;
  vertices.fill(-1);
  const std::int32_t* of_cell = mesh.cell_vertices.data() + std::size_t(facet.cell) * topology.num_vertices;
  const auto& corners = topology.facets[facet.local_facet];
  for (int i = 0; i < corners.size(); ++i) vertices[i] = of_cell[corners[i]];
  std::sort(vertices.begin(), vertices.end());
  return vertices;
}

}  // namespace

std::vector<mesh::Facet> facets_of_local_cells(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets) {
  std::vector<mesh::Facet> all(facets.begin(), facets.end());
  std::unordered_map<std::int64_t, std::uint8_t> flags;  // of owned cells by id: a bit per facet
  for (const auto& facet : facets) {
    if (facet.cell < mesh.num_owned_cells)
      flags[mesh.cell_ids[facet.cell]] |= static_cast<std::uint8_t>(1 << facet.local_facet);
  }
  std::vector<std::vector<std::int64_t>> questions(mesh.comm.size());
  std::vector<std::vector<std::int32_t>> ghosts(mesh.comm.size());
  for (std::int32_t cell = mesh.num_owned_cells; cell < mesh.num_cells(); ++cell) {
    const int owner = mesh.ghost_owners[cell - mesh.num_owned_cells];
    questions[owner].push_back(mesh.cell_ids[cell]);
    ghosts[owner].push_back(cell);
  }
  std::vector<std::vector<std::uint8_t>> answers;
  for (const auto& ids : mesh.comm.exchange(questions)) {
    auto& answer = answers.emplace_back();
    for (const auto id : ids) {
      const auto found = flags.find(id);
      answer.push_back(found == flags.end() ? 0 : found->second);
    }
  }
  const auto replies = mesh.comm.exchange(answers);
  for (int rank = 0; rank < mesh.comm.size(); ++rank) {
    for (std::size_t i = 0; i < replies[rank].size(); ++i) {
      for (int f = 0; f < mesh::topology(mesh.cell).num_facets; ++f) {
        if ((replies[rank][i] >> f & 1U) != 0) all.push_back({ghosts[rank][i], f});
      }
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<mesh::Facet> facets_from_all_sides(const mesh::Mesh& mesh, std::span<const mesh::Facet> facets) {
  std::set<std::array<std::int32_t, 4>> wanted;
  std::vector<char> is_vertex(mesh.num_vertices(), 0);
  for (const auto& facet : facets) {
    const auto vertices = vertices_of(mesh, facet);
    wanted.insert(vertices);
    for (const auto v : vertices) {
      if (v >= 0) is_vertex[v] = 1;
    }
  }
  std::vector<mesh::Facet> all;
  const auto& topology = mesh::topology(mesh.cell);
  const int least = topology.least_facet_vertices();
  for (std::int32_t cell = 0; cell < mesh.num_cells() && !wanted.empty(); ++cell) {
    const auto* of_cell = mesh.cell_vertices.data() + std::size_t(cell) * topology.num_vertices;
    if (std::count_if(of_cell, of_cell + topology.num_vertices, [&](auto v) { return is_vertex[v] != 0; }) < least)
      continue;
    for (std::int32_t f = 0; f < topology.num_facets; ++f) {
      if (wanted.contains(vertices_of(mesh, {cell, f}))) all.push_back({cell, f});
    }
  }
  return all;
}

std::vector<int> nodes_on_facet(mesh::CellType cell, int degree, int local_facet) {
  const auto& vertices = mesh::topology(cell).facets[local_facet];
  const auto local = mesh::lagrange_nodes(cell, degree);
  std::vector<int> found;
  for (std::size_t a = 0; a < local.size(); ++a) {
    if (std::ranges::all_of(local[a].carrier(),
                            [&](int v) { return std::ranges::find(vertices, v) != vertices.end(); })) {
      found.push_back(static_cast<int>(a));
    }
  }
  return found;
}

}  // namespace ansatz::fem
