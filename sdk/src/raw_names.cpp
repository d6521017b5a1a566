#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "ansatz/sdk/raw_mesh.hpp"
#include "mesh_parts.hpp"

namespace ansatz::sdk {
namespace {

using Groups = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

/// The smallest group of each cell, the first among equals; -1 for none.
std::vector<int> smallest_groups(const Groups& groups, std::int64_t num_cells) {
  std::vector<int> order(groups.size()), of_cell(num_cells, -1);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int g) { return groups[g].second.size(); });
  for (auto g = order.rbegin(); g != order.rend(); ++g) {
    for (const auto c : groups[*g].second) of_cell[c] = *g;
  }
  return of_cell;
}

/// A name that is not taken.
std::string free_name(std::string name, const std::set<std::string>& taken) {
  while (taken.contains(name)) name += '_';
  return name;
}

/// The name of what is left of a group in the mesh; why the group itself is unusable goes into `mesh`.
std::string remaining_name(const Groups& groups, std::size_t g, const std::vector<int>& of_cell,
                           const std::set<std::string>& taken, RawMesh& mesh) {
  std::set<int> takers;
  for (const auto c : groups[g].second) takers.insert(of_cell[c]);
  const bool has_rest = takers.erase(static_cast<int>(g)) > 0;
  if (takers.empty()) return groups[g].first;
  std::vector<std::string> names;
  for (const int taker : takers) names.push_back(fmt::format("\"{}\"", groups[taker].first));
  const auto rest = free_name(groups[g].first + "_rest", taken);
  mesh.unusable[groups[g].first] =
      fmt::format("it overlaps {}, and a cell belongs to one region{}", fmt::join(names, ", "),
                  has_rest ? fmt::format(": the rest of it is \"{}\"", rest) : ": use these");
  return rest;
}

/// Distinct points of a set that are corners of cells, ascending.
std::vector<std::int64_t> corner_points(const RawEntities& set, const std::vector<char>& is_corner) {
  std::vector<std::int64_t> points;
  for (const auto p : set.vertices) {
    if (p >= 0 && p < static_cast<std::int64_t>(is_corner.size()) && is_corner[p]) points.push_back(p);
  }
  std::ranges::sort(points);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

}  // namespace

void add_regions(RawMesh& mesh, std::int64_t num_cells, Groups groups) {
  for (auto& [name, cells] : groups) {
    std::ranges::sort(cells);
    cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  }
  const auto of_cell = smallest_groups(groups, num_cells);
  std::set<std::string> taken;
  for (const auto& [name, cells] : groups) taken.insert(name);
  std::vector<char> used(groups.size() + 1, 0);
  for (const int g : of_cell) used[g + 1] = 1;

  std::vector<int> region(groups.size() + 1, -1);
  mesh.region_names.clear();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].second.empty()) continue;
    const auto name = remaining_name(groups, g, of_cell, taken, mesh);
    if (!used[g + 1]) continue;
    region[g + 1] = static_cast<int>(mesh.region_names.size());
    mesh.region_names.push_back(name);
  }
  if (used[0]) {
    region[0] = static_cast<int>(mesh.region_names.size());
    mesh.region_names.push_back(free_name(taken.contains("domain") ? "no_group" : "domain", taken));
  }
  mesh.cell_region.clear();
  for (const int g : of_cell) mesh.cell_region.push_back(region[g + 1]);
}

std::vector<char> corners_of_cells(const RawMesh& mesh) {
  std::vector<char> is_corner(static_cast<std::size_t>(mesh.num_points()), 0);
  const auto width = static_cast<std::size_t>(num_points(mesh.cell, mesh.geometry_degree));
  for (std::size_t i = 0; i < mesh.cells.size(); ++i) {
    if (i % width < static_cast<std::size_t>(num_vertices(mesh.cell))) is_corner[mesh.cells[i]] = 1;
  }
  return is_corner;
}

void add_sets(RawMesh& mesh, std::map<std::pair<std::string, int>, RawEntities> sets) {
  std::set<std::string> taken{"all"};
  for (const auto& [key, set] : sets) taken.insert(key.first);
  const auto is_corner = corners_of_cells(mesh);
  constexpr std::array<const char*, 3> kinds{"points", "lines", "faces"};
  for (auto& [key, set] : sets) {
    const auto& name = key.first;
    if (set.offsets.size() == 1) {
      mesh.unusable.emplace(name, "it is empty in the file");
      continue;
    }
    const bool is_all = name == "all";
    const auto higher = mesh.sets.find(name);
    if (!is_all && higher == mesh.sets.end()) {
      mesh.sets[name] = std::move(set);
      continue;
    }
    if (!is_all && set.dimension == 0 && corner_points(set, is_corner) == corner_points(higher->second, is_corner))
      continue;
    const auto other = free_name(fmt::format("{}_{}", name, kinds.at(set.dimension)), taken);
    taken.insert(other);
    mesh.warnings.push_back(
        fmt::format("the set \"{}\" of {} in the file is called \"{}\" here: \"{}\" {}", name, kinds.at(set.dimension),
                    other, name, is_all ? "is the whole boundary" : "is the set of that name of higher dimension"));
    mesh.sets[other] = std::move(set);
  }
}

}  // namespace ansatz::sdk
