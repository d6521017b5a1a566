#include "engine/io/charts/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "ansatz/sdk/text.hpp"
#include "engine/io/charts/scale.hpp"
#include "engine/io/hdf5/disk.hpp"

namespace ansatz::io {
namespace {

constexpr double left = 90.0, right = 780.0, top = 50.0;
constexpr double legend_row = 20.0;

/// Colours that people with any colour vision tell apart (Okabe and Ito, without the yellow, which is pale on white).
constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};

std::string count_of(std::size_t number, const char* what) {
  return fmt::format("{} {} {}", number, number == 1 ? "value" : "values", what);
}

std::string text(double x, double y, const char* anchor, const std::string& content, const std::string& more = {}) {
  return fmt::format("<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     sdk::xml_escaped(content));
}

std::string line(double x1, double y1, double x2, double y2) {
  return fmt::format("<line x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\"/>\n", x1, y1, x2, y2);
}

std::string label_of(const AxisLabel& axis) {
  return axis.unit.empty() ? axis.name : axis.name + " [" + axis.unit + "]";
}

/// A circle, square, triangle or diamond around a point.
std::string marker(std::size_t series, double x, double y) {
  switch (series % 4) {
    case 0:
      return fmt::format("<circle class=\"marker\" cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"4\"/>\n", x, y);
    case 1:
      return fmt::format("<rect class=\"marker\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"7\" height=\"7\"/>\n", x - 3.5,
                         y - 3.5);
    case 2:
      return fmt::format("<polygon class=\"marker\" points=\"{:.2f},{:.2f} {:.2f},{:.2f} {:.2f},{:.2f}\"/>\n", x,
                         y - 5.0, x + 5.0, y + 4.0, x - 5.0, y + 4.0);
    default:
      return fmt::format(
          "<polygon class=\"marker\" points=\"{:.2f},{:.2f} {:.2f},{:.2f} {:.2f},{:.2f} {:.2f},{:.2f}\"/>\n", x,
          y - 5.0, x + 5.0, y, x, y + 5.0, x - 5.0, y);
  }
}

/// A chart with its axes; values are those on paper, logarithms on a logarithmic axis.
class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart), bottom_(440.0 - legend_row * static_cast<double>(chart.series.size())) {
    std::vector<double> all_x, all_y;
    for (const auto& series : chart.series) {
      for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (!is_drawn(series, i)) continue;
        all_x.push_back(on_paper_x(series.x[i]));
        all_y.push_back(on_paper(series.y[i]));
        for (const double end : bar(series, i)) all_y.push_back(on_paper(end));
      }
    }
    x_ = chart.logarithmic_x ? decades(all_x) : scale_for(all_x, 10.0);
    if (chart.logarithmic) {
      y_ = decades(all_y);
    } else {
      y_ = scale_for(all_y, 8.0);
    }
  }

  std::string document() const {
    std::string out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"500\" viewBox=\"0 0 800 500\" "
        "font-family=\"sans-serif\" font-size=\"13\">\n"
        "<title>{}</title>\n<rect width=\"800\" height=\"500\" fill=\"#ffffff\"/>\n",
        sdk::xml_escaped(chart_.title));
    out += text((left + right) / 2.0, 30.0, "middle", chart_.title, " font-size=\"16\"");
    out += axes();
    for (std::size_t s = 0; s < chart_.series.size(); ++s) out += curve(s);
    out += "<g class=\"legend\">\n";
    for (std::size_t s = 0; s < chart_.series.size(); ++s) out += legend(s);
    return out + "</g>\n</svg>\n";
  }

 private:
  double on_paper(double y) const { return chart_.logarithmic ? std::log10(y) : y; }
  bool is_finite(const ChartSeries& series, std::size_t i) const {
    return std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
  }
  bool is_drawn(const ChartSeries& series, std::size_t i) const {
    return is_finite(series, i) && !(chart_.logarithmic && series.y[i] <= 0.0) &&
           !(chart_.logarithmic_x && series.x[i] <= 0.0);
  }
  double on_paper_x(double x) const { return chart_.logarithmic_x ? std::log10(x) : x; }

  /// Both ends of the error bar that are on the paper.
  std::vector<double> bar(const ChartSeries& series, std::size_t i) const {
    if (series.errors.empty() || !(series.errors[i] > 0.0) || !std::isfinite(series.errors[i])) return {};
    std::vector<double> ends{series.y[i] + series.errors[i]};
    const double low = series.y[i] - series.errors[i];
    if (!chart_.logarithmic || low > 0.0) ends.push_back(low);
    return ends;
  }

  /// A tick as text.
  static std::string tick(const Scale& scale, double k, bool logarithmic) {
    return fmt::format("{}{:.12g}", logarithmic ? "1e" : "", k * scale.step);
  }
  /// Long labels are small, so that they fit.
  static std::string size_for(const std::string& label) {
    constexpr double most = 8.0;  // characters
    const auto length = static_cast<double>(label.size());
    return length <= most ? "" : fmt::format(" font-size=\"{:.1f}\"", 13.0 * most / length);
  }

  /// Whole decades around the logarithms.
  static Scale decades(std::vector<double> logarithms) {
    constexpr double round_off = 1e-9;
    if (logarithms.empty()) return {};
    const auto [low, high] = std::minmax_element(logarithms.begin(), logarithms.end());
    return scale_for({std::floor(*low + round_off), std::ceil(*high - round_off)}, 16.0);
  }

  double place_x(double fraction) const { return left + (right - left) * fraction; }
  double place_y(double fraction) const { return bottom_ - (bottom_ - top) * fraction; }

  std::string axes() const {
    std::string grid = "<g class=\"grid\" stroke=\"#dddddd\">\n", labels = "<g class=\"labels\">\n";
    for (double k = x_.first; k <= x_.last; ++k) {
      const double x = place_x(x_.fraction_of_tick(k));
      grid += line(x, top, x, bottom_);
      const auto label = tick(x_, k, chart_.logarithmic_x);
      labels += text(x, bottom_ + 18.0, "middle", label, size_for(label));
    }
    for (double k = y_.first; k <= y_.last; ++k) {
      const double y = place_y(y_.fraction_of_tick(k));
      grid += line(left, y, right, y);
      const auto label = tick(y_, k, chart_.logarithmic);
      labels += text(left - 8.0, y + 4.0, "end", label, size_for(label));
    }
    labels += text((left + right) / 2.0, bottom_ + 38.0, "middle", label_of(chart_.x));
    const double middle = (top + bottom_) / 2.0;
    labels +=
        text(20.0, middle, "middle", label_of(chart_.y), fmt::format(" transform=\"rotate(-90 20 {:.2f})\"", middle));
    const auto frame = fmt::format(
        "<rect class=\"frame\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"none\" "
        "stroke=\"#000000\"/>\n",
        left, top, right - left, bottom_ - top);
    return grid + "</g>\n" + labels + "</g>\n" + frame;
  }

  static const char* colour(std::size_t s) { return colours[s % colours.size()]; }

  /// A polyline for each run of points that can be drawn, then the markers.
  std::string curve(std::size_t s) const {
    const auto& series = chart_.series[s];
    std::string out = fmt::format("<g class=\"series\" fill=\"{}\">\n", colour(s)), run, markers;
    const auto end_run = [&] {
      if (!run.empty()) {
        out +=
            fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n", run, colour(s));
      }
      run.clear();
    };
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (!is_drawn(series, i)) {
        end_run();
        continue;
      }
      const double x = place_x(x_.fraction(on_paper_x(series.x[i]))), y = place_y(y_.fraction(on_paper(series.y[i])));
      if (series.drawn != ChartSeries::Drawn::points)
        run += fmt::format("{}{:.2f},{:.2f}", run.empty() ? "" : " ", x, y);
      if (series.drawn != ChartSeries::Drawn::line) markers += marker(s, x, y);
      markers += error_bar(s, i, x);
      if (!series.labels.empty()) markers += label(series.labels[i], x, y);
    }
    end_run();
    return out + markers + "</g>\n";
  }

  std::string error_bar(std::size_t s, std::size_t i, double x) const {
    const auto ends = bar(chart_.series[s], i);
    if (ends.empty()) return {};
    const double high = place_y(y_.fraction(on_paper(ends[0])));
    const double low = ends.size() > 1 ? place_y(y_.fraction(on_paper(ends[1]))) : bottom_;
    return fmt::format("<g class=\"error\" stroke=\"{}\">\n", colour(s)) + line(x, low, x, high) +
           line(x - 4.0, high, x + 4.0, high) + (ends.size() > 1 ? line(x - 4.0, low, x + 4.0, low) : "") + "</g>\n";
  }

  /// Beside the point, on the side that has more room.
  static std::string label(const std::string& content, double x, double y) {
    const bool is_left = x > (left + right) / 2.0;
    return text(x + (is_left ? -9.0 : 9.0), y + (y < top + 20.0 ? 14.0 : -7.0), is_left ? "end" : "start", content,
                " font-size=\"12\"");
  }

  std::string legend(std::size_t s) const {
    const auto& series = chart_.series[s];
    std::size_t not_finite = 0, not_above = 0;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (!is_finite(series, i)) {
        ++not_finite;
      } else if (!is_drawn(series, i)) {
        ++not_above;
      }
    }
    std::string notes;
    if (not_above > 0) notes = count_of(not_above, "not above 0");
    if (not_finite > 0) notes += (notes.empty() ? "" : ", ") + count_of(not_finite, "not finite");
    const double y = bottom_ + 62.0 + legend_row * static_cast<double>(s);
    return fmt::format("<g fill=\"{0}\" stroke=\"{0}\" stroke-width=\"2\">\n", colour(s)) +
           (series.drawn == ChartSeries::Drawn::points ? "" : line(left, y - 4.0, left + 30.0, y - 4.0)) +
           (series.drawn == ChartSeries::Drawn::line ? "" : marker(s, left + 15.0, y - 4.0)) + "</g>\n" +
           text(left + 40.0, y, "start", notes.empty() ? series.name : series.name + " (" + notes + ")");
  }

  const Chart& chart_;
  double bottom_;
  Scale x_, y_;
};

}  // namespace

std::string svg(const Chart& chart) {
  if (chart.series.size() > 8) {
    throw sdk::Error(sdk::ErrorKind::internal, "a chart holds at most 8 series", "svg", "draw several charts");
  }
  for (const auto& series : chart.series) {
    const auto fits = [n = series.x.size()](std::size_t size) { return size == 0 || size == n; };
    if (series.x.size() == series.y.size() && fits(series.errors.size()) && fits(series.labels.size())) continue;
    throw sdk::Error(sdk::ErrorKind::internal, "the series \"" + series.name + "\" has not one y for each x", "svg");
  }
  return Drawing(chart).document();
}

void write_chart(const base::Communicator& comm, const std::string& path, const Chart& chart) {
  base::agree(comm, [&] {
    if (comm.is_root()) write_text_file(path, svg(chart));
  });
}

}  // namespace ansatz::io
