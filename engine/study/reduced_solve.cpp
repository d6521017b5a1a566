#include "engine/study/reduced_solve.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "engine/io/model_file.hpp"
#include "engine/linear/vector.hpp"
#include "engine/study/reduced_settings.hpp"
#include "engine/study/reduced_training.hpp"

namespace ansatz::study {
namespace {

/// First line in which two texts differ, as "was ... , is ...".
std::string first_difference(const std::string& before, const std::string& now) {
  std::istringstream a(before), b(now);
  std::string line_a, line_b;
  while (true) {
    const bool has_a = static_cast<bool>(std::getline(a, line_a)), has_b = static_cast<bool>(std::getline(b, line_b));
    if (!has_a && !has_b) return "nothing";
    if (!has_a) line_a = "(nothing)";
    if (!has_b) line_b = "(nothing)";
    if (line_a != line_b) return fmt::format("it was trained for \"{}\", the case says \"{}\"", line_a, line_b);
  }
}

}  // namespace

ReducedSolve::ReducedSolve(Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry,
                           RunLog& log, std::string folder)
    : problem_(problem),
      discrete_(discrete),
      log_(log),
      folder_(std::move(folder)),
      case_(problem.parsed()),
      fingerprint_(model_fingerprint(problem, registry)) {
  if (case_.time) {
    throw sdk::Error(sdk::ErrorKind::case_file, "reduced bases are for steady problems so far", case_.solver.at.text(),
                     "remove the section [time], or set solver.type = \"fem\"");
  }
  if (!parameters_of_map(case_, problem.dim()).empty()) {
    throw sdk::Error(sdk::ErrorKind::case_file, "reduced bases are for meshes that do not depend on parameters so far",
                     case_.mesh.map->at.text(), "write numbers into mesh.map, or set solver.type = \"fem\"");
  }
}

Solution ReducedSolve::run() {
  prepare();
  return solve();
}

void ReducedSolve::prepare() {
  bool is_there = false;
  base::agree(discrete_.comm(), [&] { is_there = std::filesystem::exists(case_.reduced.model); });
  is_there = discrete_.comm().max(std::int64_t{is_there}) != 0;
  if (case_.study.type == "train" || !is_there) {
    if (!is_there && case_.study.type != "train") log_.say("  no model yet in " + case_.reduced.model + ": training");
    auto trained = ReducedTraining(problem_, discrete_, log_, folder_, fingerprint_).run();
    model_.emplace(std::move(trained.model));
    vectors_ = std::move(trained.vectors);
    outputs_.emplace(case_, std::move(trained.outputs), model_->data());
  } else {
    load();
  }
  if (const auto advice = outputs_->advice(); !advice.empty()) log_.say("  " + advice);
}

void ReducedSolve::load() {
  auto stored = io::read_model(discrete_.comm(), case_.reduced.model);
  if (stored.fingerprint != fingerprint_) {
    throw sdk::Error(sdk::ErrorKind::state,
                     "the model belongs to another problem: " + first_difference(stored.fingerprint, fingerprint_),
                     case_.reduced.model,
                     "train again with --set study.type=train, or name another file in reduced.model");
  }
  vectors_ = io::read_model_vectors(case_.reduced.model, problem_.dofs());
  model_.emplace(std::move(stored.data));
  outputs_.emplace(case_, std::move(stored.outputs), model_->data());
  log_.say(fmt::format("  model: {} ({} basis functions)", case_.reduced.model, model_->size()));
}

void ReducedSolve::allow_extrapolation() {
  int index = 0;
  for (const auto& [name, spec] : case_.parameters) {
    if (spec.extrapolate) model_->allow_outside(index);
    if (spec.initial < spec.low || spec.initial > spec.high) {
      log_.warn(fmt::format("{} = {} is outside of [{}, {}], for which the model was trained", name, spec.initial, spec.low, spec.high));
    }
    ++index;
  }
}

Solution ReducedSolve::solve() {
  allow_extrapolation();
  reduced::ReducedModel::Workspace work(*model_);
  const double start = MPI_Wtime();
  const auto result = model_->solve(problem_.parameters(), work);
  const double seconds = MPI_Wtime() - start;
  quantities_ = outputs_->evaluate(problem_.parameters(), result, work);
  Solution solution{0.0, std::vector<double>(problem_.dofs().num_owned(), 0.0), std::nullopt};
  int j = 0;
  for (const double c : result.coefficients) linear::add_scaled(c, vectors_.column(j++), solution.values);
  for (const double l : result.liftings) linear::add_scaled(l, vectors_.column(j++), solution.values);
  std::vector<double> F(discrete_.size());
  discrete_.residual(0.0, solution.values, std::nullopt, F);
  residual_ = linear::norm(discrete_.comm(), F);
  log_.say(fmt::format(
      "  reduced basis: {} functions, solved in {:.1f} us; error to the finite-element solution on this mesh in the "
      "{}: {} {:.3e} (round-off {:.1e}, {} {:.3g} by {})",
      model_->size(), 1e6 * seconds, model_->data().norm, result.is_estimate ? "estimate" : "at most", result.bound,
      result.round_off / result.stability, model_->data().stability.quantity(), result.stability,
      model_->data().stability.name()));
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

}  // namespace ansatz::study
