#include "engine/report/report.hpp"

#include <png.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "engine/report/colour_map.hpp"
#include "engine/report/field_pictures.hpp"
#include "engine/report/png.hpp"
#include "engine/report/raster.hpp"
#include "engine/report/series_charts.hpp"
#include "engine/report/shapes.hpp"

using namespace ansatz;
using report::Rgb;

namespace {

struct Decoded {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
  const std::uint8_t* at(int x, int y) const { return rgba.data() + 4 * (y * width + x); }
};

Decoded decoded(const std::string& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, file.data(), file.size()) != 0);
  image.format = PNG_FORMAT_RGBA;
  Decoded out{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  out.rgba.resize(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, out.rgba.data(), 0, nullptr) != 0);
  return out;
}

bool is_near(const std::uint8_t* pixel, Rgb colour, int most) {
  for (int k = 0; k < 3; ++k) {
    if (std::abs(pixel[k] - colour[k]) > most) return false;
  }
  return pixel[3] == 255;
}

/// One hexahedron [0, 2] x [0, 1] x [0, 1] in VTK's order.
sdk::VisualMesh brick() {
  sdk::VisualMesh mesh;
  mesh.points = {0, 0, 0, 2, 0, 0, 2, 1, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1, 2, 1, 1, 0, 1, 1};
  mesh.connectivity = {0, 1, 2, 3, 4, 5, 6, 7};
  mesh.offsets = {0, 8};
  mesh.types = {12};
  mesh.cell_ids = {0};
  return mesh;
}

}  // namespace

TEST_CASE("The ends of the colours are those of viridis, and numbers beyond take them", "[report]") {
  CHECK(report::viridis(0.0) == Rgb{0x44, 0x01, 0x54});
  CHECK(report::viridis(1.0) == Rgb{0xfd, 0xe7, 0x25});
  CHECK(report::viridis(-3.0) == report::viridis(0.0));
  CHECK(report::viridis(7.0) == report::viridis(1.0));
  // matplotlib's viridis(128): its table holds (0.127568, 0.566949, 0.550556).
  const auto middle = report::viridis(128.0 / 255.0);
  CHECK(std::abs(middle[0] - 32.5) < 2.0);
  CHECK(std::abs(middle[1] - 144.6) < 2.0);
  CHECK(std::abs(middle[2] - 140.4) < 2.0);
}

TEST_CASE("A PNG file decodes to the pixels that it was made of", "[report]") {
  std::vector<std::uint8_t> rgba;
  for (int i = 0; i < 7 * 5 * 4; ++i) rgba.push_back(static_cast<std::uint8_t>(37 * i % 256));
  for (int i = 3; i < 7 * 5 * 4; i += 4) rgba[i] = i % 8 == 3 ? 0 : 255;
  const auto back = decoded(report::png(7, 5, rgba));
  CHECK(back.width == 7);
  CHECK(back.height == 5);
  bool is_same = true;
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    is_same &= back.rgba[i + 3] == rgba[i + 3];
    for (std::size_t k = 0; k < 3 && rgba[i + 3] == 255; ++k) is_same &= back.rgba[i + k] == rgba[i + k];
  }
  CHECK(is_same);
  CHECK_THROWS_AS(report::png(7, 6, rgba), sdk::Error);
}

TEST_CASE("Base64 is that of RFC 4648", "[report]") {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
  for (const auto& [bytes, text] : vectors) CHECK(report::base64(bytes) == text);
  CHECK(report::base64("\xff\xfe") == "//4=");
}

TEST_CASE("The nearer triangle is seen whichever is drawn first, and pixels outside of all are not", "[report]") {
  const std::array<report::Corner, 3> near{{{0, 0, 1, 10}, {8, 0, 1, 10}, {0, 8, 1, 10}}};
  const std::array<report::Corner, 3> far{{{0, 0, 2, 20}, {8, 0, 2, 20}, {8, 8, 2, 20}}};
  for (const bool near_first : {true, false}) {
    report::Raster raster(8, 8);
    raster.triangle(near_first ? near : far, 0, 1.0f, 1);
    raster.triangle(near_first ? far : near, 0, 1.0f, 2);
    CHECK(raster.at(2, 1).value == Approx(10.0));
    CHECK(raster.at(6, 5).value == Approx(20.0));
    CHECK_FALSE(raster.at(3, 7).is_seen());
  }
}

TEST_CASE("Of triangles that are as near the one of the least key is seen", "[report]") {
  const std::array<report::Corner, 3> one{{{0, 0, 1, 10}, {8, 0, 1, 10}, {0, 8, 1, 10}}};
  auto other = one;
  for (auto& corner : other) corner.value = 20;
  for (const std::int64_t key : {3, 7}) {
    report::Raster raster(8, 8);
    raster.triangle(one, 0, 1.0f, 5);
    raster.triangle(other, 0, 1.0f, key);
    CHECK(raster.at(1, 1).value == Approx(key == 3 ? 20.0 : 10.0));
  }
}

TEST_CASE("A linear field is drawn exactly at the centres of pixels", "[report]") {
  report::Raster raster(16, 16);
  const auto value = [](double x, double y) { return 3.0 * x - 2.0 * y + 1.0; };
  std::array<report::Corner, 3> corners{{{0, 0, 0, 0}, {16, 2, 0, 0}, {3, 15, 0, 0}}};
  for (auto& c : corners) c.value = value(c.x, c.y);
  raster.triangle(corners, 0, 1.0f, 0);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      if (raster.at(x, y).is_seen()) CHECK(raster.at(x, y).value == Approx(value(x + 0.5, y + 0.5)).margin(1e-5));
    }
  }
  CHECK(raster.at(6, 6).is_seen());
}

TEST_CASE("Tetrahedra fill cells of degree 1 and 2, and triangles their faces", "[report]") {
  using Point = std::array<double, 3>;
  const std::vector<Point> hexahedron{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0},
                                      {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}};
  const std::vector<Point> wedge{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}};
  const std::vector<Point> tetrahedron{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  struct Known {
    int type;
    std::vector<Point> points;
    std::vector<std::vector<int>> middles;  ///< as VTK's documents list them
    double volume, surface;
  };
  const std::vector<std::vector<int>> of_tet{{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}};
  const std::vector<std::vector<int>> of_wedge{{0, 1}, {1, 2}, {2, 0}, {3, 4},       {4, 5},       {5, 3},
                                               {0, 3}, {1, 4}, {2, 5}, {0, 1, 4, 3}, {1, 2, 5, 4}, {2, 0, 3, 5}};
  const std::vector<std::vector<int>> of_hex{{0, 1},
                                             {1, 2},
                                             {2, 3},
                                             {3, 0},
                                             {4, 5},
                                             {5, 6},
                                             {6, 7},
                                             {7, 4},
                                             {0, 4},
                                             {1, 5},
                                             {2, 6},
                                             {3, 7},
                                             {0, 4, 7, 3},
                                             {1, 2, 6, 5},
                                             {0, 1, 5, 4},
                                             {3, 7, 6, 2},
                                             {0, 3, 2, 1},
                                             {4, 5, 6, 7},
                                             {0, 1, 2, 3, 4, 5, 6, 7}};
  const double slanted = std::sqrt(2.0), equilateral = std::sqrt(3.0) / 2.0;
  for (const auto& known : std::vector<Known>{{10, tetrahedron, {}, 1.0 / 6, 1.5 + equilateral},
                                              {24, tetrahedron, of_tet, 1.0 / 6, 1.5 + equilateral},
                                              {13, wedge, {}, 0.5, 3.0 + slanted},
                                              {32, wedge, of_wedge, 0.5, 3.0 + slanted},
                                              {12, hexahedron, {}, 1.0, 6.0},
                                              {29, hexahedron, of_hex, 1.0, 6.0}}) {
    CAPTURE(known.type);
    auto points = known.points;
    for (const auto& around : known.middles) {
      Point middle{};
      for (const int k : around) {
        for (int d = 0; d < 3; ++d) middle[d] += known.points[k][d] / double(around.size());
      }
      points.push_back(middle);
    }
    const auto minus = [&](int a, int b) {
      return Point{points[a][0] - points[b][0], points[a][1] - points[b][1], points[a][2] - points[b][2]};
    };
    const auto cross = [](const Point& a, const Point& b) {
      return Point{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    };
    const auto& shapes = report::shapes_of(static_cast<std::uint8_t>(known.type));
    double volume = 0.0, surface = 0.0;
    for (const auto& s : shapes.solids) {
      const auto n = cross(minus(s[1], s[0]), minus(s[2], s[0])), d = minus(s[3], s[0]);
      volume += std::abs(n[0] * d[0] + n[1] * d[1] + n[2] * d[2]) / 6.0;
    }
    for (const auto& face : shapes.faces) {
      for (const auto& t : face.triangles) {
        const auto n = cross(minus(t.nodes[1], t.nodes[0]), minus(t.nodes[2], t.nodes[0]));
        surface += std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) / 2.0;
      }
    }
    CHECK(volume == Approx(known.volume));
    CHECK(surface == Approx(known.surface));
  }
  CHECK_THROWS_AS(report::shapes_of(14), sdk::Error);
}

TEST_CASE("A solid is seen from outside and cut in the middle, with the values of its field", "[report]") {
  const auto mesh = brick();
  std::vector<double> x;
  for (std::size_t p = 0; p < 8; ++p) x.push_back(mesh.points[3 * p]);
  report::FieldPictures pictures{base::Communicator(MPI_COMM_SELF)};
  pictures.add(mesh, {{"u", "K", sdk::VisualLocation::points, 1, x}}, 0.0, false);
  REQUIRE(pictures.pictures().size() == 2);
  for (const auto& picture : pictures.pictures()) {
    CHECK(picture.low == 0.0);
    CHECK(picture.high == 2.0);
  }
  const auto cut = decoded(pictures.pictures()[1].png);
  CHECK(pictures.pictures()[1].note.find("cut at y = 0.5 m") != std::string::npos);
  CHECK(cut.width == 640);
  CHECK(cut.height == 320);
  for (const int column : {10, 160, 320, 480, 630}) {
    CAPTURE(column);
    CHECK(is_near(cut.at(column, 160), report::viridis((column + 0.5) / 640.0), 2));
  }
}

TEST_CASE("Texts appear in a report as they are, whatever HTML would make of them", "[report]") {
  report::Report page("<script>alert(1)</script>");
  page.begin_section("a & b");
  page.add_table({{"\"quoted\""}, {{"</td><img src=x>"}}, 1});
  page.add_picture({"<b>", "K\"", "note <i>", report::png(1, 1, std::vector<std::uint8_t>(4, 255)), 1, 1, 0.0, 1.0});
  page.add_svg("<svg><script>alert(2)</script></svg>");
  page.add_link("a file\"<.h5");
  const auto html = page.html();
  for (const char* never : {"<script", "<img", "<b>\"", "<i>", "alert(2)", "\"<.h5"})
    CHECK(html.find(never) == std::string::npos);
  CHECK(html.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(html.find("href=\"./a%20file%22%3C.h5\"") != std::string::npos);
}

TEST_CASE("A page stays below 2 MB, and says which pictures it leaves out", "[report]") {
  std::vector<std::uint8_t> noise(640 * 480 * 4);
  std::uint32_t state = 1;
  for (auto& byte : noise) byte = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  const auto file = report::png(640, 480, noise);
  REQUIRE(file.size() > 1'000'000);
  report::Report page("large");
  for (int k = 0; k < 3; ++k) page.add_picture({"noise", "", "", file, 640, 480, 0.0, 1.0});
  const auto html = page.html();
  CHECK(html.size() < 2'000'000);
  CHECK(html.find("noise is left out") != std::string::npos);
}

TEST_CASE("Long series are thinned and keep their extremes, and quantities of other sizes get charts of their own",
          "[report]") {
  quantities::TimeSeries series;
  for (int i = 0; i < 10000; ++i) {
    const double row[] = {i == 4711 ? 2.0 : 1.0, 1e6, 1.5, 2.5};
    series.add(0.1 * i, row);
  }
  const auto charts = report::charts_over_time(series, {{"spike", "large", "like", "other"}, {"K", "K", "K", "m"}});
  REQUIRE(charts.size() == 3);
  REQUIRE(charts[0].series.size() == 2);
  CHECK(charts[0].series[1].name == "like");
  CHECK(charts[1].y.name == "large");
  CHECK(charts[2].y.unit == "m");
  CHECK(charts[0].series[0].x.size() < 1000);
  CHECK(std::ranges::count(charts[0].series[0].y, 2.0) == 1);
}
