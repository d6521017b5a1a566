#include "engine/report/raster.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::report {
namespace {

constexpr double edge_width = 0.5;  // [pixels] on each side
constexpr double round_off = 1e-9;  // of barycentric coordinates

void nearer(void* in, void* inout, int* count, MPI_Datatype* /*type*/) {
  const auto* other = static_cast<const Pixel*>(in);
  auto* own = static_cast<Pixel*>(inout);
  for (int i = 0; i < *count; ++i) {
    if (other[i].hides(own[i])) own[i] = other[i];
  }
}

int to_pixel(double x, int most) { return static_cast<int>(std::clamp(x, 0.0, double(most))); }

}  // namespace

void Raster::triangle(const std::array<Corner, 3>& c, unsigned edges, float light, std::int64_t key) {
  const double area = (c[1].x - c[0].x) * (c[2].y - c[0].y) - (c[2].x - c[0].x) * (c[1].y - c[0].y);
  if (!(std::abs(area) > 0.0)) return;
  // Barycentric coordinates are linear in x and y; those of corner i + 2 fall to 0 at the side from i to i + 1.
  std::array<double, 3> by_x{}, by_y{}, height{};
  for (int i = 0; i < 3; ++i) {
    const auto &a = c[(i + 1) % 3], &b = c[(i + 2) % 3];
    by_x[i] = (a.y - b.y) / area;
    by_y[i] = (b.x - a.x) / area;
    height[i] = 1.0 / std::hypot(by_x[i], by_y[i]);
  }
  const auto [x_low, x_high] = std::minmax({c[0].x, c[1].x, c[2].x});
  const auto [y_low, y_high] = std::minmax({c[0].y, c[1].y, c[2].y});
  const int y_end = to_pixel(std::ceil(y_high + 0.5), height_), x_end = to_pixel(std::ceil(x_high + 0.5), width_);
  for (int y = to_pixel(std::floor(y_low - 0.5), height_); y < y_end; ++y) {
    for (int x = to_pixel(std::floor(x_low - 0.5), width_); x < x_end; ++x) {
      std::array<double, 3> share{};
      double least = 1.0;
      Pixel here{.depth = 0.0f, .light = light, .key = key};
      double depth = 0.0, value = 0.0;
      for (int i = 0; i < 3; ++i) {
        const auto& a = c[(i + 1) % 3];
        share[i] = by_x[i] * (x + 0.5 - a.x) + by_y[i] * (y + 0.5 - a.y);
        least = std::min(least, share[i]);
        depth += share[i] * c[i].depth;
        value += share[i] * c[i].value;
        if ((edges >> ((i + 1) % 3) & 1u) != 0 && share[i] * height[i] < edge_width) here.is_edge = 1;
      }
      if (least < -round_off) continue;
      here.depth = static_cast<float>(depth);
      here.value = static_cast<float>(value);
      auto& seen = pixels_[std::size_t(y) * width_ + x];
      if (here.hides(seen)) seen = here;
    }
  }
}

void Raster::reduce(const base::Communicator& comm) {
  if (comm.size() == 1) return;
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Op op = MPI_OP_NULL;
  MPI_Type_contiguous(sizeof(Pixel), MPI_BYTE, &type);
  MPI_Type_commit(&type);
  MPI_Op_create(nearer, 1, &op);
  std::vector<Pixel> all(comm.is_root() ? pixels_.size() : 0);
  MPI_Reduce(pixels_.data(), all.data(), static_cast<int>(pixels_.size()), type, op, 0, comm.get());
  if (comm.is_root()) pixels_ = std::move(all);
  MPI_Op_free(&op);
  MPI_Type_free(&type);
}

}  // namespace ansatz::report
