#include "engine/study/point_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "engine/io/charts/chart.hpp"
#include "engine/study/study_points.hpp"

namespace ansatz::study {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_warnings = 5;

/// Errors that other parameters may not have.
bool is_of_point(sdk::ErrorKind kind) {
  using enum sdk::ErrorKind;
  return kind == solver || kind == not_finite || kind == parameter || kind == mesh || kind == case_file;
}

}  // namespace

PointTable::PointTable(const problem::Problem& problem, results::RunLog& log, const std::string& ansatz)
    : problem_(problem), log_(log), points_(study_points(problem.parsed())) {
  const auto& parsed = problem.parsed();
  table_.title = parsed.title.empty() ? parsed.name : parsed.title;
  table_.ansatz = ansatz;
  for (const auto& [name, spec] : parsed.parameters) {
    table_.parameters.names.push_back(name);
    table_.parameters.units.push_back(spec.unit);
  }
  table_.parameter_values = points_.values();
}

void PointTable::add_column(const std::string& name, const std::string& unit) {
  table_.quantities.names.push_back(name);
  table_.quantities.units.push_back(unit);
}

void PointTable::add_row(std::size_t i,
                         const std::function<std::vector<quantities::QuantityValue>(std::size_t i)>& quantities) {
  std::vector<quantities::QuantityValue> values;
  std::string problem;
  try {
    values = quantities(i);
    for (const auto& q : values) {
      if (!q.problem.empty()) problem += fmt::format("{}{}: {}", problem.empty() ? "" : "; ", q.name, q.problem);
    }
  } catch (const sdk::Error& error) {
    if (!is_of_point(error.kind())) throw;
    problem = error.what();
    if (!error.where().empty()) problem += " (" + error.where() + ")";
  }
  log_.set_quiet(false);
  values.resize(table_.quantities.names.size(), {"", not_a_number, ""});
  for (const auto& q : values) table_.quantity_values.push_back(q.problem.empty() ? q.value : not_a_number);
  add_problem(i, problem);
}

void PointTable::add_problem(std::size_t i, std::string problem) {
  std::ranges::replace(problem, '\n', ' ');
  table_.problems.push_back(problem);
  if (problem.empty()) return;
  const auto failed = table_.num_problems();
  std::string at;
  for (std::size_t p = 0; p < table_.parameters.names.size(); ++p) {
    at += fmt::format("{}{} = {:.9g}", p > 0 ? ", " : "", table_.parameters.names[p], points_[i][p]);
  }
  if (failed <= most_warnings) log_.warn(fmt::format("no result at point {}, {}: {}", i + 1, at, problem));
  if (failed == most_warnings) log_.say("  further points without a result are in the table only");
}

io::SweepTable PointTable::finish(const std::string& study, double start, const std::string& folder) {
  const auto failed = static_cast<std::int64_t>(table_.num_problems());
  log_.say(fmt::format("  {}: {} points in {:.2f} s{}", study, points_.size(), log_.seconds() - start,
                       failed > 0 ? fmt::format(", {} without a result", failed) : ""));
  log_.event(study, {{"points", static_cast<std::int64_t>(points_.size())},
                     {"failed", failed},
                     {"seconds_taken", log_.seconds() - start}});
  if (failed == 0) table_.problems.clear();
  write(folder);
  draw(study, folder);
  return std::move(table_);
}

void PointTable::write(const std::string& folder) {
  const auto& comm = problem_.mesh().comm;
  const auto path = (std::filesystem::path(folder) / problem_.parsed().study.sweep.file).string();
  const auto csv = std::filesystem::path(path).replace_extension(".csv").string();
  io::write_sweep(comm, path, table_);
  io::write_sweep_csv(comm, csv, table_);
  for (const auto& file : {path, csv}) log_.say("  table: " + std::filesystem::absolute(file).string());
}

/// The parameter that varies, where it is one.
int PointTable::only_varying() const {
  int found = -1;
  for (int p = 0; p < points_.dimension(); ++p) {
    bool varies = false;
    for (std::size_t i = 1; i < points_.size(); ++i) varies |= points_[i][p] != points_[0][p];
    if (!varies) continue;
    if (found >= 0) return -1;
    found = p;
  }
  return found;
}

/// A picture for each unit, with up to 8 quantities.
void PointTable::draw(const std::string& study, const std::string& folder) {
  const int p = only_varying();
  if (p < 0) return;
  std::vector<std::size_t> order(points_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return points_[i][p]; });
  std::vector<io::Chart> charts;
  const std::size_t width = table_.quantities.names.size();
  for (std::size_t k = 0; k < width; ++k) {
    const auto& unit = table_.quantities.units[k];
    auto chart = std::ranges::find_if(charts, [&](const auto& c) { return c.y.unit == unit && c.series.size() < 8; });
    if (chart == charts.end()) {
      charts.push_back(
          {table_.title, {table_.parameters.names[p], table_.parameters.units[p]}, {"quantities", unit}, false, {}});
      chart = charts.end() - 1;
    }
    io::ChartSeries series{table_.quantities.names[k], {}, {}};
    for (const auto i : order) {
      series.x.push_back(points_[i][p]);
      series.y.push_back(table_.quantity_values[i * width + k]);
    }
    chart->series.push_back(std::move(series));
  }
  for (std::size_t c = 0; c < charts.size(); ++c) {
    const auto path = fmt::format("{}/{}{}.svg", folder, study, c == 0 ? "" : fmt::format("_{}", c + 1));
    io::write_chart(problem_.mesh().comm, path, charts[c]);
    log_.say("  picture: " + std::filesystem::absolute(path).string());
  }
}

std::vector<quantities::QuantityValue> with_formulas(const problem::Problem& problem, std::span<const double> mu,
                                                     const std::vector<std::optional<double>>& known) {
  std::vector<double> values;
  std::vector<quantities::QuantityValue> result;
  for (std::size_t k = 0; k < known.size(); ++k) {
    const auto& quantity = problem.quantities()[k];
    double value = not_a_number;
    if (known[k]) {
      value = *known[k];
    } else if (quantity.spec.kind == input::QuantitySpec::Kind::formula) {
      value =
          quantity.expression.evaluate(sdk::ExpressionInputs<double>{nullptr, 0.0, mu.data(), values.data(), nullptr});
    }
    values.push_back(value);
    result.push_back({quantity.spec.name, value + 0.0, ""});  // zero has no sign
    if (!std::isfinite(value)) {
      result.back().problem = std::isnan(value) ? "it is not a number" : fmt::format("it is {}", value);
    }
  }
  return result;
}

}  // namespace ansatz::study
