#include "engine/study/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/linear/matrices/vector.hpp"
#include "engine/reduced/basis/batch.hpp"
#include "engine/results/progress.hpp"
#include "engine/solvers/finite_elements/fem_solver.hpp"
#include "engine/solvers/reduced_basis/reduced_solver.hpp"
#include "engine/study/point_table.hpp"

namespace ansatz::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Sweep {
 public:
  Sweep(problem::Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry,
        results::RunLog& log, const std::string& folder)
      : problem_(problem),
        options_(options),
        registry_(registry),
        log_(log),
        folder_(folder),
        rows_(problem, log, problem.parsed().solver.type),
        points_(rows_.points()),
        table_(rows_.table()) {}

  io::SweepTable run() {
    const double start = log_.seconds();
    if (problem_.parsed().solver.type == "fem") {
      finite_elements();
    } else {
      reduced_basis();
    }
    return rows_.finish("sweep", start, folder_);
  }

 private:
  void move_to(std::size_t i) { problem_.set_parameters(points_[i]); }

  void set_columns(std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
      rows_.add_column(problem_.quantities()[k].spec.name, problem_.quantities()[k].unit);
    }
  }

  void finite_elements() {
    set_columns(problem_.quantities().size());
    results::Progress progress(log_, points_.size(), "points");
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double before = log_.seconds();
      rows_.add_row(i, [&](std::size_t point) {
        // A new one for each point, so that no point depends on those before it.
        fem::DiscreteProblem discrete(problem_.form(), problem_.dirichlet(), options_);
        move_to(point);
        log_.set_quiet(true);
        const auto solution = solvers::FemSolve(problem_, discrete, registry_, log_).run([](const auto&...) {});
        return quantities::evaluate_quantities(problem_, discrete, solution, &signals_);
      });
      table_.seconds.push_back(problem_.mesh().comm.max(log_.seconds() - before));
      progress.done(i + 1);
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
    results::Progress progress(log_, points_.size(), "points");
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const auto known = outputs.known(std::span(batch.values).subspan(i * width, width),
                                       std::span(batch.bounds).subspan(i * width, width), batch.is_estimate);
      const auto first = table_.bounds.size();
      for (const auto& quantity : known) table_.bounds.push_back(quantity.reason.empty() ? quantity.bound : infinity);
      table_.bounds.resize(first + table_.quantities.names.size(), infinity);
      const double before = log_.seconds();
      rows_.add_row(i, [&](std::size_t point) {
        if (!batch.problems[point].empty()) throw sdk::Error(sdk::ErrorKind::solver, batch.problems[point]);
        if (!lifts) return known_values(point, known);
        move_to(point);
        return quantities::evaluate_quantities(problem_, discrete, lifted(solve, points_[point]), &signals_, known);
      });
      if (!lifts) continue;
      table_.seconds[i] += comm.max(log_.seconds() - before);
      progress.done(i + 1);
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
    std::vector<std::optional<double>> values;
    for (const auto& quantity : known) {
      values.push_back(quantity.reason.empty() ? std::optional(quantity.value) : std::nullopt);
    }
    return with_formulas(problem_, points_[i], values);
  }

  problem::Problem& problem_;
  const linear::KrylovOptions& options_;
  const plugin::Registry& registry_;
  results::RunLog& log_;
  const std::string& folder_;
  PointTable rows_;
  const sampling::TrainingSet& points_;
  io::SweepTable& table_;
  const quantities::Signals signals_{0, {}, {}};
};

}  // namespace

io::SweepTable sweep(problem::Problem& problem, const linear::KrylovOptions& options, const plugin::Registry& registry,
                     results::RunLog& log, const std::string& folder) {
  return Sweep(problem, options, registry, log, folder).run();
}

}  // namespace ansatz::study
