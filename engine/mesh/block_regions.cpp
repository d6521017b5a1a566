#include <algorithm>
#include <limits>

#include "engine/mesh/refine.hpp"

namespace ansatz::mesh {

std::vector<double> bounding_box(const Mesh& mesh) {
  std::vector<double> low(mesh.dim, std::numeric_limits<double>::infinity());
  std::vector<double> high(mesh.dim, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < mesh.points.size(); ++i) {
    low[i % mesh.dim] = std::min(low[i % mesh.dim], mesh.points[i]);
    high[i % mesh.dim] = std::max(high[i % mesh.dim], mesh.points[i]);
  }
  std::vector<double> box(2 * mesh.dim);
  for (int k = 0; k < mesh.dim; ++k) {
    box[k] = mesh.comm.min(low[k]);
    box[mesh.dim + k] = mesh.comm.max(high[k]);
  }
  return box;
}

Mesh with_block_regions(const Mesh& mesh, std::span<const int> blocks) {
  bool valid = static_cast<int>(blocks.size()) == mesh.dim;
  for (const int count : blocks) valid = valid && count >= 1;
  if (!valid) {
    throw sdk::Error(sdk::ErrorKind::mesh, "the number of blocks does not fit the mesh", {},
                     "give one number, at least 1, for each of the mesh's " + std::to_string(mesh.dim) + " directions");
  }
  const auto box = bounding_box(mesh);
  Mesh result = mesh;
  result.region_names.clear();
  int num_blocks = 1;
  for (const int count : blocks) num_blocks *= count;
  for (int b = 0; b < num_blocks; ++b) result.region_names.push_back("block_" + std::to_string(b));

  const int corners = mesh.vertices_per_cell(), width = mesh.points_per_cell();
  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) {
    int block = 0;
    for (int k = mesh.dim - 1; k >= 0; --k) {
      double centre = 0.0;
      for (int v = 0; v < corners; ++v) centre += mesh.point(mesh.cell_points[std::size_t(c) * width + v])[k] / corners;
      const double place = (centre - box[k]) / (box[mesh.dim + k] - box[k]) * blocks[k];
      block = block * blocks[k] + std::clamp(static_cast<int>(place), 0, blocks[k] - 1);
    }
    result.cell_region[c] = block;
  }
  return result;
}

}  // namespace ansatz::mesh
