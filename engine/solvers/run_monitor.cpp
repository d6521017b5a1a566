#include "engine/solvers/run_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/io/charts/chart.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::solvers {
namespace {

/// On the straight line between two solutions.
sdk::Solution between(const sdk::Solution& a, const sdk::Solution& b, double t) {
  sdk::Solution out{.time = t, .values = b.values, .rates = b.rates, .parameters = b.parameters};
  const double x = (t - a.time) / (b.time - a.time);
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = a.values[i] + x * (b.values[i] - a.values[i]);
  return out;
}

}  // namespace

void require_fitting(const problem::Problem& problem, const sdk::Solution& solution) {
  const auto size = static_cast<std::size_t>(problem.dofs().num_owned());
  const bool fits = solution.values.size() == size && (!solution.rates || solution.rates->size() == size) &&
                    (!solution.of_rates || solution.of_rates->size() == size);
  if (problem.mesh().comm.max(fits ? 0.0 : 1.0) == 0.0) return;
  throw sdk::Error(sdk::ErrorKind::plugin, "an ansatz returned vectors that are not of the owned unknowns of each rank",
                   {}, "that is a mistake of its plugin: Discretisation::num_owned() entries are wanted");
}

namespace {

/// \throws sdk::Error of kind case_file where a quantity needs du/dt and the solution has none: 0 would be wrong.
void require_rates(const problem::Problem& problem, const sdk::Solution& solution) {
  if (solution.rates || !problem.parsed().time || !problem.form().transient()) return;
  const auto& quantities = problem.quantities();
  const auto found = std::ranges::find_if(quantities, &problem::BoundQuantity::needs_rates);
  if (found == quantities.end()) return;
  throw sdk::Error(sdk::ErrorKind::case_file,
                   fmt::format("the quantity {} needs rates of the fields, which the ansatz {} does not know",
                               found->spec.name, problem.parsed().solver.type),
                   found->spec.at.text(), "remove it, or set solver.type = \"fem\"");
}

}  // namespace

RunMonitor::RunMonitor(const problem::Problem& problem, results::RunLog& log, std::string folder, Observer observe,
                       results::Checkpoints* checkpoints)
    : problem_(problem),
      log_(log),
      folder_(std::move(folder)),
      observe_(std::move(observe)),
      checkpoints_(checkpoints),
      progress_(log) {}

void RunMonitor::say(const std::string& line) { log_.say("  " + line); }

void RunMonitor::warn(const std::string& line) { log_.warn(line); }

void RunMonitor::event(const std::string& name, std::initializer_list<std::pair<const char*, sdk::LogValue>> values) {
  log_.event(name, values);
}

void RunMonitor::progress(double share, const std::string& line) { progress_.at(share, line); }

void RunMonitor::chart(const std::string& name, const std::string& title, const std::string& x_label,
                       const std::string& y_label, const std::vector<sdk::Curve>& curves, bool logarithmic) {
  io::Chart chart{title, {x_label, {}}, {y_label, {}}, logarithmic, {}};
  for (const auto& curve : curves) chart.series.push_back({curve.name, curve.x, curve.y});
  io::write_chart(problem_.mesh().comm, folder_ + "/" + name + ".svg", chart);
}

bool RunMonitor::state(std::function<void(sdk::StateArchive&)> exchange) {
  if (checkpoints_ == nullptr) return false;
  // What was shown last: the step that follows begins there.
  checkpoints_->add([this](sdk::StateArchive& archive) {
    sdk::Solution shown = before_.value_or(sdk::Solution{});
    std::int64_t is_there = before_ ? 1 : 0;
    archive.integer("shown", is_there);
    archive.number("shown.time", shown.time);
    archive.unknowns("shown.values", shown.values);
    if (!archive.loading() || is_there == 0) return;
    shown.parameters = problem_.parameters();
    before_ = std::move(shown);
  });
  checkpoints_->add(std::move(exchange));
  if (!checkpoints_->restart()) return false;
  checkpoints_->restore();
  return true;
}

void RunMonitor::after_step(std::int64_t step, double position) {
  if (checkpoints_ == nullptr) return;
  if (end_ && (position >= *end_ || time::same_time(position, *end_))) return checkpoints_->at_end(step, position);
  checkpoints_->after_step(step, position);
}

void RunMonitor::observe(const sdk::Solution& at, std::int64_t step, bool is_last, const StepTaken* taken) {
  ++observed_;
  if (!observe_) return;
  require_fitting(problem_, at);
  require_rates(problem_, at);
  if (!at.parameters.empty() && taken != nullptr) return observe_(at, step, is_last, taken);
  auto here = at;
  if (here.parameters.empty()) here.parameters = problem_.parameters();
  const bool is_step = before_ && before_->time < here.time;
  const StepTaken straight{is_step ? before_->time : 0.0, here.time,
                           [&](double t) { return between(*before_, here, t); }};
  const StepTaken named{taken != nullptr ? taken->begin : 0.0, here.time, [&](double t) {
                          auto solution = taken->solution(t);
                          if (solution.parameters.empty()) solution.parameters = problem_.parameters();
                          return solution;
                        }};
  observe_(here, step, is_last, taken != nullptr ? &named : is_step ? &straight : nullptr);
  before_ = std::move(here);
}

}  // namespace ansatz::solvers
