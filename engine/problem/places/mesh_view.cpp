#include "engine/problem/places/mesh_view.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/mesh/refinement/refine.hpp"

namespace ansatz::problem {
namespace {

constexpr double equal = 1e-9;  // of a period

/// How far apart the two sides of a periodic direction are. *Collective.*
double period_of(const Problem& problem, int direction) {
  const auto& box = *problem.parsed().mesh.box;
  const double scale = problem.parsed().mesh.scale, size = scale * box.size[direction];
  const double origin = box.origin.empty() ? 0.0 : scale * box.origin[direction];
  const auto& mesh = problem.mesh();
  const auto& map = problem.map().expressions();
  if (map.empty()) return size;
  const int dim = mesh.dim;
  double shortest = std::numeric_limits<double>::infinity(), longest = -shortest, aside = 0.0;
  base::agree(mesh.comm, [&] {
    for (std::size_t p = 0; p < problem.map().points_before().size(); p += dim) {
      std::array<double, 3> low{};
      std::copy_n(problem.map().points_before().begin() + static_cast<std::ptrdiff_t>(p), dim, low.begin());
      if (std::abs(low[direction] - origin) > equal * size) continue;
      auto high = low;
      high[direction] += size;
      for (int i = 0; i < dim; ++i) {
        const auto at = [&](const std::array<double, 3>& x) {
          return map[i].evaluate(
              sdk::ExpressionInputs<double>{x.data(), 0.0, problem.parameters().data(), nullptr, nullptr});
        };
        const double distance = at(high) - at(low);
        if (i != direction) {
          aside = std::max(aside, std::abs(distance));
        } else {
          shortest = std::min(shortest, distance);
          longest = std::max(longest, distance);
        }
      }
    }
  });
  shortest = mesh.comm.min(shortest);
  longest = mesh.comm.max(longest);
  if (longest - shortest <= equal * std::abs(longest) && mesh.comm.max(aside) <= equal * std::abs(longest))
    return longest;
  throw sdk::Error(sdk::ErrorKind::case_file, "[mesh] map takes a periodic box to one without a period",
                   problem.parsed().mesh.at.text(),
                   "use a map that goes on periodically, or an ansatz that needs no period");
}

}  // namespace

sdk::MeshView mesh_view(const Problem& problem) {
  const auto& mesh = problem.mesh();
  sdk::MeshView view;
  view.dim = mesh.dim;
  view.geometry_degree = mesh.geometry_degree;
  view.version = problem.form().version();
  view.points = mesh.points;
  view.blocks = {{mesh.cell, mesh.num_owned_cells, mesh.cell_points, mesh.cell_ids, mesh.cell_region}};
  view.regions = mesh.region_names;
  const auto box = mesh::bounding_box(mesh);
  const auto& spec = problem.parsed().mesh.box;
  for (int k = 0; k < mesh.dim; ++k) {
    view.low[k] = box[k];
    view.high[k] = box[mesh.dim + k];
    if (spec && !spec->periodic.empty() && spec->periodic[k]) view.period[k] = period_of(problem, k);
  }
  return view;
}

}  // namespace ansatz::problem
