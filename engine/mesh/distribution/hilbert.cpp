#include "engine/mesh/distribution/hilbert.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

namespace ansatz::mesh {
namespace {

constexpr int bits = 20;

/// Distance along the curve of a lattice point with coordinates below 2^bits.
std::uint64_t hilbert_key(std::array<std::uint32_t, 3> x, int dim) {
  for (std::uint32_t q = 1u << (bits - 1); q > 1; q >>= 1) {
    const std::uint32_t below = q - 1;
    for (int k = 0; k < dim; ++k) {
      if (x[k] & q) {
        x[0] ^= below;
      } else {
        const std::uint32_t swap = (x[0] ^ x[k]) & below;
        x[0] ^= swap;
        x[k] ^= swap;
      }
    }
  }
  for (int k = 1; k < dim; ++k) x[k] ^= x[k - 1];
  std::uint32_t gray = 0;
  for (std::uint32_t q = 1u << (bits - 1); q > 1; q >>= 1) {
    if (x[dim - 1] & q) gray ^= q - 1;
  }
  std::uint64_t key = 0;
  for (int b = bits - 1; b >= 0; --b) {
    for (int k = 0; k < dim; ++k) key = key << 1 | ((x[k] ^ gray) >> b & 1u);
  }
  return key;
}

}  // namespace

std::vector<std::int32_t> hilbert_order(std::span<const double> points, int dim, std::span<const std::int64_t> ids) {
  std::array<double, 3> low, high;
  low.fill(std::numeric_limits<double>::infinity());
  high.fill(-std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < points.size(); ++i) {
    low[i % dim] = std::min(low[i % dim], points[i]);
    high[i % dim] = std::max(high[i % dim], points[i]);
  }
  double extent = 0.0;
  for (int k = 0; k < dim; ++k) extent = std::max(extent, high[k] - low[k]);
  const double scale = extent > 0.0 ? ((1u << bits) - 1) / extent : 0.0;

  std::vector<std::tuple<std::uint64_t, std::int64_t, std::int32_t>> keys(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::array<std::uint32_t, 3> lattice{};
    for (int k = 0; k < dim; ++k) lattice[k] = static_cast<std::uint32_t>((points[i * dim + k] - low[k]) * scale);
    keys[i] = {hilbert_key(lattice, dim), ids[i], static_cast<std::int32_t>(i)};
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::int32_t> order(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) order[i] = std::get<2>(keys[i]);
  return order;
}

}  // namespace ansatz::mesh
