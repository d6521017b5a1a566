#include "engine/solvers/reduced_basis/training_charts.hpp"

#include <fmt/format.h>

#include "engine/io/charts/point_chart.hpp"

namespace ansatz::solvers {
namespace {

std::string title_of(const input::Case& parsed) { return parsed.title.empty() ? parsed.name : parsed.title; }

}  // namespace

io::Chart bound_chart(const input::Case& parsed, std::span<const sampling::GreedyStep> steps, double largest,
                      std::span<const double> errors, const std::string& norm) {
  const double each = parsed.reduced.pairs.empty() ? 1.0 : 2.0;  // functions a step
  const bool is_true = parsed.reduced.method == "strong_greedy";
  io::ChartSeries bound{
      is_true ? "largest error on the training set" : "largest error bound of the training set", {}, {}};
  for (const auto& step : steps) bound.y.push_back(step.indicator);
  bound.y.push_back(largest);
  for (std::size_t size = 0; size < bound.y.size(); ++size) bound.x.push_back(each * static_cast<double>(size));
  io::ChartSeries error{"true error at its parameters", {}, {errors.begin(), errors.end()}};
  error.x.assign(bound.x.begin(), bound.x.begin() + static_cast<std::ptrdiff_t>(errors.size()));
  return {title_of(parsed) + ": error of the reduced basis",
          {"number of basis functions", {}},
          {"error", norm},
          true,
          {std::move(bound), std::move(error)}};
}

io::Chart singular_value_chart(const input::Case& parsed, const reduced::Pod& pod, const std::string& norm) {
  io::ChartSeries kept{"kept as modes", {}, {}}, left_out{"left out", {}, {}};
  for (std::size_t i = 0; i < pod.singular_values.size(); ++i) {
    auto& series = i < static_cast<std::size_t>(pod.modes.num_columns()) ? kept : left_out;
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(pod.singular_values[i]);
  }
  io::Chart chart{title_of(parsed) + ": singular values of the snapshots",
                  {"number of the singular value", {}},
                  {"singular value", norm},
                  true,
                  {std::move(kept)}};
  if (!left_out.x.empty()) chart.series.push_back(std::move(left_out));
  return chart;
}

std::vector<std::string> write_magic_points(const input::Case& parsed, const mesh::Mesh& mesh,
                                            const reduced::InterpolatedFunctions& functions,
                                            const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& function : functions) {
    if (function->entries) continue;  // they are pairs of unknowns
    const auto split = function->points.begin() + std::ptrdiff_t{3} * function->num_points_of_terms();
    paths.push_back(fmt::format("{}/magic_points_{}.svg", folder, paths.size() + 1));
    io::write_point_chart(mesh, paths.back(), title_of(parsed) + ": interpolation of " + function->text,
                          {{"of its terms, in the order of their choice", {function->points.begin(), split}},
                           {"of the further terms, for estimates", {split, function->points.end()}}});
  }
  return paths;
}

}  // namespace ansatz::solvers
