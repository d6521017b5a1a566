#include "engine/report/series_charts.hpp"

#include <algorithm>
#include <cmath>

namespace ansatz::report {
namespace {

constexpr std::size_t most_quantities = 24, most_in_chart = 6, most_points = 800, most_markers = 40, most_charts = 12;
constexpr double like = 20.0;  // sizes of quantities that share an axis

/// The least and the largest value of each stretch.
io::ChartSeries thinned(const io::ChartSeries& full) {
  const std::size_t n = full.x.size();
  if (n <= most_points) return full;
  io::ChartSeries out{full.name, {}, {}, full.drawn};
  const std::size_t stretches = most_points / 2;
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t begin = s * n / stretches, end = (s + 1) * n / stretches;
    std::size_t low = begin, high = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (full.y[i] < full.y[low]) low = i;
      if (full.y[i] > full.y[high]) high = i;
    }
    for (const std::size_t i : {std::min(low, high), std::max(low, high)}) {
      out.x.push_back(full.x[i]);
      out.y.push_back(full.y[i]);
      if (low == high) break;
    }
  }
  return out;
}

}  // namespace

std::vector<io::Chart> charts_over_time(const quantities::TimeSeries& series, const io::Columns& columns) {
  struct Open {
    std::string unit;
    double size;
    io::Chart chart;
  };
  std::vector<Open> open;
  const std::size_t width = std::min({series.num_quantities(), columns.names.size(), most_quantities});
  for (std::size_t k = 0; k < width; ++k) {
    io::ChartSeries one{columns.names[k], {}, {}};
    double size = 0.0;
    for (std::size_t i = 0; i < series.size(); ++i) {
      one.x.push_back(series.time(i));
      one.y.push_back(series.value(i, k));
      if (std::isfinite(one.y.back())) size = std::max(size, std::abs(one.y.back()));
    }
    if (one.x.size() > most_markers) one.drawn = io::ChartSeries::Drawn::line;
    auto fit = std::ranges::find_if(open, [&](const Open& o) {
      return o.unit == columns.units[k] && o.chart.series.size() < most_in_chart && size <= like * o.size &&
             o.size <= like * size;
    });
    if (fit == open.end()) {
      open.push_back({columns.units[k], size, {"", {"t", "s"}, {"value", columns.units[k]}, false, {}}});
      fit = open.end() - 1;
    }
    fit->chart.series.push_back(thinned(one));
  }
  std::vector<io::Chart> charts;
  for (auto& o : open) {
    const auto& first = o.chart.series[0].name;
    o.chart.title = o.chart.series.size() == 1 ? first + " over time" : "quantities over time";
    if (o.chart.series.size() == 1) o.chart.y.name = first;
    charts.push_back(std::move(o.chart));
  }
  return charts;
}

std::vector<io::Chart> charts_over_parameters(const io::SweepTable& table) {
  const std::size_t n = table.num_points(), num_parameters = table.parameters.names.size(),
                    num_quantities = table.quantities.names.size();
  std::vector<std::size_t> varying;
  for (std::size_t p = 0; p < num_parameters; ++p) {
    bool varies = false;
    for (std::size_t i = 1; i < n; ++i)
      varies |= table.parameter_values[i * num_parameters + p] != table.parameter_values[p];
    if (varies) varying.push_back(p);
  }
  std::vector<io::Chart> charts;
  if (varying.size() < 2) return charts;
  const std::size_t step = (n + most_points - 1) / most_points;
  for (std::size_t k = 0; k < num_quantities; ++k) {
    for (const auto p : varying) {
      if (charts.size() == most_charts) return charts;
      const auto& name = table.quantities.names[k];
      io::ChartSeries series{name, {}, {}, io::ChartSeries::Drawn::points};
      for (std::size_t i = 0; i < n; i += step) {
        series.x.push_back(table.parameter_values[i * num_parameters + p]);
        series.y.push_back(table.quantity_values[i * num_quantities + k]);
      }
      charts.push_back({name + " over " + table.parameters.names[p],
                        {table.parameters.names[p], table.parameters.units[p]},
                        {name, table.quantities.units[k]},
                        false,
                        {series}});
    }
  }
  return charts;
}

}  // namespace ansatz::report
