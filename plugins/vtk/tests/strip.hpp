#pragma once
/// A strip of unit squares of two triangles each, one square a rank, as output that tests and the sample program write.

#include <array>
#include <map>
#include <vector>

#include "ansatz/sdk/visual.hpp"

namespace ansatz::tests {

inline double strip_value(double x, double y, double time) { return 2.0 * x + 3.0 * y * y + time; }

inline int strip_cells(int num_ranks, int empty_rank) { return 2 * (num_ranks - (empty_rank >= 0 ? 1 : 0)); }

struct StripFields {
  std::vector<double> u, v, centre;
  std::vector<sdk::VisualField> list() const {
    using enum sdk::VisualLocation;
    return {{"u", "K", points, 1, u}, {"v", "m/s", points, 3, v}, {"centre", "m", cells, 1, centre}};
  }
};

struct Strip {
  sdk::VisualMesh mesh;

  /// u = strip_value, v = (-y, x, 0), and per cell the middle of its extent in x.
  StripFields fields(double time) const {
    StripFields out;
    for (std::size_t p = 0; p < mesh.points.size(); p += 3) {
      const double x = mesh.points[p], y = mesh.points[p + 1];
      out.u.push_back(strip_value(x, y, time));
      out.v.insert(out.v.end(), {-y, x, 0.0});
    }
    for (std::size_t c = 0; c < mesh.types.size(); ++c) {
      out.centre.push_back(mesh.points[3 * static_cast<std::size_t>(mesh.connectivity[mesh.offsets[c]])] + 0.5);
    }
    return out;
  }
};

/// Square [rank, rank + 1] x [0, 1]; nothing on `empty_rank` (-1: no such rank). Quadratic: VTK type 22, else 5.
inline Strip strip(int rank, int /*num_ranks*/, int empty_rank, bool quadratic) {
  Strip out;
  if (rank == empty_rank) return out;
  auto& mesh = out.mesh;
  std::map<std::array<double, 2>, std::int64_t> index;
  const auto point = [&](double x, double y) {
    const auto [it, is_new] = index.emplace(std::array{x, y}, static_cast<std::int64_t>(index.size()));
    if (is_new) mesh.points.insert(mesh.points.end(), {x, y, 0.0});
    return it->second;
  };
  const double x0 = rank;
  for (const auto& corners : {std::array<std::array<double, 2>, 3>{{{x0, 0}, {x0 + 1, 0}, {x0 + 1, 1}}},
                              std::array<std::array<double, 2>, 3>{{{x0, 0}, {x0 + 1, 1}, {x0, 1}}}}) {
    for (const auto& c : corners) mesh.connectivity.push_back(point(c[0], c[1]));
    for (int e = 0; quadratic && e < 3; ++e) {
      const auto &a = corners[e], &b = corners[(e + 1) % 3];
      mesh.connectivity.push_back(point(0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])));
    }
    mesh.offsets.push_back(static_cast<std::int64_t>(mesh.connectivity.size()));
    mesh.types.push_back(quadratic ? 22 : 5);
    mesh.cell_ids.push_back(2 * rank + static_cast<int>(mesh.cell_ids.size()));
  }
  return out;
}

}  // namespace ansatz::tests
