#include "engine/study/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/results/progress.hpp"
#include "engine/study/point_table.hpp"

namespace ansatz::study {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

Sweep::Sweep(const solvers::CaseProblem& of_case)
    : of_case_(of_case),
      problem_(of_case.problem()),
      log_(of_case.log()),
      rows_(problem_, log_, problem_.parsed().solver.type),
      points_(rows_.points()),
      table_(rows_.table()) {}

void Sweep::run(sdk::StudyRun& run) {
  auto& ansatz = run.ansatz();
  const double start = log_.seconds();
  known_ = ansatz.tabulate(points_.values(), run.monitor());
  if (known_) check_tabulation();
  const bool solves = !known_ || needs_fields();
  if (known_ && solves) {
    log_.say(
        "  some quantities are not known without fields: they are computed from lifted fields, which takes longer");
  }
  set_columns(solves ? problem_.quantities().size() : problem_.num_case_quantities());
  if (known_) take_columns();
  results::Progress progress(log_, points_.size(), "points");
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (known_) add_bounds(i);
    const double before = log_.seconds();
    rows_.add_row(i, [&](std::size_t point) {
      if (known_ && !known_->problems.empty() && !known_->problems[point].empty())
        throw sdk::Error(sdk::ErrorKind::solver, known_->problems[point]);
      return solves ? by_field(run, ansatz, point) : by_tabulation(point);
    });
    if (!solves) continue;
    if (!known_) add_certificate(i);
    const double taken = problem_.mesh().comm.max(log_.seconds() - before);
    if (table_.seconds.size() <= i)
      table_.seconds.push_back(taken);
    else
      table_.seconds[i] += taken;
    progress.done(i + 1);
  }
  result_ = rows_.finish("sweep", start, of_case_.folder());
}

/// Of the solution at point i, by turns; a point without one has none.
void Sweep::add_certificate(std::size_t i) {
  auto& bounds = table_.solution_bounds;
  if (!certificate_ && bounds.empty()) return;
  bounds.resize(i, infinity);  // of points before the first that has one
  bounds.push_back(certificate_ ? certificate_->value : infinity);
  if (certificate_) table_.bound_kind = sdk::name(certificate_->kind);
  certificate_.reset();
}

void Sweep::set_columns(std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) {
    rows_.add_column(problem_.quantities()[k].spec.name, problem_.quantities()[k].unit);
  }
}

/// \throws sdk::Error of kind plugin, on all ranks.
void Sweep::check_tabulation() const {
  const auto n = points_.size(), width = known_->quantities.size();
  const auto is_of = [](const auto& values, std::size_t size) { return values.empty() || values.size() == size; };
  const bool fits = known_->values.size() == n * width && is_of(known_->bounds, n * width) &&
                    is_of(known_->solution_bounds, n) && is_of(known_->seconds, n) && is_of(known_->problems, n) &&
                    std::ranges::all_of(known_->quantities, [&](int k) {
                      return k >= 0 && static_cast<std::size_t>(k) < problem_.num_case_quantities();
                    });
  if (problem_.mesh().comm.max(fits ? 0.0 : 1.0) == 0.0) return;
  throw sdk::Error(sdk::ErrorKind::plugin, "the table of the ansatz has another shape than was asked for", {},
                   "that is a mistake of its plugin, see sdk::Tabulation");
}

void Sweep::take_columns() {
  if (!known_->bounds.empty() || !known_->solution_bounds.empty()) table_.bound_kind = sdk::name(known_->kind);
  table_.solution_bounds = known_->solution_bounds;
  table_.seconds = known_->seconds;
}

bool Sweep::is_tabulated(std::size_t k) const {
  return std::ranges::count(known_->quantities, static_cast<int>(k)) > 0;
}

/// A quantity is neither tabulated nor a formula, or a formula needs one that the physics declares.
bool Sweep::needs_fields() const {
  for (std::size_t k = 0; k < problem_.quantities().size(); ++k) {
    const auto& quantity = problem_.quantities()[k];
    const bool is_formula = quantity.spec.kind == input::QuantitySpec::Kind::formula;
    if (k < problem_.num_case_quantities() && !is_formula && !is_tabulated(k)) return true;
    if (is_formula && quantity.declared < 0 &&
        std::ranges::any_of(quantity.expression.indices_used(sdk::SymbolKind::field),
                            [&](int of) { return static_cast<std::size_t>(of) >= problem_.num_case_quantities(); }))
      return true;
  }
  return false;
}

void Sweep::add_bounds(std::size_t i) {
  if (known_->bounds.empty()) return;
  const auto width = known_->quantities.size(), first = table_.bounds.size();
  table_.bounds.resize(first + table_.quantities.names.size(), infinity);
  for (std::size_t j = 0; j < width; ++j)
    table_.bounds[first + static_cast<std::size_t>(known_->quantities[j])] = known_->bounds[i * width + j];
}

/// From the solution there, but for what is tabulated.
std::vector<quantities::QuantityValue> Sweep::by_field(sdk::StudyRun& run, sdk::Solver& ansatz, std::size_t i) {
  log_.set_quiet(true);
  auto solution = ansatz.solve({.parameters = points_[i]}, run.monitor());
  certificate_ = solution.certificate;
  if (known_) solution.quantities.clear();
  for (std::size_t j = 0; known_ && j < known_->quantities.size(); ++j)
    solution.quantities.push_back({known_->quantities[j], known_->values[i * known_->quantities.size() + j]});
  std::vector<quantities::QuantityValue> values;
  for (const auto& result : run.quantities(solution)) {
    auto& value = values.emplace_back();
    value.name = result.name;
    value.value = result.value;
    value.unit = result.unit;
    value.problem = result.problem;
  }
  return values;
}

/// Tabulated ones and formulas of them.
std::vector<quantities::QuantityValue> Sweep::by_tabulation(std::size_t i) const {
  std::vector<std::optional<double>> values(problem_.num_case_quantities());
  for (std::size_t j = 0; j < known_->quantities.size(); ++j)
    values[static_cast<std::size_t>(known_->quantities[j])] = known_->values[i * known_->quantities.size() + j];
  return with_formulas(problem_, points_[i], values);
}

}  // namespace ansatz::study
