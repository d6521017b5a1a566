#include "engine/report/report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "ansatz/sdk/terminal.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/io/charts/scale.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/report/colour_map.hpp"
#include "engine/report/png.hpp"
#include "engine/report/style.hpp"

namespace ansatz::report {
namespace {

constexpr std::size_t most_bytes = 1'900'000;

std::string escaped(const std::string& text) { return sdk::xml_escaped(sdk::printable(text)); }

/// The address of a file whose name may hold anything.
std::string address(const std::string& file) {
  std::string out;
  for (const char c : file) {
    const bool is_plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' || c == '/';
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return "./" + out;
}

/// A bar of the colours with the ends of the range and round numbers between.
std::string colour_bar(const Picture& picture, double left, double top, double height, int number_of_picture) {
  const bool is_constant = !(picture.high > picture.low);
  std::string out = fmt::format("<linearGradient id=\"bar{}\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">", number_of_picture);
  for (int k = 0; k <= 15; ++k)
    out += fmt::format("<stop offset=\"{:.4f}\" stop-color=\"{}\"/>", k / 15.0,
                       hexadecimal(viridis(is_constant ? 0.5 : k / 15.0)));
  out += fmt::format(
      "</linearGradient><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"16\" height=\"{:.1f}\" fill=\"url(#bar{})\"/>\n", left,
      top, height, number_of_picture);
  const auto tick = [&](double share, const std::string& label) {
    const double y = top + height * (1.0 - share);
    out += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"currentColor\"/>",
                       left + 16, y, left + 21, y);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", left + 25, y + 4.0, label);
  };
  if (is_constant) {
    tick(0.5, number(picture.low));
    return out;
  }
  const auto scale = io::scale_for({picture.low, picture.high}, std::max(2.0, height / 45.0));
  for (double k = scale.first; k <= scale.last; ++k) {
    const double share = (k * scale.step - picture.low) / (picture.high - picture.low);
    if (share >= -1e-9 && share <= 1.0 + 1e-9) tick(share, fmt::format("{:.7g}", k * scale.step + 0.0));
  }
  return out;
}

}  // namespace

std::string number(double value, int digits) {
  if (std::isnan(value)) return "-";
  return fmt::format("{:.{}g}", value + 0.0, digits);
}

void Report::add(const std::string& html, bool is_figure) {
  if (is_figure && !in_figures_) body_ += "<div class=\"figures\">\n";
  if (!is_figure && in_figures_) body_ += "</div>\n";
  in_figures_ = is_figure;
  body_ += html;
}

bool Report::has_room(std::size_t bytes) const { return body_.size() + bytes < most_bytes; }

void Report::begin_section(const std::string& heading) {
  contents_.emplace_back(fmt::format("s{}", contents_.size() + 1), heading);
  add(fmt::format("<h2 id=\"{}\">{}</h2>\n", contents_.back().first, escaped(heading)));
}

void Report::add_text(const std::string& text) { add("<p>" + escaped(text) + "</p>\n"); }

void Report::add_warning(const std::string& text) { add("<p class=\"warning\">" + escaped(text) + "</p>\n"); }

void Report::add_table(const Table& table) {
  std::string out = "<div class=\"scroll\"><table>\n";
  const auto row = [&](const std::vector<std::string>& cells, const char* tag) {
    out += "<tr>";
    for (std::size_t k = 0; k < cells.size(); ++k)
      out += fmt::format("<{}{}>{}</{}>", tag, k < table.num_texts ? "" : " class=\"n\"", escaped(cells[k]), tag);
    out += "</tr>\n";
  };
  if (!table.head.empty()) row(table.head, "th");
  for (const auto& cells : table.rows) row(cells, "td");
  add(out + "</table></div>\n");
}

void Report::add_chart(const io::Chart& chart) { add_svg(io::svg(chart)); }

void Report::add_svg(std::string svg) {
  const auto begin = svg.find("<svg");
  if (begin == std::string::npos || svg.find("<script") != std::string::npos || !has_room(svg.size())) return;
  svg.erase(0, begin);
  // A name space is an address, which inline pictures do not need.
  const auto space = svg.find(" xmlns=\"");
  if (space != std::string::npos && space < svg.find('>')) svg.erase(space, svg.find('"', space + 8) + 1 - space);
  add("<figure class=\"chart\">" + svg + "</figure>\n", true);
}

void Report::add_picture(const Picture& picture) {
  const auto data = base64(picture.png);
  if (!has_room(data.size())) {
    add(fmt::format("<p>The picture of {} is left out: this page would be larger than 2 MB.</p>\n",
                    escaped(picture.title)));
    return;
  }
  const double bar = std::max(picture.height - 10.0, 40.0), height = std::max(picture.height + 30.0, bar + 40.0);
  const double width = picture.width + 130.0;
  static constexpr double top = 25.0;
  std::string out = fmt::format(
      "<figure><svg class=\"field\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-size=\"13\" "
      "fill=\"currentColor\"><title>{2}</title><image x=\"0\" y=\"{3}\" width=\"{4}\" height=\"{5}\" "
      "href=\"data:image/png;base64,{6}\"/>\n",
      width, height, escaped(picture.title), 20, picture.width, picture.height, data);
  const auto unit = picture.unit.empty() ? "" : "[" + picture.unit + "]";
  const double size = unit.size() > 14 ? 13.0 * 14.0 / double(unit.size()) : 13.0;
  out += fmt::format("<text x=\"{:.1f}\" y=\"14\" font-size=\"{:.1f}\">{}</text>\n", picture.width + 14.0, size,
                     escaped(unit));
  out += colour_bar(picture, picture.width + 14.0, top, bar, static_cast<int>(body_.size()));
  const auto range = picture.high > picture.low
                         ? fmt::format("{} to {} {}", number(picture.low), number(picture.high), picture.unit)
                         : fmt::format("{} {} everywhere", number(picture.low), picture.unit);
  add(out + fmt::format("</svg><figcaption><b>{}</b>: {}; {}</figcaption></figure>\n", escaped(picture.title),
                        escaped(range), escaped(picture.note)),
      true);
}

void Report::add_link(const std::string& file, const std::string& remark) {
  add(fmt::format("<div><a href=\"{}\">{}</a>{}</div>\n", address(file), escaped(file),
                  remark.empty() ? "" : ": " + escaped(remark)));
}

std::string Report::html() const {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
      "<h1>{0}</h1>\n<nav>",
      escaped(title_), style);
  for (const auto& [id, heading] : contents_) out += fmt::format("<a href=\"#{}\">{}</a>", id, escaped(heading));
  return out + "</nav>\n" + body_ + (in_figures_ ? "</div>\n" : "") + "</body>\n</html>\n";
}

void Report::write(const std::string& folder) const { io::write_text_file(folder + "/report.html", html()); }

}  // namespace ansatz::report
