#include "engine/io/charts/point_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/io/hdf5/disk.hpp"

namespace ansatz::io {
namespace {

constexpr double width = 800.0, margin = 50.0, head = 50.0;
constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7"};

struct Place {
  double x = 0.0, y = 0.0;
};

bool is_flat(const std::vector<double>& edges) {
  for (std::size_t i = 2; i < edges.size(); i += 3) {
    if (edges[i] != edges[2]) return false;
  }
  return true;
}

/// From the domain to the paper, lengths kept in proportion.
class View {
 public:
  View(const std::vector<double>& edges, const std::vector<PointSeries>& series) : flat_(is_flat(edges)) {
    grow(edges);
    for (const auto& one : series) grow(one.points);
    if (!(low_.x <= high_.x)) low_ = high_ = {};
    const double size = std::max({high_.x - low_.x, (high_.y - low_.y) * (width - 2 * margin) / 600.0, 1e-300});
    scale_ = (width - 2 * margin) / size;
    height_ = head + (high_.y - low_.y) * scale_ + margin;
  }

  double height() const { return height_; }
  Place on_paper(const double* p) const {
    const auto [x, y] = seen(p);
    return {margin + (x - low_.x) * scale_, head + (high_.y - y) * scale_};
  }

 private:
  /// Isometric-like: x to the right, y into the depth, z up.
  Place seen(const double* p) const {
    return flat_ ? Place{p[0], p[1]} : Place{0.83 * p[0] - 0.55 * p[1], 0.23 * p[0] + 0.34 * p[1] + 0.91 * p[2]};
  }
  void grow(const std::vector<double>& points) {
    for (std::size_t i = 0; i + 2 < points.size(); i += 3) {
      const auto [x, y] = seen(points.data() + i);
      low_ = {std::min(low_.x, x), std::min(low_.y, y)};
      high_ = {std::max(high_.x, x), std::max(high_.y, y)};
    }
  }

  static constexpr double none = std::numeric_limits<double>::infinity();
  bool flat_;
  Place low_{none, none}, high_{-none, -none};
  double scale_ = 1.0, height_ = 0.0;
};

std::string points_of(const PointSeries& series, const char* colour, const View& view) {
  std::string out = fmt::format("<g class=\"series\" fill=\"{}\">\n", colour);
  for (std::size_t i = 0; i + 2 < series.points.size(); i += 3) {
    const auto [x, y] = view.on_paper(series.points.data() + i);
    out += fmt::format(
        "<circle class=\"marker\" cx=\"{0:.2f}\" cy=\"{1:.2f}\" r=\"4\"/><text x=\"{2:.2f}\" "
        "y=\"{1:.2f}\">{3}</text>\n",
        x, y, x + 5.0, i / 3 + 1);
  }
  return out + "</g>\n";
}

}  // namespace

std::vector<double> outline(const mesh::Mesh& mesh) {
  const auto& topology = mesh::topology(mesh.cell);
  std::vector<double> ends;
  const auto add = [&](std::int32_t cell, int vertex) {
    const auto x = mesh.point(mesh.cell_points[std::size_t(cell) * mesh.points_per_cell() + vertex]);
    for (std::size_t i = 0; i < 3; ++i) ends.push_back(i < x.size() ? x[i] : 0.0);
  };
  if (mesh.dim == 1) {
    for (std::int32_t c = 0; c < mesh.num_owned_cells; ++c) {
      add(c, 0);
      add(c, 1);
    }
  } else {
    for (const auto& facet : mesh.sets.at("all").facets) {
      if (facet.cell >= mesh.num_owned_cells) continue;
      const auto& corners = topology.facets[facet.local_facet];
      const int n = corners.size(), num_edges = n == 2 ? 1 : n;
      for (int k = 0; k < num_edges; ++k) {
        add(facet.cell, corners[k]);
        add(facet.cell, corners[(k + 1) % n]);
      }
    }
  }
  return mesh.comm.gather_all(std::span<const double>(ends));
}

std::string point_svg(const std::string& title, const std::vector<double>& edges,
                      const std::vector<PointSeries>& series) {
  if (series.size() > colours.size()) {
    throw sdk::Error(sdk::ErrorKind::internal, "a picture of points holds at most 4 series", "point_svg",
                     "draw several");
  }
  const View view(edges, series);
  const double height = view.height() + 20.0 * static_cast<double>(series.size());
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"{0:.0f}\" viewBox=\"0 0 800 {0:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n"
      "<title>{1}</title>\n<rect width=\"800\" height=\"{0:.0f}\" fill=\"#ffffff\"/>\n"
      "<text x=\"400\" y=\"30\" text-anchor=\"middle\" font-size=\"16\">{1}</text>\n<g class=\"outline\" "
      "stroke=\"#999999\">\n",
      height, sdk::xml_escaped(title));
  for (std::size_t i = 0; i + 5 < edges.size(); i += 6) {
    const auto a = view.on_paper(edges.data() + i), b = view.on_paper(edges.data() + i + 3);
    out += fmt::format("<line x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\"/>\n", a.x, a.y, b.x, b.y);
  }
  out += "</g>\n";
  for (std::size_t s = 0; s < series.size(); ++s) out += points_of(series[s], colours[s], view);
  for (std::size_t s = 0; s < series.size(); ++s) {
    const double y = view.height() + 20.0 * static_cast<double>(s);
    out += fmt::format(
        "<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"4\" fill=\"{}\"/><text x=\"{:.2f}\" y=\"{:.2f}\" "
        "font-size=\"13\">{}</text>\n",
        margin, y - 4.0, colours[s], margin + 12.0, y, sdk::xml_escaped(series[s].name));
  }
  return out + "</svg>\n";
}

void write_point_chart(const mesh::Mesh& mesh, const std::string& path, const std::string& title,
                       const std::vector<PointSeries>& series) {
  const auto edges = outline(mesh);
  base::agree(mesh.comm, [&] {
    if (mesh.comm.is_root()) write_text_file(path, point_svg(title, edges, series));
  });
}

}  // namespace ansatz::io
