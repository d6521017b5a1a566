#include "engine/mesh/generation/lattice.hpp"

#include <algorithm>
#include <limits>

namespace ansatz::mesh {
namespace {

Axis make_axis(int num_cells, int num_blocks, bool periodic, int block) {
  const auto first_of = [&](int b) { return static_cast<int>(std::int64_t{num_cells} * b / num_blocks); };
  const int begin = first_of(block), end = first_of(block + 1);
  const int others = num_cells - (end - begin);
  const bool ghost_above = periodic ? others >= 1 : end < num_cells;
  const bool ghost_below = periodic ? others >= 2 : begin > 0;
  Axis axis{num_cells, num_blocks, periodic, ghost_below ? 1 : 0, 0, {}};
  axis.owned_end = axis.owned_begin + end - begin;
  for (int c = begin - axis.owned_begin; c < end + (ghost_above ? 1 : 0); ++c) {
    axis.cells.push_back((c + num_cells) % num_cells);
  }
  return axis;
}

}  // namespace

Triple choose_blocks(int size, const Triple& cells) {
  Triple best{1, 1, 1};
  double best_work = std::numeric_limits<double>::max();
  for (int z = std::min(size, cells[2]); z >= 1; --z) {
    for (int y = std::min(size / z, cells[1]); y >= 1; --y) {
      for (int x = std::min(size / z / y, cells[0]); x >= 1; --x) {
        const Triple blocks{x, y, z};
        double owned = 1.0, held = 1.0;
        for (int d = 0; d < 3; ++d) {
          const int largest = (cells[d] + blocks[d] - 1) / blocks[d];
          owned *= largest;
          held *= largest + std::min(blocks[d] - 1, 2);
        }
        const double work = owned + 0.5 * (held - owned);
        const bool more = x * y * z > best[0] * best[1] * best[2];
        if (work < best_work || (work == best_work && more)) {
          best = blocks;
          best_work = work;
        }
      }
    }
  }
  return best;
}

Lattice::Lattice(int dim, const Triple& cells, const std::array<bool, 3>& periodic, const Triple& blocks, int rank)
    : dim_(dim) {
  const bool empty = rank >= blocks[0] * blocks[1] * blocks[2];
  for (int d = 0; d < 3; ++d) {
    axes_[d] = empty ? Axis{cells[d], blocks[d], periodic[d], 0, 0, {}}
                     : make_axis(cells[d], blocks[d], periodic[d], rank % blocks[d]);
    rank /= blocks[d];
  }
}

std::int64_t Lattice::num_global_cells() const {
  return std::int64_t{1} * axes_[0].num_cells * axes_[1].num_cells * axes_[2].num_cells;
}

std::int64_t Lattice::num_owned_cells() const {
  std::int64_t product = 1;
  for (const auto& axis : axes_) product *= axis.owned_end - axis.owned_begin;
  return product;
}

std::int64_t Lattice::cell_id(const Triple& at) const {
  std::int64_t id = 0;
  for (int d = 2; d >= 0; --d) id = id * axes_[d].num_cells + axes_[d].cells[at[d]];
  return id;
}

std::int32_t Lattice::owner(const Triple& at) const {
  std::int32_t rank = 0;
  for (int d = 2; d >= 0; --d) rank = rank * axes_[d].num_blocks + axes_[d].block_of(axes_[d].cells[at[d]]);
  return rank;
}

bool Lattice::is_owned(const Triple& at) const {
  return axes_[0].is_owned(at[0]) && axes_[1].is_owned(at[1]) && axes_[2].is_owned(at[2]);
}

Numbering::Layers Numbering::make_layers(const Axis& axis, bool identify) {
  Layers layers{1, {}, {}, {}, {}};
  const bool wrap = identify && axis.periodic;
  layers.num_global = axis.num_cells + (wrap ? 0 : 1);
  const auto layer = [&](int global) {
    if (!layers.global.empty() && layers.global.back() == global) return static_cast<int>(layers.global.size()) - 1;
    if (!layers.global.empty() && layers.global.front() == global) return 0;
    layers.global.push_back(global);
    layers.owned.push_back(0);
    return static_cast<int>(layers.global.size()) - 1;
  };
  for (int i = 0; i < axis.size(); ++i) {
    const int next = axis.cells[i] + 1;
    layers.low.push_back(layer(axis.cells[i]));
    layers.high.push_back(layer(wrap ? next % axis.num_cells : next));
    if (axis.is_owned(i)) layers.owned[layers.low[i]] = layers.owned[layers.high[i]] = 1;
  }
  return layers;
}

Numbering::Numbering(const Lattice& lattice, bool identify, bool with_centres) : lattice_(lattice) {
  for (int d = 0; d < lattice.dim(); ++d) layers_[d] = make_layers(lattice.axis(d), identify);
  numbers_.assign(num_layers(0) * num_layers(1) * num_layers(2), -1);
  ids_.reserve(numbers_.size() + (with_centres ? lattice.num_owned_cells() : 0));
  for (int z = 0; z < static_cast<int>(num_layers(2)); ++z) {
    for (int y = 0; y < static_cast<int>(num_layers(1)); ++y) {
      if (!layers_[1].owned[y] || !layers_[2].owned[z]) continue;
      for (int x = 0; x < static_cast<int>(num_layers(0)); ++x) {
        if (layers_[0].owned[x]) number(x, y, z);
      }
    }
  }
  first_centre_ = static_cast<std::int32_t>(ids_.size());
  if (with_centres) lattice.for_owned([&](const Triple& at) { add_centre(at); });
}

void Numbering::fill_owned(std::span<const int> corners, std::int32_t* out) const {
  const auto& axis = lattice_.axis(0);
  std::int32_t next_centre = first_centre_;
  lattice_.for_owned_rows([&](int j, int k) {
    std::array<const std::int32_t*, 4> rows;
    for (int r = 0; r < 4; ++r) {
      const Triple at{0, j, k};
      rows[r] = numbers_.data() + row(layer(1, at, 2 * r), layer(2, at, 2 * r));
    }
    for (int i = axis.owned_begin; i < axis.owned_end; ++i) {
      std::array<std::int32_t, 9> numbers;
      for (int r = 0; r < 4; ++r) {
        numbers[2 * r] = rows[r][layers_[0].low[i]];
        numbers[2 * r + 1] = rows[r][layers_[0].high[i]];
      }
      numbers[centre_corner] = next_centre++;
      for (const int corner : corners) *out++ = numbers[corner];
    }
  });
}

std::int32_t Numbering::add_centre(const Triple& at) {
  ids_.push_back(num_global() + lattice_.cell_id(at));
  return static_cast<std::int32_t>(ids_.size()) - 1;
}

bool Numbering::touches_owned(const Triple& at, int corner) const {
  if (corner == centre_corner) return lattice_.is_owned(at);
  for (int d = 0; d < 3; ++d) {
    if (!layers_[d].owned[layer(d, at, corner)]) return false;
  }
  return true;
}

std::array<double, 3> Numbering::position(std::int64_t id) const {
  const bool centre = id >= num_global();
  if (centre) id -= num_global();
  std::array<double, 3> position{};
  for (int d = 0; d < lattice_.dim(); ++d) {
    const std::int64_t count = centre ? lattice_.axis(d).num_cells : layers_[d].num_global;
    position[d] = static_cast<double>(id % count) + (centre ? 0.5 : 0.0);
    id /= count;
  }
  return position;
}

std::int32_t Numbering::number(int x, int y, int z) {
  auto& number = numbers_[row(y, z) + x];
  if (number < 0) {
    number = static_cast<std::int32_t>(ids_.size());
    const auto& [lx, ly, lz] = layers_;
    const std::int64_t row_id = ly.global[y] + std::int64_t{ly.num_global} * lz.global[z];
    ids_.push_back(lx.global[x] + lx.num_global * row_id);
  }
  return number;
}

}  // namespace ansatz::mesh
