#include "engine/io/charts/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "ansatz/sdk/text.hpp"
#include "engine/io/hdf5/disk.hpp"

namespace ansatz::io {
namespace {

constexpr double left = 90.0, right = 780.0, top = 50.0;
constexpr double legend_row = 20.0;

/// Colours that people with any colour vision tell apart (Okabe and Ito, without the yellow, which is pale on white).
constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};

/// From the first to the last tick, both in units of the distance between ticks.
struct Scale {
  double step = 1.0;
  double first = 0.0;
  double last = 1.0;

  double fraction(double value) const { return fraction_of_tick(value / step); }
  double fraction_of_tick(double k) const { return (k - first) / (last - first); }
};

/// Ticks at multiples of 1, 2 or 5 times a power of 10 around the values, about `intervals` of them; integers where all
/// values are.
Scale scale_for(const std::vector<double>& values, double intervals) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const bool whole = std::all_of(values.begin(), values.end(), [](double v) { return v == std::round(v); });
  const double size = std::max(std::abs(*low), std::abs(*high));
  // The parts of the size keep the number of steps exact; the halves keep the difference of large values finite.
  const double least = std::max({*high == *low ? size / intervals : size * 1e-12, whole ? 1.0 : 0.0, 1e-300});
  const double wanted = std::max((*high / 2.0 - *low / 2.0) / (intervals / 2.0), least);
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  Scale scale;
  for (const double multiple : {10.0, 5.0, 2.0, 1.0}) {
    if (multiple * power >= wanted * (1.0 - 1e-9)) scale.step = multiple * power;
  }
  constexpr double round_off = 1e-9;
  scale.first = std::floor(*low / scale.step + round_off);
  scale.last = std::ceil(*high / scale.step - round_off);
  if (scale.last <= scale.first) scale = {scale.step, scale.first - 1.0, scale.first + 1.0};
  return scale;
}

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

/// A chart with its axes; y values are those on paper, logarithms on a logarithmic axis.
class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart), bottom_(440.0 - legend_row * static_cast<double>(chart.series.size())) {
    std::vector<double> all_x, all_y;
    for (const auto& series : chart.series) {
      for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (!is_drawn(series, i)) continue;
        all_x.push_back(series.x[i]);
        all_y.push_back(on_paper(series.y[i]));
      }
    }
    x_ = scale_for(all_x, 10.0);
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
    return is_finite(series, i) && !(chart_.logarithmic && series.y[i] <= 0.0);
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
      labels += text(x, bottom_ + 18.0, "middle", fmt::format("{:.12g}", k * x_.step));
    }
    for (double k = y_.first; k <= y_.last; ++k) {
      const double y = place_y(y_.fraction_of_tick(k));
      grid += line(left, y, right, y);
      labels += text(left - 8.0, y + 4.0, "end", fmt::format("{}{:.12g}", chart_.logarithmic ? "1e" : "", k * y_.step));
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
      const double x = place_x(x_.fraction(series.x[i])), y = place_y(y_.fraction(on_paper(series.y[i])));
      run += fmt::format("{}{:.2f},{:.2f}", run.empty() ? "" : " ", x, y);
      markers += marker(s, x, y);
    }
    end_run();
    return out + markers + "</g>\n";
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
           line(left, y - 4.0, left + 30.0, y - 4.0) + marker(s, left + 15.0, y - 4.0) + "</g>\n" +
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
    if (series.x.size() == series.y.size()) continue;
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
