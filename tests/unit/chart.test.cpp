#include "engine/io/charts/chart.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include "ansatz/sdk/error.hpp"

using namespace ansatz;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool holds(const std::string& text, const std::string& part) { return count(text, part) > 0; }

/// What is wrong with a document of elements with quoted attributes and text; empty where it is well-formed.
std::string fault_of(std::string text) {
  if (!text.starts_with("<?xml ")) return "no declaration";
  text.erase(0, text.find("?>") + 2);
  static const std::regex opening("<([a-z]+)( [a-zA-Z0-9-]+=\"[^\"<>]*\")*(/?)>"), closing("</([a-z]+)>");
  static const std::regex reference("&(amp|lt|gt|quot);");
  if (count(std::regex_replace(text, reference, ""), "&") > 0) return "a bare &";
  std::vector<std::string> open;
  int roots = 0;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const auto end = text.find('>', at);
    if (end == std::string::npos) return "an element without an end";
    const auto tag = text.substr(at, end - at + 1);
    std::smatch match;
    if (std::regex_match(tag, match, closing)) {
      if (open.empty() || open.back() != match[1]) return "not open: " + tag;
      open.pop_back();
    } else if (std::regex_match(tag, match, opening)) {
      if (open.empty()) ++roots;
      if (match[3].length() == 0) open.push_back(match[1]);
    } else {
      return "no element: " + tag;
    }
  }
  if (!open.empty()) return "left open: " + open.back();
  return roots == 1 ? "" : "not one root";
}

/// The part of a picture that draws the series of this number: its line and markers.
std::string drawn(const std::string& picture, int series) {
  std::size_t at = picture.find("<g class=\"series\"");
  for (int s = 0; s < series; ++s) at = picture.find("<g class=\"series\"", at + 1);
  return picture.substr(at, picture.find("</g>", at) - at);
}

io::Chart chart_of(std::vector<double> x, std::vector<double> y, bool logarithmic) {
  return {"Title", {"steps", ""}, {"error", "K"}, logarithmic, {{"series", std::move(x), std::move(y)}}};
}

const double not_a_number = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("Points lie where a linear chart's axes say", "[chart]") {
  // One series: the axes span 90 ... 780 and 420 ... 50. Ticks of x: 0, 1, ..., 10; of y: 0, 0.5, ..., 4.
  const auto picture = io::svg(chart_of({0, 5, 10}, {0.0, 4.0, 1.5}, false));
  CHECK(fault_of(picture) == "");
  const auto series = drawn(picture, 0);
  // 435 = 90 + 690 / 2; 281.25 = 420 - 370 * 1.5 / 4.
  CHECK(holds(series, "points=\"90.00,420.00 435.00,50.00 780.00,281.25\""));
  CHECK(count(series, "class=\"marker\"") == 3);
  CHECK(holds(series, "cx=\"435.00\" cy=\"50.00\""));
  for (const char* tick : {">0<", ">0.5<", ">3.5<", ">4<", ">7<", ">10<"}) CHECK(holds(picture, tick));
  CHECK_FALSE(holds(picture, ">11<"));
  CHECK_FALSE(holds(picture, ">4.5<"));
  CHECK(holds(picture, ">steps</text>"));
  CHECK(holds(picture, ">error [K]</text>"));
  CHECK(holds(picture, "width=\"800\" height=\"500\""));
}

TEST_CASE("A logarithmic axis has a tick at each decade and points in proportion to their logarithms", "[chart]") {
  // Decades -4 ... 1: 370 / 5 = 74 pixels each, so that 1 is at 124, 1e-2 at 272 and sqrt(10) 1e-4 at 383.
  const auto picture = io::svg(chart_of({1, 2, 3, 4}, {10.0, 1.0, 1e-2, std::sqrt(10.0) * 1e-4}, true));
  CHECK(fault_of(picture) == "");
  CHECK(holds(drawn(picture, 0), "points=\"90.00,50.00 320.00,124.00 550.00,272.00 780.00,383.00\""));
  for (const char* tick : {">1e-4<", ">1e-3<", ">1e-2<", ">1e-1<", ">1e0<", ">1e1<"}) CHECK(count(picture, tick) == 1);
  CHECK_FALSE(holds(picture, ">1e2<"));
  CHECK_FALSE(holds(picture, ">1e-5<"));
  // Ticks of the lines: 1e-3 is one decade above the bottom.
  CHECK(holds(picture, "<line x1=\"90.00\" y1=\"346.00\" x2=\"780.00\" y2=\"346.00\"/>"));
}

TEST_CASE("Values at powers of ten do not ask for another decade", "[chart]") {
  for (int k = -300; k <= 300; ++k) {
    const double power = std::stod("1e" + std::to_string(k));
    const auto picture = io::svg(chart_of({0, 1}, {power, 10.0 * power}, true));
    INFO(k);
    CHECK(holds(drawn(picture, 0), "points=\"90.00,420.00 780.00,50.00\""));
  }
}

TEST_CASE("Many decades have fewer ticks, at whole powers", "[chart]") {
  const auto picture = io::svg(chart_of({0, 1}, {1e-30, 1.0}, true));
  CHECK(holds(picture, ">1e-30<"));
  CHECK(holds(picture, ">1e-28<"));
  CHECK_FALSE(holds(picture, ">1e-29<"));
  CHECK(count(picture, ">1e") == 16);
  CHECK(fault_of(io::svg(chart_of({0, 1}, {5e-324, 1.7e308}, true))) == "");
}

TEST_CASE("Counts have whole ticks", "[chart]") {
  const auto picture = io::svg(chart_of({0, 1, 2, 3}, {0.1, 0.2, 0.3, 0.25}, false));
  for (const char* tick : {">1<", ">2<", ">3<", ">0.3<"}) CHECK(holds(picture, tick));
  CHECK_FALSE(holds(picture, ">0.5<"));
  CHECK_FALSE(holds(picture, ">1.5<"));
}

TEST_CASE("Values that cannot be drawn interrupt the line and are counted in the legend", "[chart]") {
  const auto picture = io::svg(chart_of({0, 1, 2, 3, 4, 5, 6}, {1.0, 0.1, 0.0, 0.1, -2.0, not_a_number, 1.0}, true));
  CHECK(fault_of(picture) == "");
  CHECK(holds(picture, "series (2 values not above 0, 1 value not finite)"));
  const auto series = drawn(picture, 0);
  CHECK(count(series, "class=\"marker\"") == 4);
  // x: 115 pixels each; y: 420 for 0.1, 50 for 1.
  CHECK(holds(series, "points=\"90.00,50.00 205.00,420.00\""));
  CHECK(holds(series, "points=\"435.00,420.00\""));
  CHECK(holds(series, "points=\"780.00,50.00\""));
  CHECK_FALSE(holds(picture, "nan"));

  const auto linear = io::svg(chart_of({0, infinity, 2, 3}, {-1.0, 0.0, infinity, 1.0}, false));
  CHECK(holds(linear, "series (2 values not finite)"));
  CHECK(count(drawn(linear, 0), "class=\"marker\"") == 2);
  CHECK_FALSE(holds(linear, "inf"));

  const auto none = io::svg(chart_of({0, 1}, {0.0, -1.0}, true));
  CHECK(fault_of(none) == "");
  CHECK(holds(none, "series (2 values not above 0)"));
  CHECK(count(drawn(none, 0), "class=\"marker\"") == 0);
}

TEST_CASE("Charts of one value, of equal values, of none and of extreme ones have axes", "[chart]") {
  // One value is in the middle of both axes: (90 + 780) / 2, (50 + 420) / 2.
  CHECK(holds(drawn(io::svg(chart_of({5}, {0.3}, false)), 0), "cx=\"435.00\""));
  CHECK(holds(drawn(io::svg(chart_of({5}, {1e-3}, true)), 0), "cx=\"435.00\" cy=\"235.00\""));
  CHECK(holds(drawn(io::svg(chart_of({1, 2}, {0.0, 0.0}, false)), 0), "points=\"90.00,235.00 780.00,235.00\""));
  CHECK(fault_of(io::svg(chart_of({}, {}, false))) == "");
  CHECK(fault_of(io::svg({"", {}, {}, true, {}})) == "");
  for (const double y : {1e308, -1e308, 5e-324, 1e-300, 1.0 + 1e-15, 123456789.0}) {
    for (const double other : {0.0, 1.0, y, -y}) {
      const auto picture = io::svg(chart_of({0, 1}, {y, other}, false));
      INFO(y << " " << other);
      CHECK(fault_of(picture) == "");
      CHECK_FALSE(holds(picture, "nan"));
      CHECK(count(picture, "<line") < 40);
      CHECK(count(picture, "<line") > 4);
    }
  }
}

TEST_CASE("Text is escaped", "[chart]") {
  io::Chart chart = chart_of({0, 1}, {1.0, 2.0}, false);
  chart.title = "a < b & \"c\" > d\n\x01 \xC3\xBC";
  chart.x.name = "<script>";
  chart.y.unit = "W/m^2 & K";
  chart.series[0].name = "]]> & 'x'";
  const auto picture = io::svg(chart);
  CHECK(fault_of(picture) == "");
  CHECK(holds(picture, "a &lt; b &amp; &quot;c&quot; &gt; d   \xC3\xBC"));
  CHECK(holds(picture, ">&lt;script&gt;</text>"));
  CHECK(holds(picture, "W/m^2 &amp; K"));
  CHECK(holds(picture, "]]&gt; &amp; 'x'"));
}

TEST_CASE("Eight series differ in colour or marker and each has a line in the legend", "[chart]") {
  io::Chart chart{"", {}, {}, false, {}};
  for (int s = 0; s < 8; ++s) chart.series.push_back({"series" + std::to_string(s), {0, 1}, {0.0, 1.0 + s}});
  const auto picture = io::svg(chart);
  CHECK(fault_of(picture) == "");
  std::vector<std::string> looks;
  static const std::regex look("fill=\"(#[0-9A-F]+)\"[^]*<(circle|rect|polygon) class");
  for (int s = 0; s < 8; ++s) {
    const auto series = drawn(picture, s);
    std::smatch match;
    REQUIRE(std::regex_search(series, match, look));
    const auto corners = match[2] == "polygon" ? count(series, ",") : 0;
    const auto mine = match[1].str() + match[2].str() + std::to_string(corners);
    CHECK(std::find(looks.begin(), looks.end(), mine) == looks.end());
    looks.push_back(mine);
    CHECK(holds(picture, ">series" + std::to_string(s) + "</text>"));
  }
  // 8 rows of 20 pixels for the legend: the axes end at 280, the last row stands at 482.
  CHECK(holds(drawn(picture, 0), "90.00,280.00"));
  CHECK(holds(picture, "y=\"482.00\" text-anchor=\"start\">series7<"));

  chart.series.push_back({"one too many", {}, {}});
  CHECK_THROWS_AS(io::svg(chart), sdk::Error);
  CHECK_THROWS_AS(io::svg(chart_of({1, 2}, {1}, false)), sdk::Error);
}

TEST_CASE("Both axes may be logarithmic, with points that have labels and error bars", "[chart]") {
  io::Chart chart{"work and precision", {"error", "1"}, {"time", "s"}, true, {}, true};
  io::ChartSeries series{"<a>", {1e-4, 1e-2, -1.0}, {1.0, 100.0, 1.0}, io::ChartSeries::Drawn::points};
  series.errors = {0.9, 0.0, 0.0};
  series.labels = {"fine & slow", "coarse", "never"};
  chart.series.push_back(series);
  const auto picture = io::svg(chart);
  CHECK(fault_of(picture) == "");
  CHECK(count(picture, "<polyline") == 0);
  CHECK(count(picture, "class=\"error\"") == 1);
  // x: decades -4 to -2 over 90 to 780; y: the bar begins at 0.1, so decades -1 to 2 over 420 to 50.
  CHECK(holds(picture, "cx=\"90.00\" cy=\"296.67\""));
  CHECK(holds(picture, "cx=\"780.00\" cy=\"50.00\""));
  CHECK(holds(picture, "x1=\"90.00\" y1=\"420.00\""));
  CHECK(holds(picture, ">fine &amp; slow<"));
  CHECK_FALSE(holds(picture, ">never<"));
  CHECK(holds(picture, "(1 value not above 0)"));
  chart.series[0].labels.pop_back();
  CHECK_THROWS_AS(io::svg(chart), sdk::Error);
}
