#pragma once
/// A picture of triangles by a z-buffer.

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::report {

/// What is seen at the centre of a pixel.
struct Pixel {
  float depth = std::numeric_limits<float>::infinity();  ///< the nearest is seen; infinite: nothing is
  float value = 0.0f;
  float light = 1.0f;
  std::int32_t is_edge = 0;                                     ///< an edge of a cell passes
  std::int64_t key = std::numeric_limits<std::int64_t>::max();  ///< of equally near ones the least is seen

  bool is_seen() const { return depth < std::numeric_limits<float>::infinity(); }
  /// Whether this hides another.
  bool hides(const Pixel& other) const { return depth < other.depth || (depth == other.depth && key < other.key); }
};

/// A corner in pixels from the upper left corner of the picture.
struct Corner {
  double x = 0.0, y = 0.0, depth = 0.0, value = 0.0;
};

/// Of fixed size, so that pictures of distributed meshes need no mesh in one place: each rank draws its own triangles,
/// and the nearest of all ranks is seen in each pixel.
class Raster {
 public:
  Raster(int width, int height) : width_(width), height_(height), pixels_(std::size_t(width) * height) {}

  int width() const { return width_; }
  int height() const { return height_; }
  const Pixel& at(int x, int y) const { return pixels_[std::size_t(y) * width_ + x]; }

  /// Linear between the corners; pixels whose centre is inside or on the border. Not collective.
  /// \param edges bit i: the side from corner i to corner i + 1 is an edge of the cell
  /// \param key the same on any number of ranks, for example the cell's
  void triangle(const std::array<Corner, 3>& corners, unsigned edges, float light, std::int64_t key);
  /// On rank 0 what all ranks see together. *Collective.*
  void reduce(const base::Communicator& comm);

 private:
  int width_, height_;
  std::vector<Pixel> pixels_;  ///< (height, width)
};

}  // namespace ansatz::report
