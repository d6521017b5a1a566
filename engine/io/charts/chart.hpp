#pragma once
/// Charts of lines and points as SVG pictures, for convergence histories, time series, work and precision.

#include <string>
#include <vector>

#include "engine/base/communicator.hpp"

namespace ansatz::io {

/// What an axis says: "name [unit]", or "name" alone where the unit is empty.
struct AxisLabel {
  std::string name;
  std::string unit;
};

/// A line with a marker at each point (x_i, y_i), or one of both; all lists have the same length.
struct ChartSeries {
  enum class Drawn { line_and_points, line, points };

  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  Drawn drawn = Drawn::line_and_points;
  std::vector<double> errors = {};       ///< half the heights of error bars, in units of y; or empty
  std::vector<std::string> labels = {};  ///< texts beside the points; or empty
};

/// A chart; all text is UTF-8.
struct Chart {
  std::string title;
  AxisLabel x;
  AxisLabel y;
  bool logarithmic = false;         ///< the y axis
  std::vector<ChartSeries> series;  ///< at most 8, each with a colour and marker of its own
  bool logarithmic_x = false;       ///< the x axis
};

/// The chart as an SVG document of 800 x 500 pixels: plain shapes and text. The axes span x = 90 ... 780 from left to
/// right and y = 440 - 20 (number of series) ... 50 from bottom to top, each up to a labelled tick; the legend is
/// below. A point with a value that is not finite, or not above 0 on a logarithmic axis, interrupts its line and is
/// counted in the legend. \throws sdk::Error of kind internal for more than 8 series or lengths that differ
std::string svg(const Chart& chart);

/// Writes svg() into a file, completely or not at all, on rank 0. *Collective.* \throws sdk::Error of kind output, on
/// all ranks
void write_chart(const base::Communicator& comm, const std::string& path, const Chart& chart);

}  // namespace ansatz::io
