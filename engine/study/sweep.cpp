#include "engine/study/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "engine/io/chart.hpp"
#include "engine/linear/vector.hpp"
#include "engine/reduced/batch.hpp"
#include "engine/study/reduced_settings.hpp"
#include "engine/study/reduced_solve.hpp"
#include "engine/study/solve.hpp"

namespace ansatz::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Sweep {
 public:
  Sweep(Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry, RunLog& log,
        const std::string& folder)
      : problem_(problem),
        options_(options),
        registry_(registry),
        log_(log),
        folder_(folder),
        case_(problem.parsed()),
        points_(sweep_points(case_)) {
    table_.title = case_.title.empty() ? case_.name : case_.title;
    table_.ansatz = case_.solver.type;
    for (const auto& [name, spec] : case_.parameters) {
      table_.parameters.names.push_back(name);
      table_.parameters.units.push_back(spec.unit);
    }
    for (const auto& quantity : problem.quantities()) {
      table_.quantities.names.push_back(quantity.spec.name);
      table_.quantities.units.push_back(quantity.unit);
    }
    table_.parameter_values = points_.values();
  }

  io::SweepTable run() {
    const double start = log_.seconds();
    if (case_.solver.type == "fem") {
      finite_elements();
    } else {
      reduced_basis();
    }
    log_.say(fmt::format("  sweep: {} points in {:.2f} s", points_.size(), log_.seconds() - start));
    log_.event("sweep",
               {{"points", static_cast<std::int64_t>(points_.size())}, {"seconds_taken", log_.seconds() - start}});
    write();
    return std::move(table_);
  }

 private:
  /// A line now and then while `done` points are done since `start`.
  void progress(std::size_t done, double start) {
    const auto tenth = std::max<std::size_t>(points_.size() / 10, 1);
    if (done % tenth != 0 && log_.seconds() - last_line_ < 5.0) return;
    last_line_ = log_.seconds();
    log_.say(fmt::format("  {} of {} points  eta {:.0f} s", done, points_.size(),
                         (last_line_ - start) / double(done) * double(points_.size() - done)));
  }

  void move_to(std::size_t i, fem::DiscreteProblem& discrete) {
    const std::vector<double> mu(points_[i].begin(), points_[i].end());
    problem_.set_parameters(mu);
    discrete.set_parameters(mu);
  }

  void add_row(const std::vector<QuantityValue>& values) {
    for (std::size_t k = 0; k < table_.quantities.names.size(); ++k) table_.quantity_values.push_back(values[k].value);
  }

  void finite_elements() {
    const double start = log_.seconds();
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double before = log_.seconds();
      // A new one for each point, so that no point depends on those before it.
      fem::DiscreteProblem discrete(problem_.form(), problem_.dirichlet(), options_);
      move_to(i, discrete);
      log_.set_quiet(true);
      const auto solution = FemSolve(problem_, discrete, registry_, log_).run([](const Solution&, std::int64_t, bool) {});
      log_.set_quiet(false);
      add_row(evaluate_quantities(problem_, discrete, solution, &series_));
      table_.seconds.push_back(problem_.mesh().comm.max(log_.seconds() - before));
      progress(i + 1, start);
    }
  }

  void reduced_basis() {
    const auto& comm = problem_.mesh().comm;
    fem::DiscreteProblem discrete(problem_.form(), problem_.dirichlet(), options_);
    ReducedSolve solve(problem_, discrete, registry_, log_, folder_);
    solve.prepare();
    auto& outputs = solve.outputs();
    const auto batch = evaluate_batch(comm, solve.model(), outputs.models(), points_);
    table_.bound_kind = batch.is_estimate ? "estimate" : "bound";
    table_.solution_bounds = batch.solution_bounds;
    table_.seconds = batch.seconds;
    const double total = std::accumulate(batch.seconds.begin(), batch.seconds.end(), 0.0);
    log_.say(fmt::format("  {} points by the reduced model: {:.1f} us each", points_.size(),
                         1e6 * total / double(points_.size())));
    const bool lifts = !outputs.is_complete();
    if (lifts)
      log_.say(
          "  some quantities are no outputs of the model: they are computed from lifted fields, which takes longer");
    const std::size_t width = outputs.models().size();
    const double start = log_.seconds();
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const auto known = outputs.known(std::span(batch.values).subspan(i * width, width),
                                       std::span(batch.bounds).subspan(i * width, width), batch.is_estimate);
      for (const auto& quantity : known) table_.bounds.push_back(quantity.reason.empty() ? quantity.bound : infinity);
      if (lifts) {
        const double before = log_.seconds();
        move_to(i, discrete);
        add_row(evaluate_quantities(problem_, discrete, lifted(solve, points_[i]), &series_, known));
        table_.seconds[i] += comm.max(log_.seconds() - before);
        progress(i + 1, start);
      } else {
        add_known(i, known);
      }
    }
  }

  static Solution lifted(const ReducedSolve& solve, std::span<const double> mu) {
    reduced::ReducedModel::Workspace work(solve.model());
    const auto result = solve.model().solve(mu, work);
    Solution solution{0.0, std::vector<double>(solve.vectors().num_rows(), 0.0), std::nullopt};
    int j = 0;
    for (const double c : result.coefficients) linear::add_scaled(c, solve.vectors().column(j++), solution.values);
    for (const double l : result.liftings) linear::add_scaled(l, solve.vectors().column(j++), solution.values);
    return solution;
  }

  /// A row of outputs and formulas of them.
  void add_known(std::size_t i, const std::vector<KnownQuantity>& known) {
    std::vector<double> values;
    for (std::size_t k = 0; k < known.size(); ++k) {
      values.push_back(known[k].reason.empty()
                           ? known[k].value
                           : problem_.quantities()[k].expression.evaluate(sdk::ExpressionInputs<double>{
                                 nullptr, 0.0, points_[i].data(), values.data(), nullptr}));
    }
    table_.quantity_values.insert(table_.quantity_values.end(), values.begin(), values.end());
  }

  void write() {
    const auto& comm = problem_.mesh().comm;
    const auto path = (std::filesystem::path(folder_) / case_.study.sweep.file).string();
    const auto csv = std::filesystem::path(path).replace_extension(".csv").string();
    io::write_sweep(comm, path, table_);
    io::write_sweep_csv(comm, csv, table_);
    for (const auto& file : {path, csv}) log_.say("  table: " + std::filesystem::absolute(file).string());
    draw();
  }

  /// The parameter that varies, where it is one.
  int only_varying() const {
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
  void draw() {
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
      const auto path = folder_ + (c == 0 ? "/sweep.svg" : fmt::format("/sweep_{}.svg", c + 1));
      io::write_chart(problem_.mesh().comm, path, charts[c]);
      log_.say("  picture: " + std::filesystem::absolute(path).string());
    }
  }

  Problem& problem_;
  const linear::KrylovOptions& options_;
  const plugin::Registry& registry_;
  RunLog& log_;
  const std::string& folder_;
  const Case& case_;
  reduced::TrainingSet points_;
  io::SweepTable table_;
  TimeSeries series_;
  double last_line_ = 0.0;
};

void check(const Case& parsed) {
  if (parsed.time) {
    throw sdk::Error(sdk::ErrorKind::case_file, "sweeps are of steady problems so far", parsed.study.sweep.at.text(),
                     "remove the section [time]");
  }
}

}  // namespace

reduced::TrainingSet sweep_points(const Case& parsed) {
  const auto& spec = parsed.study.sweep;
  std::vector<double> fixed;
  std::vector<reduced::ParameterRange> ranges;
  std::vector<int> column;  // of each parameter in the sample, -1 where it does not vary
  for (const auto& [name, parameter] : parsed.parameters) {
    const auto value = spec.fixed.find(name);
    const bool varies = spec.values.empty() ? value == spec.fixed.end() : spec.values.count(name) > 0;
    fixed.push_back(value == spec.fixed.end() ? parameter.initial : value->second);
    column.push_back(varies ? static_cast<int>(ranges.size()) : -1);
    if (varies) ranges.push_back({name, parameter.low, parameter.high});
  }
  const int dimension = static_cast<int>(ranges.size());
  reduced::TrainingSet sample(dimension);
  if (spec.values.empty()) {
    sample = reduced::sample(reduced::ParameterBox(ranges), sampling(spec.points, dimension));
  } else {
    for (std::size_t i = 0; i < spec.values.begin()->second.size(); ++i) {
      std::vector<double> mu;
      for (const auto& [name, values] : spec.values) mu.push_back(values[i]);
      sample.append(mu);
    }
  }
  reduced::TrainingSet points(static_cast<int>(fixed.size()));
  for (std::size_t i = 0; i < sample.size(); ++i) {
    auto mu = fixed;
    for (std::size_t p = 0; p < mu.size(); ++p) mu[p] = column[p] < 0 ? mu[p] : sample[i][column[p]];
    points.append(mu);
  }
  return points;
}

io::SweepTable sweep(Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry, RunLog& log,
                     const std::string& folder) {
  check(problem.parsed());
  return Sweep(problem, options, registry, log, folder).run();
}

}  // namespace ansatz::study
