#include "engine/report/field_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "engine/report/colour_map.hpp"
#include "engine/report/png.hpp"
#include "engine/report/shapes.hpp"

namespace ansatz::report {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int most_width = 640, most_height = 480, least = 60;  // [pixels]
constexpr double least_cell = 8.0;  // edges of smaller cells would cover the colours [pixels]
constexpr std::size_t most_fields = 6;

using Vector = std::array<double, 3>;
double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
Vector minus(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
Vector unit(const Vector& a) {
  const double size = std::sqrt(dot(a, a));
  return size > 0.0 ? Vector{a[0] / size, a[1] / size, a[2] / size} : a;
}

/// Where solid meshes are seen from, above and aside: to the right, up, and towards the eye; orthonormal.
const Vector right = unit({0.83, -0.55, 0.0}), eye = unit({-0.5, -0.755, 0.41}), up = cross(eye, right);

Vector point(const sdk::VisualMesh& mesh, std::int64_t p) {
  const double* x = mesh.points.data() + 3 * p;
  return {x[0], x[1], x[2]};
}

/// The size of a scalar, vector or symmetric tensor; a scalar keeps its sign.
std::vector<double> sizes(const sdk::VisualField& field) {
  const auto n = static_cast<std::size_t>(field.components);
  std::vector<double> values(field.values.size() / n);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (n == 1) {
      values[i] = field.values[i];
      continue;
    }
    double sum = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
      const double x = field.values[i * n + k];
      sum += (n == 6 && k > 2 ? 2.0 : 1.0) * x * x;
    }
    values[i] = std::sqrt(sum);
  }
  return values;
}

/// From lengths on a plane to pixels, in proportion unless the picture would be too slender.
struct Frame {
  double low_x, low_y, scale_x, scale_y;
  int width, height;

  Frame(double left, double bottom, double size_x, double size_y) : low_x(left), low_y(bottom) {
    const double scale = std::min(most_width / std::max(size_x, 1e-300), most_height / std::max(size_y, 1e-300));
    width = std::clamp(static_cast<int>(std::lround(size_x * scale)), least, most_width);
    height = std::clamp(static_cast<int>(std::lround(size_y * scale)), least, most_height);
    scale_x = width / std::max(size_x, 1e-300);
    scale_y = height / std::max(size_y, 1e-300);
  }
  Corner corner(double x, double y, double depth, double value) const {
    return {(x - low_x) * scale_x, height - (y - low_y) * scale_y, depth, value};
  }
};

/// Faces that one cell of this rank has: the surface, and what other ranks go on from, which the surface hides.
std::vector<std::pair<std::int64_t, int>> outer_faces(const sdk::VisualMesh& mesh) {
  struct Seen {
    std::array<std::int64_t, 4> corners;
    std::int64_t cell;
    int face;
  };
  std::vector<Seen> all;
  for (std::int64_t c = 0; c < mesh.num_cells(); ++c) {
    const auto& faces = shapes_of(mesh.types[c]).faces;
    for (std::size_t f = 0; f < faces.size(); ++f) {
      Seen seen{{-1, -1, -1, -1}, c, static_cast<int>(f)};
      for (std::size_t k = 0; k < faces[f].corners.size(); ++k)
        seen.corners[k] = mesh.connectivity[mesh.offsets[c] + faces[f].corners[k]];
      std::ranges::sort(seen.corners);
      all.push_back(seen);
    }
  }
  std::ranges::sort(
      all, [](const Seen& a, const Seen& b) { return std::tie(a.corners, a.cell) < std::tie(b.corners, b.cell); });
  std::vector<std::pair<std::int64_t, int>> found;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i + 1;
    while (end < all.size() && all[end].corners == all[i].corners) ++end;
    if (end == i + 1) found.emplace_back(all[i].cell, all[i].face);
    i = end;
  }
  return found;
}

}  // namespace

FieldPictures::Box FieldPictures::box_of(const sdk::VisualMesh& mesh) const {
  std::array<double, 7> ends;
  ends.fill(-infinity);
  for (std::size_t i = 0; i < mesh.points.size(); ++i) {
    ends[i % 3] = std::max(ends[i % 3], -mesh.points[i]);
    ends[3 + i % 3] = std::max(ends[3 + i % 3], mesh.points[i]);
  }
  for (const auto type : mesh.types) ends[6] = std::max(ends[6], double(shapes_of(type).dim));
  MPI_Allreduce(MPI_IN_PLACE, ends.data(), ends.size(), MPI_DOUBLE, MPI_MAX, comm_.get());
  return {{-ends[0], -ends[1], -ends[2]}, {ends[3], ends[4], ends[5]}, static_cast<int>(ends[6])};
}

void FieldPictures::add(const sdk::VisualMesh& mesh, const std::vector<sdk::VisualField>& fields, double time,
                        bool in_time) {
  const auto box = box_of(mesh);
  for (std::size_t f = 0; f < std::min(fields.size(), most_fields); ++f) {
    const auto& field = fields[f];
    if (field.location != sdk::VisualLocation::points) continue;
    const auto values = sizes(field);
    double low = -infinity, high = -infinity;
    for (const double v : values) {
      low = std::max(low, -v);
      high = std::max(high, v);
    }
    Picture about{.title = field.components == 1 ? field.name : "|" + field.name + "|", .unit = field.unit};
    if (in_time) about.title += fmt::format(" at t = {:.6g} s", time);
    about.low = -comm_.max(low);
    about.high = comm_.max(high);
    if (box.dim == 1) add_line(mesh, values, box, about);
    if (box.dim == 2) add_plane(mesh, values, box, about);
    if (box.dim != 3) continue;
    add_surface(mesh, values, box, about);
    add_cut(mesh, values, box, about);
  }
}

/// The values along the interval at the pixels of a picture of one row.
void FieldPictures::add_line(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box,
                             Picture about) {
  constexpr int num = 400;
  const Frame frame(box.low[0], 0.0, box.extent(0), box.extent(0) / num);
  Raster raster(num, 1);
  const double scale = (num - 1) / std::max(box.extent(0), 1e-300);
  for (std::int64_t c = 0; c < mesh.num_cells(); ++c) {
    const auto& line = shapes_of(mesh.types[c]).line;
    for (std::size_t k = 0; k + 1 < line.size(); ++k) {
      const auto a = mesh.connectivity[mesh.offsets[c] + line[k]], b = mesh.connectivity[mesh.offsets[c] + line[k + 1]];
      const double x = (mesh.points[3 * a] - box.low[0]) * scale + 0.5,
                   end = (mesh.points[3 * b] - box.low[0]) * scale + 0.5;
      const Corner left{x, 0.0, 0.0, values[a]}, over{x, 1.0, 0.0, values[a]};
      const Corner right_low{end, 0.0, 0.0, values[b]}, right_high{end, 1.0, 0.0, values[b]};
      raster.triangle({left, right_low, right_high}, 0, 1.0f, mesh.cell_ids[c]);
      raster.triangle({left, right_high, over}, 0, 1.0f, mesh.cell_ids[c]);
    }
  }
  raster.reduce(comm_);
  if (!comm_.is_root()) return;
  io::ChartSeries series{about.title, {}, {}, io::ChartSeries::Drawn::line};
  for (int i = 0; i < num; ++i) {
    if (!raster.at(i, 0).is_seen()) continue;
    series.x.push_back(box.low[0] + i / scale);
    series.y.push_back(raster.at(i, 0).value);
  }
  charts_.push_back({about.title, {"x", "m"}, {about.title, about.unit}, false, {series}});
}

void FieldPictures::add_plane(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box,
                              Picture about) {
  const Frame frame(box.low[0], box.low[1], box.extent(0), box.extent(1));
  Raster raster(frame.width, frame.height);
  for (std::int64_t c = 0; c < mesh.num_cells(); ++c) {
    for (const auto& triangle : shapes_of(mesh.types[c]).faces[0].triangles) {
      std::array<Corner, 3> corners;
      for (int i = 0; i < 3; ++i) {
        const auto p = mesh.connectivity[mesh.offsets[c] + triangle.nodes[i]];
        const auto x = point(mesh, p);
        corners[i] = frame.corner(x[0], x[1], 0.0, values[p]);
      }
      raster.triangle(corners, triangle.edges, 1.0f, mesh.cell_ids[c]);
    }
  }
  about.note = fmt::format("x from {:.4g} to {:.4g} m, y from {:.4g} to {:.4g} m", box.low[0], box.high[0], box.low[1],
                           box.high[1]);
  finish(raster, std::move(about));
}

void FieldPictures::add_surface(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box,
                                Picture about) {
  double x_low = infinity, x_high = -infinity, y_low = infinity, y_high = -infinity;
  for (int k = 0; k < 8; ++k) {
    const Vector x{k & 1 ? box.high[0] : box.low[0], k & 2 ? box.high[1] : box.low[1],
                   k & 4 ? box.high[2] : box.low[2]};
    x_low = std::min(x_low, dot(x, right));
    x_high = std::max(x_high, dot(x, right));
    y_low = std::min(y_low, dot(x, up));
    y_high = std::max(y_high, dot(x, up));
  }
  const Frame frame(x_low, y_low, x_high - x_low, y_high - y_low);
  Raster raster(frame.width, frame.height);
  const Vector lamp = unit({eye[0] - 0.5 * right[0] + 0.6 * up[0], eye[1] - 0.5 * right[1] + 0.6 * up[1],
                            eye[2] - 0.5 * right[2] + 0.6 * up[2]});
  for (const auto& [cell, face] : outer_faces(mesh)) {
    for (const auto& triangle : shapes_of(mesh.types[cell]).faces[face].triangles) {
      std::array<Corner, 3> corners;
      std::array<Vector, 3> x;
      for (int i = 0; i < 3; ++i) {
        const auto p = mesh.connectivity[mesh.offsets[cell] + triangle.nodes[i]];
        x[i] = point(mesh, p);
        corners[i] = frame.corner(dot(x[i], right), dot(x[i], up), -dot(x[i], eye), values[p]);
      }
      const double facing = std::abs(dot(unit(cross(minus(x[1], x[0]), minus(x[2], x[0]))), lamp));
      raster.triangle(corners, triangle.edges, static_cast<float>(0.65 + 0.35 * facing), mesh.cell_ids[cell]);
    }
  }
  about.note = fmt::format("surface, x to the right and y into the depth, z up; {:.4g} x {:.4g} x {:.4g} m",
                           box.extent(0), box.extent(1), box.extent(2));
  finish(raster, std::move(about));
}

void FieldPictures::add_cut(const sdk::VisualMesh& mesh, const std::vector<double>& values, const Box& box,
                            Picture about) {
  int across = 1;
  for (const int d : {2, 0}) {
    if (box.extent(d) < box.extent(across) * (1.0 - 1e-9)) across = d;
  }
  const int h = across == 0 ? 1 : 0, v = across == 2 ? 1 : 2;
  const double middle = 0.5 * (box.low[across] + box.high[across]);
  const Frame frame(box.low[h], box.low[v], box.extent(h), box.extent(v));
  Raster raster(frame.width, frame.height);
  for (std::int64_t c = 0; c < mesh.num_cells(); ++c) {
    const auto* nodes = mesh.connectivity.data() + mesh.offsets[c];
    for (const auto& solid : shapes_of(mesh.types[c]).solids) {
      std::array<int, 4> below{}, above{};
      int num_below = 0, num_above = 0;
      for (const int node : solid) {
        if (mesh.points[3 * nodes[node] + across] < middle) {
          below[num_below++] = node;
        } else {
          above[num_above++] = node;
        }
      }
      if (num_below == 0 || num_above == 0) continue;
      const auto crossing = [&](int i, int k) {
        const auto a = nodes[below[i]], b = nodes[above[k]];
        const auto x = point(mesh, a), y = point(mesh, b);
        const double share = (middle - x[across]) / (y[across] - x[across]);
        return frame.corner(x[h] + share * (y[h] - x[h]), x[v] + share * (y[v] - x[v]), 0.0,
                            values[a] + share * (values[b] - values[a]));
      };
      const auto key = mesh.cell_ids[c];
      if (num_below == 2) {
        raster.triangle({crossing(0, 0), crossing(0, 1), crossing(1, 1)}, 0, 1.0f, key);
        raster.triangle({crossing(0, 0), crossing(1, 1), crossing(1, 0)}, 0, 1.0f, key);
      } else if (num_below == 1) {
        raster.triangle({crossing(0, 0), crossing(0, 1), crossing(0, 2)}, 0, 1.0f, key);
      } else {
        raster.triangle({crossing(0, 0), crossing(1, 0), crossing(2, 0)}, 0, 1.0f, key);
      }
    }
  }
  constexpr const char* names = "xyz";
  about.note =
      fmt::format("cut at {} = {:.4g} m, {} to the right and {} up", names[across], middle, names[h], names[v]);
  finish(raster, std::move(about));
}

/// Colours, the outline of what is seen, and edges of cells where these are large enough.
void FieldPictures::finish(Raster& raster, Picture about) {
  raster.reduce(comm_);
  if (!comm_.is_root()) return;
  const int width = raster.width(), height = raster.height();
  std::size_t seen = 0, edges = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      seen += raster.at(x, y).is_seen() ? 1 : 0;
      edges += static_cast<std::size_t>(raster.at(x, y).is_edge);
    }
  }
  // Two families of lines a distance d apart and a pixel wide cover a share 2 / d.
  const bool shows_edges = double(edges) < 2.0 / least_cell * double(seen);
  const auto is_seen = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < height && raster.at(x, y).is_seen();
  };
  std::vector<std::uint8_t> rgba(std::size_t(width) * height * 4, 0);
  const double range = about.high - about.low;
  constexpr double levels = 255.0;  // few colours make small files
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (!is_seen(x, y)) continue;
      const auto& pixel = raster.at(x, y);
      const double share = range > 0.0 ? (pixel.value - about.low) / range : 0.5;
      auto colour = viridis(std::round(share * levels) / levels);
      const bool is_border = !is_seen(x - 1, y) || !is_seen(x + 1, y) || !is_seen(x, y - 1) || !is_seen(x, y + 1);
      const double light = is_border ? 0.3 : pixel.light * (shows_edges && pixel.is_edge != 0 ? 0.8 : 1.0);
      auto* to = rgba.data() + 4 * (std::size_t(y) * width + x);
      for (int k = 0; k < 3; ++k) to[k] = static_cast<std::uint8_t>(std::lround(colour[k] * light));
      to[3] = 255;
    }
  }
  about.png = png(width, height, rgba);
  about.width = width;
  about.height = height;
  pictures_.push_back(std::move(about));
}

}  // namespace ansatz::report
