#include "engine/solvers/reduced_basis/reduced_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

#include "engine/linear/matrices/vector.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "engine/solvers/form_in_time.hpp"
#include "engine/solvers/reduced_basis/reduced_separation.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/reduced_basis/reduced_training.hpp"
#include "engine/time/loop/dense_rate.hpp"

namespace ansatz::solvers {
namespace {

void require_number(double bound) {
  if (!std::isnan(bound)) return;
  throw sdk::Error(sdk::ErrorKind::not_finite,
                   "the error bound of the reduced model is not a number at these parameters", {},
                   "train again with --set study.type=train");
}

sdk::Certificate certificate_of(const reduced::ReducedModel::Result& result, const std::string& norm) {
  using Kind = sdk::Certificate::Kind;
  sdk::Certificate certificate{
      .kind = result.is_estimate ? Kind::estimate : Kind::bound, .value = result.bound, .norm = norm};
  if (!std::isfinite(result.bound)) return certificate;
  certificate.parts = {{"basis", result.residual_norm / result.stability},
                       {"round-off", result.round_off / result.stability}};
  if (result.is_estimate) {
    certificate.parts.emplace_back("interpolated operator", result.operator_error / result.stability);
    certificate.parts.emplace_back("interpolated right-hand side", result.rhs_error / result.stability);
  }
  return certificate;
}

/// y' behind a jump as time::Stepper has it: that of the equations, or else that of the step that ends there.
/// *Collective.*
std::vector<double> rate_after_jump(FormInTime& in_time, const quantities::Solution& solution,
                                    std::vector<double> of_step) {
  auto rate = of_step;
  try {
    in_time.rate(solution.time, solution.values, sdk::Part::all, rate);
    return rate;
  } catch (const sdk::Error& error) {  // on all ranks alike
    if (error.kind() != sdk::ErrorKind::solver && error.kind() != sdk::ErrorKind::not_finite) throw;
    return of_step;
  }
}

}  // namespace

ReducedSolve::ReducedSolve(problem::Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
                           results::RunLog& log, std::string folder)
    : problem_(problem),
      discrete_(discrete),
      log_(log),
      folder_(std::move(folder)),
      case_(problem.parsed()),
      fingerprint_(reduced_fingerprint(problem, registry)) {}

namespace {

/// \throws sdk::Error of kind case_file where the equations leave something undetermined. *Collective.*
void require_one_solution(const problem::Problem& problem, fem::DiscreteProblem& discrete) {
  const auto& time = problem.parsed().time;
  auto u = problem.initial_state();
  const double start = time ? time->start : 0.0;
  discrete.prescribe(start, u);
  const std::vector<double> zero(u.size(), 0.0);
  const auto rate = time ? fem::Rate(zero) : std::nullopt;
  const double weight = !time ? 0.0 : 1.0 / (time->adaptive() ? time->end - time->start : time->step);
  for (const auto& motion : fem::find_free_motions(discrete, start, u, rate, {1.0, weight})) {
    if (motion.weak) continue;
    throw sdk::Error(sdk::ErrorKind::case_file,
                     fmt::format("the equations determine {} only, and reduced bases need one solution", motion.text()),
                     {}, "prescribe the field on a part of the boundary, or solve by finite elements");
  }
}

}  // namespace

quantities::Solution ReducedSolve::run(const Observer& observe) {
  prepare();
  warn_of_extrapolation();
  if (in_time_) return march(observe);
  auto solution = solve();
  observe(solution, 0, true, nullptr);
  return solution;
}

void ReducedSolve::prepare() {
  if (outputs_) return;
  bool is_there = false;
  base::agree(discrete_.comm(), [&] { is_there = std::filesystem::exists(case_.reduced.model); });
  is_there = discrete_.comm().max(std::int64_t{is_there}) != 0;
  if (case_.study.type == "train" || !is_there) {
    if (!is_there && case_.study.type != "train") log_.say("  no model yet in " + case_.reduced.model + ": training");
    require_one_solution(problem_, discrete_);
    auto trained = ReducedTraining(problem_, discrete_, log_, folder_, fingerprint_).run();
    vectors_ = std::move(trained.vectors);
    use(std::move(trained.model));
  } else {
    load();
  }
  allow_extrapolation();
  if (const auto advice = outputs_->advice(); !advice.empty()) log_.say("  " + advice);
}

void ReducedSolve::use(io::StoredModel model) {
  outputs_.emplace(case_, std::move(model.outputs), model.data);
  if (model.time) {
    in_time_.emplace(reduced::ParabolicModelData{std::move(model.data), std::move(*model.time)});
  } else {
    model_.emplace(std::move(model.data));
  }
}

void ReducedSolve::load() {
  auto stored = io::read_model(discrete_.comm(), case_.reduced.model, patch_setting(problem_));
  if (stored.fingerprint != fingerprint_) {
    throw sdk::Error(
        sdk::ErrorKind::state,
        "the model belongs to another problem: " + problem::first_difference(stored.fingerprint, fingerprint_),
        case_.reduced.model, "train again with --set study.type=train, or name another file in reduced.model");
  }
  if (stored.time.has_value() != case_.time.has_value()) {
    throw sdk::Error(sdk::ErrorKind::state,
                     stored.time ? "the model is one in time, the case has no section [time]"
                                 : "the model is steady, the case has a section [time]",
                     case_.reduced.model,
                     "train again with --set study.type=train, or name another file in reduced.model");
  }
  vectors_ = io::read_model_vectors(case_.reduced.model, problem_.dofs());
  log_.say(fmt::format("  model: {} ({} basis functions)", case_.reduced.model, stored.data.size));
  say_reference(stored.data);
  const auto difference = training_difference(stored.training, training_settings(case_.reduced));
  if (!difference.empty()) {
    log_.warn(
        fmt::format("the model was trained with other settings, and is used as it is: {}; train again with --set "
                    "study.type=train",
                    difference));
  }
  use(std::move(stored));
}

/// A model keeps the reference that its norm was made with, by default the parameters' defaults at that time.
void ReducedSolve::say_reference(const reduced::ReducedModelData& data) const {
  const auto now = reference_parameters(case_);
  std::string names;
  for (std::size_t p = 0; p < now.size(); ++p) {
    if (data.reference[p] != now[p])
      names += fmt::format("{}{} = {}", names.empty() ? "" : ", ", data.box[p].name, data.reference[p]);
  }
  if (!names.empty()) log_.say(fmt::format("  its reference is {}, as when it was trained", names));
}

std::vector<double> ReducedSolve::lifted(std::span<const double> coefficients, std::span<const double> liftings) const {
  std::vector<double> u(problem_.dofs().num_owned(), 0.0);
  int j = 0;
  for (const double c : coefficients) linear::add_scaled(c, vectors_.column(j++), u);
  for (const double l : liftings) linear::add_scaled(l, vectors_.column(j++), u);
  return u;
}

quantities::Solution ReducedSolve::march(const Observer& observe) {
  const auto& model = *in_time_;
  const auto& grid = model.data().time.grid;
  reduced::ParabolicModel::Workspace work(model);
  const double start = MPI_Wtime();
  const auto result = model.solve(problem_.parameters(), work);
  const double seconds = MPI_Wtime() - start;
  require_number(result.bound);
  const auto n = static_cast<std::size_t>(model.size()), num_liftings = result.liftings.size() / (grid.steps + 1);
  const auto at = [&](std::int64_t k) {
    return lifted(result.coefficients.subspan(k * n, n), result.liftings.subspan(k * num_liftings, num_liftings));
  };
  const auto& times = *result.times;
  FormInTime in_time(discrete_, {});
  in_time.see_from(times.after[0]);
  const bool needs_rates =
      std::ranges::any_of(problem_.quantities(), &problem::BoundQuantity::needs_rates) && in_time.determines_rates();
  quantities::Solution solution{.time = grid.start,
                                .values = at(0),
                                .rates = std::vector<double>(problem_.dofs().num_owned(), 0.0),
                                .parameters = problem_.parameters()};
  // As finite elements do it.
  const auto rates_of_reactions = [&] {
    if (needs_rates)
      in_time.equation_rates(solution.time, solution.values, *solution.rates, solution.of_rates.emplace());
  };
  rates_of_reactions();
  // The rates at the ends of steps, for the same cubic between them as that of finite elements.
  const bool has_statistics = !problem_.signals().empty();
  std::vector<double> begin_rate(discrete_.size()), end_rate;
  if (has_statistics) in_time.rate(grid.start, solution.values, sdk::Part::all, begin_rate);
  observe(solution, 0, false, nullptr);
  for (std::int64_t k = 1; k <= grid.steps; ++k) {
    const auto before = std::move(solution.values);
    const double time_before = solution.time;
    solution.time = k == grid.steps ? grid.end : times.after[k];
    solution.values = at(k);
    quantities::require_finite(problem_, solution);
    auto end = solution.values;  // of the step: before what jumps there
    if (times.jumps(k)) discrete_.prescribe(times.before[k], end);
    std::vector<double> mean_rates(end.size());
    for (std::size_t i = 0; i < end.size(); ++i) mean_rates[i] = (end[i] - before[i]) / grid.step;
    *solution.rates = end_rate = mean_rates;  // as the methods have it
    rates_of_reactions();
    const StepTaken taken{time_before, solution.time, [&](double t) {
                            const time::Cubic cubic{before, begin_rate, end, end_rate, solution.time - time_before};
                            quantities::Solution there{
                                .time = t, .values = end, .rates = mean_rates, .parameters = solution.parameters};
                            cubic.at((t - time_before) / cubic.length, there.values);
                            in_time.prescribe(t, there.values);
                            if (needs_rates)
                              in_time.equation_rates(t, there.values, *there.rates, there.of_rates.emplace());
                            return there;
                          }};
    observe(solution, k, k == grid.steps, &taken);
    if (has_statistics && times.jumps(k)) end_rate = rate_after_jump(in_time, solution, std::move(end_rate));
    std::swap(begin_rate, end_rate);
    if (k < grid.steps) continue;
    std::vector<double> F(discrete_.size()), old(discrete_.size(), 0.0);
    discrete_.residual(times.before[k], end, mean_rates, F);
    if (grid.implicitness() < 1.0) discrete_.residual(times.after[k - 1], before, mean_rates, old);
    for (std::size_t i = 0; i < F.size(); ++i) F[i] = grid.implicitness() * F[i] + (1.0 - grid.implicitness()) * old[i];
    residual_ = linear::norm(discrete_.comm(), F);
  }
  log_.say(
      fmt::format("  reduced basis: {} functions, {} steps in {:.1f} us; error e to the finite-element solution on "
                  "this mesh: sqrt(|e(end)|_M^2 + "
                  "integral of a(e, e)) at most {:.3e} (initial values {:.1e}, residual {:.1e}, round-off {:.1e}; "
                  "coercivity {:.3g} by {})",
                  model.size(), grid.steps, 1e6 * seconds, result.bound, result.initial_error, result.residual,
                  result.round_off, result.stability, model.data().space.stability.name()));
  log_.event("certificate", {{"size", std::int64_t{model.size()}},
                             {"steps", grid.steps},
                             {"bound", result.bound},
                             {"norm", std::string("sqrt(e_K^T M e_K + dt sum_k a(e_k, e_k))")},
                             {"initial_error", result.initial_error},
                             {"residual", result.residual},
                             {"round_off", result.round_off},
                             {"stability", result.stability},
                             {"stability_from", model.data().space.stability.name()},
                             {"seconds_taken", seconds}});
  solution.certificate = sdk::Certificate{
      .kind = sdk::Certificate::Kind::bound,
      .value = result.bound,
      .norm = "sqrt(|e(end)|_M^2 + integral of a(e, e))",
      .parts = {{"initial values and residual", result.bound - result.round_off}, {"round-off", result.round_off}}};
  return solution;
}

void ReducedSolve::allow_extrapolation() {
  int index = 0;
  for (const auto& [name, spec] : case_.parameters) {
    if (spec.extrapolate && model_) model_->allow_outside(index);
    if (spec.extrapolate) outputs_->allow_outside(index);
    if (spec.extrapolate && in_time_) in_time_->allow_outside(index);
    ++index;
  }
}

void ReducedSolve::warn_of_extrapolation() {
  std::size_t index = 0;
  for (const auto& [name, spec] : case_.parameters) {
    const double value = problem_.parameters()[index++];
    if (value >= spec.low && value <= spec.high) continue;
    log_.warn(fmt::format("{} = {} is outside of [{}, {}], for which the model was trained", name, value, spec.low,
                          spec.high));
  }
}

quantities::Solution ReducedSolve::lifted() const {
  reduced::ReducedModel::Workspace work(*model_);
  const auto result = model_->solve(problem_.parameters(), work);
  return {.values = lifted(result.coefficients, result.liftings), .parameters = problem_.parameters()};
}

quantities::Solution ReducedSolve::solve() {
  reduced::ReducedModel::Workspace work(*model_);
  model_->solve(problem_.parameters(), work);  // makes what later solves reuse
  const double start = MPI_Wtime();
  const auto result = model_->solve(problem_.parameters(), work);
  const double seconds = MPI_Wtime() - start;
  quantities::Solution solution{.values = lifted(result.coefficients, result.liftings),
                                .parameters = problem_.parameters(),
                                .quantities = outputs_->evaluate(problem_.parameters(), result, work),
                                .certificate = certificate_of(result, model_->data().norm)};
  quantities::require_finite(problem_, solution);
  require_number(result.bound);
  std::vector<double> F(discrete_.size());
  discrete_.residual(0.0, solution.values, std::nullopt, F);
  residual_ = linear::norm(discrete_.comm(), F);
  log_.say(fmt::format(
      "  reduced basis: {} functions, solved in {:.1f} us; error to the finite-element solution on this mesh in the "
      "{}: {} {:.3e} (round-off {:.1e}, {} {:.3g} by {})",
      model_->size(), 1e6 * seconds, model_->data().norm, result.is_estimate ? "estimate" : "at most", result.bound,
      result.round_off / result.stability, model_->data().stability.quantity(), result.stability,
      model_->data().stability.name()));
  if (std::isinf(result.bound))
    log_.warn("no positive stability constant is known at these parameters: there is no bound");
  if (result.is_noise)
    log_.say("  the interpolated residual norm is below its round-off and remainder: this estimate certifies nothing");
  if (!model_->data().stability.is_rigorous())
    log_.say(fmt::format("  the {} is interpolated, with the safety {:.3g}", model_->data().stability.quantity(),
                         model_->data().stability.data().safety));
  if (result.is_estimate) {
    log_.say(fmt::format(
        "  parts of the estimate: basis {:.1e}, interpolated operator {:.1e}, interpolated right-hand side {:.1e}; "
        "error of interpolated prescribed values {:.1e}",
        result.basis_bound, result.operator_error / result.stability, result.rhs_error / result.stability,
        result.prescribed_error));
  }
  log_.event("certificate", {{"size", std::int64_t{model_->size()}},
                             {result.is_estimate ? "estimate" : "bound", result.bound},
                             {"operator_error", result.operator_error},
                             {"rhs_error", result.rhs_error},
                             {"prescribed_error", result.prescribed_error},
                             {"residual_norm", result.residual_norm},
                             {"round_off", result.round_off},
                             {"stability", result.stability},
                             {"stability_from", model_->data().stability.name()},
                             {"norm", model_->data().norm},
                             {"certifies", std::string(result.is_noise ? "no" : "yes")},
                             {"seconds_taken", seconds}});
  return solution;
}

}  // namespace ansatz::solvers
