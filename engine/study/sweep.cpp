#include "engine/study/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "engine/io/charts/chart.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/basis/batch.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/reduced_basis/reduced_solver.hpp"

namespace ansatz::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_warnings = 5;

class Sweep {
 public:
  Sweep(problem::Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry,
        results::RunLog& log, const std::string& folder)
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
    table_.parameter_values = points_.values();
  }

  io::SweepTable run() {
    const double start = log_.seconds();
    if (case_.solver.type == "fem") {
      finite_elements();
    } else {
      reduced_basis();
    }
    const auto failed = static_cast<std::int64_t>(table_.num_problems());
    log_.say(fmt::format("  sweep: {} points in {:.2f} s{}", points_.size(), log_.seconds() - start,
                         failed > 0 ? fmt::format(", {} without a result", failed) : ""));
    log_.event("sweep", {{"points", static_cast<std::int64_t>(points_.size())},
                         {"failed", failed},
                         {"seconds_taken", log_.seconds() - start}});
    if (failed == 0) table_.problems.clear();
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

  void move_to(std::size_t i) { problem_.set_parameters(points_[i]); }

  void set_columns(std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
      table_.quantities.names.push_back(problem_.quantities()[k].spec.name);
      table_.quantities.units.push_back(problem_.quantities()[k].unit);
    }
  }

  /// The quantities of point i by `work`; not-a-number with the reason where they cannot be had.
  template <class Work>
  void add_point(std::size_t i, const Work& work) {
    std::vector<quantities::QuantityValue> values;
    std::string problem;
    try {
      values = work(i);
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

  /// Errors that other parameters may not have.
  static bool is_of_point(sdk::ErrorKind kind) {
    using enum sdk::ErrorKind;
    return kind == solver || kind == not_finite || kind == parameter || kind == mesh || kind == case_file;
  }

  void add_problem(std::size_t i, std::string problem) {
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

  void finite_elements() {
    set_columns(problem_.quantities().size());
    const double start = log_.seconds();
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double before = log_.seconds();
      add_point(i, [&](std::size_t point) {
        // A new one for each point, so that no point depends on those before it.
        fem::DiscreteProblem discrete(problem_.form(), problem_.dirichlet(), options_);
        move_to(point);
        log_.set_quiet(true);
        const auto solution = solvers::FemSolve(problem_, discrete, registry_, log_).run([](const auto&...) {});
        return quantities::evaluate_quantities(problem_, discrete, solution, &signals_);
      });
      table_.seconds.push_back(problem_.mesh().comm.max(log_.seconds() - before));
      progress(i + 1, start);
    }
  }

  void reduced_basis() {
    const auto& comm = problem_.mesh().comm;
    fem::DiscreteProblem discrete(problem_.form(), problem_.dirichlet(), options_);
    solvers::ReducedSolve solve(problem_, discrete, registry_, log_, folder_);
    solve.prepare();
    auto& outputs = solve.outputs();
    const auto batch = evaluate_batch(comm, solve.model(), outputs.models(), points_);
    table_.bound_kind = batch.is_estimate ? "estimate" : "bound";
    table_.solution_bounds = batch.solution_bounds;
    table_.seconds = batch.seconds;
    const double total = std::accumulate(batch.seconds.begin(), batch.seconds.end(), 0.0);
    log_.say(fmt::format("  {} points by the reduced model: {:.1f} us each", points_.size(),
                         1e6 * total / double(points_.size())));
    const bool lifts = !outputs.is_complete() || formulas_use_declared();
    if (lifts)
      log_.say(
          "  some quantities are no outputs of the model: they are computed from lifted fields, which takes longer");
    set_columns(lifts ? problem_.quantities().size() : problem_.num_case_quantities());
    const std::size_t width = outputs.models().size();
    const double start = log_.seconds();
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const auto known = outputs.known(std::span(batch.values).subspan(i * width, width),
                                       std::span(batch.bounds).subspan(i * width, width), batch.is_estimate);
      const auto first = table_.bounds.size();
      for (const auto& quantity : known) table_.bounds.push_back(quantity.reason.empty() ? quantity.bound : infinity);
      table_.bounds.resize(first + table_.quantities.names.size(), infinity);
      const double before = log_.seconds();
      add_point(i, [&](std::size_t point) {
        if (!batch.problems[point].empty()) throw sdk::Error(sdk::ErrorKind::solver, batch.problems[point]);
        if (!lifts) return known_values(point, known);
        move_to(point);
        return quantities::evaluate_quantities(problem_, discrete, lifted(solve, points_[point]), &signals_, known);
      });
      if (!lifts) continue;
      table_.seconds[i] += comm.max(log_.seconds() - before);
      progress(i + 1, start);
    }
  }

  /// Whether a formula needs a quantity that the physics declares, and so a field.
  bool formulas_use_declared() const {
    return std::ranges::any_of(problem_.quantities(), [&](const problem::BoundQuantity& quantity) {
      return std::ranges::any_of(quantity.expression.indices_used(sdk::SymbolKind::field), [&](int k) {
        return quantity.spec.kind == input::QuantitySpec::Kind::formula &&
               static_cast<std::size_t>(k) >= problem_.num_case_quantities();
      });
    });
  }

  static quantities::Solution lifted(const solvers::ReducedSolve& solve, std::span<const double> mu) {
    reduced::ReducedModel::Workspace work(solve.model());
    const auto result = solve.model().solve(mu, work);
    quantities::Solution solution{.values = std::vector<double>(solve.vectors().num_rows(), 0.0),
                                  .parameters = {mu.begin(), mu.end()}};
    int j = 0;
    for (const double c : result.coefficients) linear::add_scaled(c, solve.vectors().column(j++), solution.values);
    for (const double l : result.liftings) linear::add_scaled(l, solve.vectors().column(j++), solution.values);
    return solution;
  }

  /// Outputs and formulas of them.
  std::vector<quantities::QuantityValue> known_values(std::size_t i,
                                                      const std::vector<quantities::KnownQuantity>& known) const {
    std::vector<double> values;
    std::vector<quantities::QuantityValue> result;
    for (std::size_t k = 0; k < known.size(); ++k) {
      const auto& expression = problem_.quantities()[k].expression;
      values.push_back(known[k].reason.empty() ? known[k].value
                                               : expression.evaluate(sdk::ExpressionInputs<double>{
                                                     nullptr, 0.0, points_[i].data(), values.data(), nullptr}));
      result.push_back({known[k].name, values.back() + 0.0, ""});  // zero has no sign
      if (!std::isfinite(values.back())) {
        result.back().problem =
            std::isnan(values.back()) ? "it is not a number" : fmt::format("it is {}", values.back());
      }
    }
    return result;
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

  problem::Problem& problem_;
  const linear::KrylovOptions& options_;
  const plugin::Registry& registry_;
  results::RunLog& log_;
  const std::string& folder_;
  const input::Case& case_;
  sampling::TrainingSet points_;
  io::SweepTable table_;
  const quantities::Signals signals_{0, {}, {}};
  double last_line_ = 0.0;
};

}  // namespace

sampling::TrainingSet sweep_points(const input::Case& parsed) {
  const auto& spec = parsed.study.sweep;
  std::vector<double> fixed;
  std::vector<sampling::ParameterRange> ranges;
  std::vector<int> column;  // of each parameter in the sample, -1 where it does not vary
  for (const auto& [name, parameter] : parsed.parameters) {
    const auto value = spec.fixed.find(name);
    const bool varies = spec.values.empty() ? value == spec.fixed.end() : spec.values.count(name) > 0;
    fixed.push_back(value == spec.fixed.end() ? parameter.initial : value->second);
    column.push_back(varies ? static_cast<int>(ranges.size()) : -1);
    if (varies) ranges.push_back({name, parameter.low, parameter.high});
  }
  const int dimension = static_cast<int>(ranges.size());
  sampling::TrainingSet sample(dimension);
  if (spec.values.empty()) {
    sample = sampling::sample(sampling::ParameterBox(ranges), solvers::sampling(spec.points, dimension));
  } else {
    for (std::size_t i = 0; i < spec.values.begin()->second.size(); ++i) {
      std::vector<double> mu;
      for (const auto& [name, values] : spec.values) mu.push_back(values[i]);
      sample.append(mu);
    }
  }
  sampling::TrainingSet points(static_cast<int>(fixed.size()));
  for (std::size_t i = 0; i < sample.size(); ++i) {
    auto mu = fixed;
    for (std::size_t p = 0; p < mu.size(); ++p) mu[p] = column[p] < 0 ? mu[p] : sample[i][column[p]];
    points.append(mu);
  }
  return points;
}

io::SweepTable sweep(problem::Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry,
                     results::RunLog& log, const std::string& folder) {
  return Sweep(problem, options, registry, log, folder).run();
}

}  // namespace ansatz::study
