#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/mesh/refinement/refine.hpp"

namespace ansatz::mesh {
namespace {

constexpr double on_border = 1e-6;     // of a cell: how far points of the border may lie from it
constexpr std::size_t most_named = 3;  // cells in the message

/// A cell that a border between blocks cuts.
struct CutCell {
  std::int64_t id;
  int direction;
  double border;
  std::array<double, 3> centre;
};

/// Lattice of blocks in the bounding box of a mesh.
class Lattice {
 public:
  Lattice(const Mesh& mesh, std::span<const int> blocks) : mesh_(mesh), blocks_(blocks), box_(bounding_box(mesh)) {}

  /// Block of a cell that no border cuts, x fastest.
  int block_of(std::int32_t cell) const {
    int block = 0;
    for (int k = mesh_.dim - 1; k >= 0; --k) block = block * blocks_[k] + layer_of(centre(cell)[k], k);
    return block;
  }

  /// The border in direction k that has points of the cell on both sides.
  std::optional<CutCell> cut(std::int32_t cell) const {
    const int width = mesh_.points_per_cell();
    const auto middle = centre(cell);
    for (int k = 0; k < mesh_.dim; ++k) {
      double low = std::numeric_limits<double>::infinity(), high = -low;
      for (int v = 0; v < width; ++v) {
        const double x = mesh_.point(mesh_.cell_points[std::size_t(cell) * width + v])[k];
        low = std::min(low, x);
        high = std::max(high, x);
      }
      const double room = on_border * (high - low);
      const int last = std::min(blocks_[k] - 1, static_cast<int>(place(high, k)) + 1);
      for (int next = std::max(1, static_cast<int>(place(low, k))); next <= last; ++next) {
        const double border = box_[k] + (box_[mesh_.dim + k] - box_[k]) * next / blocks_[k];
        if (low < border - room && high > border + room) return CutCell{mesh_.cell_ids[cell], k, border, middle};
      }
    }
    return std::nullopt;
  }

 private:
  double place(double x, int k) const { return (x - box_[k]) / (box_[mesh_.dim + k] - box_[k]) * blocks_[k]; }
  int layer_of(double x, int k) const { return std::clamp(static_cast<int>(place(x, k)), 0, blocks_[k] - 1); }

  std::array<double, 3> centre(std::int32_t cell) const {
    const int corners = mesh_.vertices_per_cell(), width = mesh_.points_per_cell();
    std::array<double, 3> sum{};
    for (int k = 0; k < mesh_.dim; ++k) {
      for (int v = 0; v < corners; ++v)
        sum[k] += mesh_.point(mesh_.cell_points[std::size_t(cell) * width + v])[k] / corners;
    }
    return sum;
  }

  const Mesh& mesh_;
  std::span<const int> blocks_;
  std::vector<double> box_;
};

/// *Collective.* \throws Error that names the first cells that borders cut.
void refuse_cut_cells(const Mesh& mesh, const Lattice& lattice, const std::string& hint) {
  std::vector<CutCell> cut;
  for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
    if (const auto found = lattice.cut(c)) cut.push_back(*found);
  }
  const auto count = mesh.comm.sum(static_cast<std::int64_t>(cut.size()));
  if (count == 0) return;
  std::ranges::sort(cut, {}, &CutCell::id);
  auto first = mesh.comm.gather_all(std::span<const CutCell>(cut).first(std::min(cut.size(), most_named)));
  std::ranges::sort(first, {}, &CutCell::id);
  first.resize(std::min(first.size(), most_named));
  std::vector<std::string> named;
  for (const auto& cell : first) {
    named.push_back(fmt::format("cell {} around ({:.6g}) by {} = {:.6g}", cell.id,
                                fmt::join(cell.centre.begin(), cell.centre.begin() + mesh.dim, ", "),
                                "xyz"[cell.direction], cell.border));
  }
  throw sdk::Error(sdk::ErrorKind::mesh,
                   fmt::format("the borders between blocks cut {} of {} cells: {}{}", count, mesh.num_global_cells,
                               fmt::join(named, ", "), count > std::int64_t(named.size()) ? ", ..." : ""),
                   {}, hint);
}

}  // namespace

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

Mesh with_block_regions(const Mesh& mesh, std::span<const int> blocks, const std::string& hint) {
  bool valid = static_cast<int>(blocks.size()) == mesh.dim;
  for (const int count : blocks) valid = valid && count >= 1;
  if (!valid) {
    throw sdk::Error(sdk::ErrorKind::mesh, "the number of blocks does not fit the mesh", {},
                     "give one number, at least 1, for each of the mesh's " + std::to_string(mesh.dim) + " directions");
  }
  const Lattice lattice(mesh, blocks);
  refuse_cut_cells(mesh, lattice, hint);
  Mesh result = mesh;
  result.region_names.clear();
  int num_blocks = 1;
  for (const int count : blocks) num_blocks *= count;
  for (int b = 0; b < num_blocks; ++b) result.region_names.push_back("block_" + std::to_string(b));

  for (std::int32_t c = 0; c < mesh.num_cells(); ++c) result.cell_region[c] = lattice.block_of(c);
  return result;
}

}  // namespace ansatz::mesh
