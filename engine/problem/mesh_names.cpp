#include "engine/problem/mesh_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ansatz/sdk/text.hpp"

namespace ansatz::problem {
namespace {

/// \param kind "region" or "boundary", of which these are all
[[noreturn]] void refuse(const mesh::Mesh& mesh, const std::string& kind, const std::string& name,
                         const std::vector<std::string>& names, const input::Location& at) {
  if (const auto reason = mesh.unusable.find(name); reason != mesh.unusable.end()) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the {} \"{}\" of the mesh file cannot be used: {}", kind, name, reason->second),
                     at.text());
  }
  const auto near = sdk::did_you_mean(name, names);
  throw sdk::Error(sdk::ErrorKind::case_file, fmt::format("the mesh has no {} \"{}\"", kind, name), at.text(),
                   fmt::format("{}{}its {} are: {}", near, near.empty() ? "" : " ",
                               kind == "region" ? "regions" : "boundaries", fmt::join(names, ", ")));
}

}  // namespace

int region_named(const mesh::Mesh& mesh, const std::string& name, const input::Location& at) {
  const auto found = std::ranges::find(mesh.region_names, name);
  if (found == mesh.region_names.end()) refuse(mesh, "region", name, mesh.region_names, at);
  return static_cast<int>(found - mesh.region_names.begin());
}

const mesh::EntitySet& set_named(const mesh::Mesh& mesh, const std::string& name, const input::Location& at) {
  if (const auto found = mesh.sets.find(name); found != mesh.sets.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, ignored] : mesh.sets) names.push_back(known);
  refuse(mesh, "boundary", name, names, at);
}

bool has_edges_between_points(const mesh::Mesh& mesh, const mesh::EntitySet& set) {
  std::int64_t count = 0;
  if (set.dimension == 0 && mesh.dim > 1) {
    const auto& cell = mesh::topology(mesh.cell);
    std::vector<char> marked(mesh.num_vertices(), 0);
    for (const auto v : set.vertices) marked[v] = 1;
    for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
      const auto* vertices = mesh.cell_vertices.data() + std::size_t(c) * cell.num_vertices;
      for (int e = 0; e < cell.num_edges; ++e)
        count += marked[vertices[cell.edges[e][0]]] && marked[vertices[cell.edges[e][1]]];
    }
  }
  return mesh.comm.sum(count) > 0;
}

}  // namespace ansatz::problem
