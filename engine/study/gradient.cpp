#include "engine/study/gradient.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "ansatz/sdk/random.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/io/charts/csv.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/quantities/quantities.hpp"
#include "engine/solvers/run_monitor.hpp"
#include "engine/study/study_run.hpp"

namespace ansatz::study {

GradientStudy::GradientStudy(const solvers::CaseProblem& of_case)
    : of_case_(of_case),
      problem_(of_case.problem()),
      log_(of_case.log()),
      gradients_(of_case),
      quantities_(problem_.quantities().size()) {
  std::iota(quantities_.begin(), quantities_.end(), 0);
  const auto& type = of_case.parsed().solver.type;
  if (of_case.parsed().time && type != input::finite_elements_info().name) {
    throw sdk::Error(sdk::ErrorKind::case_file,
                     "derivatives of runs in time are those of finite elements, not of " + type,
                     of_case.parsed().study.sweep.at.text(), "set solver.type = \"fem\"");
  }
}

sdk::GradientTable GradientStudy::differentiate(sdk::StudyRun& run) {
  const auto parameters = of_case_.parsed().default_parameters();
  const sdk::Query query{.parameters = parameters};
  if (of_case_.parsed().solver.type == input::finite_elements_info().name)
    return gradients_.solve(query, quantities_, run.monitor());
  log_.say(
      "  derivatives are those of the finite-element equations, linearised at the solution of the ansatz: they differ "
      "from its own by the size of its error");
  return gradients_.at(run.ansatz().solve(query, run.monitor()), quantities_);
}

std::string GradientStudy::unit(std::size_t quantity, std::size_t parameter) const {
  const auto& of = problem_.quantities()[quantity].unit;
  const auto& by = of_case_.parameters()[parameter].unit;
  if (by.empty() || by == "1") return of;
  return fmt::format("{}/({})", of.empty() ? "1" : of, by);
}

void GradientStudy::run(sdk::StudyRun& run) {
  const auto table = differentiate(run);
  say(table);
  write(run, table);
  report(run, table);
  if (of_case_.parsed().study.gradient.check) check(run, table);
}

void GradientStudy::say(const sdk::GradientTable& table) const {
  const auto parameters = of_case_.parameters();
  const auto n = parameters.size();
  log_.say(fmt::format("\n  {:<28} {:>16}  {:<14} {:<20} {:>16}  {:<18} {:>11}", "quantity", "value", "unit", "by",
                       "derivative", "unit", "relative"));
  for (std::size_t i = 0; i < quantities_.size(); ++i) {
    const auto& quantity = problem_.quantities()[i];
    if (!table.problems[i].empty()) {
      log_.say(fmt::format("  {:<28} {:>16.9g}  {:<14} not differentiable: {}", quantity.spec.name, table.values[i],
                           quantity.unit, table.problems[i]));
      continue;
    }
    for (std::size_t k = 0; k < n; ++k) {
      const double slope = table.slopes[i * n + k];
      log_.say(fmt::format("  {:<28} {:>16.9g}  {:<14} {:<20} {:>16.9g}  {:<18} {:>11.4g}", quantity.spec.name,
                           table.values[i], quantity.unit, parameters[k].name, slope, unit(i, k),
                           problem_.parameters()[k] * slope / table.values[i]));
    }
  }
}

void GradientStudy::write(sdk::StudyRun& run, const sdk::GradientTable& table) const {
  const auto n = of_case_.parameters().size();
  sdk::ResultTable rows{{"quantity", "parameter", "value", "derivative", "relative"}, {"1", "1", "1", "1", "1"}, {}};
  for (std::size_t i = 0; i < quantities_.size(); ++i) {
    for (std::size_t k = 0; k < n && table.problems[i].empty(); ++k) {
      const double slope = table.slopes[i * n + k];
      rows.values.insert(rows.values.end(), {static_cast<double>(i), static_cast<double>(k), table.values[i], slope,
                                             problem_.parameters()[k] * slope / table.values[i]});
    }
  }
  run.write("gradient", rows);
  // The text with names in place of numbers.
  const auto field = [](const std::string& text) { return io::csv_field(text); };
  std::string text = "quantity,unit,value,parameter,derivative,unit of it,relative\n";
  std::size_t row = 0;
  for (std::size_t i = 0; i < quantities_.size(); ++i) {
    for (std::size_t k = 0; k < n && table.problems[i].empty(); ++k, ++row) {
      const auto* numbers = rows.values.data() + row * rows.names.size();
      const std::vector<std::string> fields{field(problem_.quantities()[i].spec.name),
                                            field(problem_.quantities()[i].unit),
                                            io::csv_number(numbers[2]),
                                            field(of_case_.parameters()[k].name),
                                            io::csv_number(numbers[3]),
                                            field(unit(i, k)),
                                            io::csv_number(numbers[4])};
      text += io::csv_line(fields);
    }
  }
  const auto& comm = of_case_.comm();
  base::agree(comm, [&] {
    if (comm.is_root()) io::write_text_file(of_case_.folder() + "/gradient.csv", text);
  });
}

void GradientStudy::report(sdk::StudyRun& run, const sdk::GradientTable& table) const {
  const auto parameters = of_case_.parameters();
  std::vector<sdk::QuantityResult> results;
  for (std::size_t i = 0; i < quantities_.size(); ++i) {
    const auto& quantity = problem_.quantities()[i];
    if (!quantity.at_end) results.push_back({quantity.spec.name, quantity.unit, table.values[i]});
    for (std::size_t k = 0; k < parameters.size() && table.problems[i].empty(); ++k) {
      results.push_back({fmt::format("d({})/d({})", quantity.spec.name, parameters[k].name), unit(i, k),
                         table.slopes[i * parameters.size() + k]});
    }
  }
  run.report(results);
}

results::Summary run_gradient_study(const solvers::CaseProblem& of_case, double time_limit) {
  StudyRun run(of_case, time_limit);
  GradientStudy(of_case).run(run);
  auto found = run.take();
  found.timings["training"] = run.training_seconds();
  return found;
}

/// \throws sdk::Error of kind verification where a remainder does not fall.
void GradientStudy::check(sdk::StudyRun& run, const sdk::GradientTable& table) {
  constexpr std::array steps{0x1p-4, 0x1p-5, 0x1p-6, 0x1p-7};
  constexpr double slowest = 3.0;     // ratio of remainders where the step is halved; 4 in the limit
  constexpr double round_off = 1e-9;  // of a quantity: remainders below say nothing
  const auto base = problem_.parameters();
  const auto n = base.size();
  std::vector<double> direction(n);
  sdk::Random random(static_cast<std::uint64_t>(of_case_.parsed().study.gradient.seed));
  for (std::size_t k = 0; k < n; ++k) {
    const auto& parameter = of_case_.parameters()[k];
    const double size = parameter.value != 0.0 ? std::abs(parameter.value) : parameter.high - parameter.low;
    direction[k] = 0.5 * size * (2.0 * random.uniform() - 1.0);
  }
  const bool was_quiet = log_.is_quiet();
  std::vector<std::vector<double>> remainders;
  for (const double step : steps) {
    auto moved = base;
    for (std::size_t k = 0; k < n; ++k) moved[k] += step * direction[k];
    log_.set_quiet(true);
    solvers::RunMonitor silent(problem_, log_, of_case_.folder());
    auto solution = of_case_.parsed().solver.type == input::finite_elements_info().name
                        ? gradients_.again(moved, silent)
                        : run.ansatz().solve({.parameters = moved}, silent);
    log_.set_quiet(was_quiet);
    solution.quantities.clear();
    auto& of_step = remainders.emplace_back();
    for (std::size_t i = 0; i < quantities_.size(); ++i) {
      double value = table.values[i];
      const std::size_t which[]{i};
      if (!table.problems[i].empty()) {
        of_step.push_back(0.0);
        continue;
      }
      quantities::evaluate_quantities(problem_, of_case_.discrete(), solution, which, std::span(&value, 1), false);
      double change = 0.0;
      for (std::size_t k = 0; k < n; ++k) change += table.slopes[i * n + k] * step * direction[k];
      of_step.push_back(std::abs(value - table.values[i] - change));
    }
  }
  problem_.set_parameters(base);
  std::string failed;
  log_.say("\n  Taylor's test: remainders at steps 1/16, 1/32, 1/64, 1/128 and how they fall (4: second order)");
  for (std::size_t i = 0; i < quantities_.size(); ++i) {
    if (!table.problems[i].empty()) continue;
    const auto& name = problem_.quantities()[i].spec.name;
    const double first = remainders[2][i], last = remainders[3][i];
    const double ratio = last > 0.0 ? first / last : INFINITY;
    const bool says_nothing = first <= round_off * std::abs(table.values[i]);
    log_.say(fmt::format("  {:<28} {:.3e} {:.3e} {:.3e} {:.3e}  {}", name, remainders[0][i], remainders[1][i], first,
                         last, says_nothing ? std::string("round-off") : fmt::format("{:.3f}", ratio)));
    if (!says_nothing && !(ratio >= slowest)) failed += (failed.empty() ? "" : ", ") + name;
  }
  if (failed.empty()) return;
  throw sdk::Error(sdk::ErrorKind::verification, "remainders of Taylor's test do not fall by 4 for " + failed, {},
                   "tighten the tolerances of [linear]; a kink or a jump in an expression has no derivative either");
}

}  // namespace ansatz::study
