#include "engine/study/reduced_solve.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "engine/io/model_file.hpp"
#include "engine/reduced/greedy.hpp"
#include "engine/linear/vector.hpp"
#include "engine/study/case_reading.hpp"

namespace ansatz::study {
namespace {

/// A grid's points are of each of `dimension` parameters.
reduced::SamplingOptions sampling(const TrainingSpec& spec, int dimension) {
  if (spec.kind == "grid") return {.method = "grid", .grid = std::vector<int>(dimension, spec.count)};
  const bool is_sequence = spec.kind == "sobol" || spec.kind == "halton" || spec.kind == "lattice";
  return {.method = spec.kind,
          .size = static_cast<std::size_t>(spec.count),
          .scrambling = is_sequence ? "shift" : "none",
          .seed = static_cast<std::uint64_t>(spec.seed)};
}

reduced::TrainingSet training_set(const Case& parsed) {
  const reduced::ParameterBox box(parameter_ranges(parsed));
  return sample(box, sampling(parsed.reduced.training, box.dimension()));
}

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

std::vector<double> WeakGreedy::evaluate(const reduced::TrainingSet& points) {
  const auto model = basis_.model();
  reduced::ReducedModel::Workspace work(model);
  const std::size_t first = points.size() * comm_.rank() / comm_.size();
  const std::size_t end = points.size() * (comm_.rank() + 1) / comm_.size();
  std::vector<double> mine;
  base::agree(comm_, [&] {
    for (std::size_t i = first; i < end; ++i) mine.push_back(model.solve(points[i], work).basis_bound);
  });
  return comm_.gather_all(std::span<const double>(mine));
}

std::vector<reduced::ParameterRange> parameter_ranges(const Case& parsed) {
  std::vector<reduced::ParameterRange> ranges;
  for (const auto& [name, spec] : parsed.parameters) ranges.push_back({name, spec.low, spec.high});
  return ranges;
}

std::vector<double> reference_parameters(const Case& parsed) {
  std::vector<double> values;
  for (const auto& [name, value] : parsed.reduced.reference) values.push_back(value);
  return values;
}

reduced::InterpolationOptions interpolation_options(const Case& parsed) {
  const auto& spec = parsed.reduced.interpolation;
  return {spec.tolerance, spec.max_terms, sampling(spec.training, static_cast<int>(parsed.parameters.size()))};
}

std::string model_fingerprint(const Case& parsed, const sdk::PhysicsInfo& physics, const plugin::Registry& registry) {
  Case problem = parsed;
  problem.title.clear();
  for (auto& [name, spec] : problem.parameters) {
    spec.initial = spec.low;
    spec.doc.clear();
  }
  const Case blank;
  problem.linear = blank.linear;
  problem.reduced = blank.reduced;
  problem.reduced.reference = parsed.reduced.reference;
  problem.study = blank.study;
  problem.initial = blank.initial;
  problem.quantities.clear();
  problem.output = blank.output;
  return effective_toml(problem, physics, registry);
}

ReducedSolve::ReducedSolve(Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry, RunLog& log)
    : problem_(problem), discrete_(discrete), log_(log), case_(problem.parsed()),
      fingerprint_(model_fingerprint(case_, problem.physics().info(), registry)) {
  if (case_.time) {
    throw sdk::Error(sdk::ErrorKind::case_file, "reduced bases are for steady problems so far", case_.solver.at.text(),
                     "remove the section [time], or set solver.type = \"fem\"");
  }
}

Solution ReducedSolve::run() {
  bool is_there = false;
  base::agree(discrete_.comm(), [&] { is_there = std::filesystem::exists(case_.reduced.model); });
  is_there = discrete_.comm().max(std::int64_t{is_there}) != 0;
  if (case_.study.type == "train" || !is_there) {
    if (!is_there && case_.study.type != "train") log_.say("  no model yet in " + case_.reduced.model + ": training");
    train();
  } else {
    load();
  }
  return solve();
}

void ReducedSolve::train() {
  const auto box = parameter_ranges(case_);
  std::string reason;
  auto separated = reduced::separate(problem_.form(), problem_.dirichlet(), box, reason, interpolation_options(case_));
  discrete_.set_parameters(problem_.parameters());
  if (!separated) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the problem has no separated form: " + reason, case_.solver.at.text(),
                     "reduced bases are for equations that are affine in their coefficients; use solver.type = \"fem\"");
  }
  report(*separated);
  reduced::ReducedBasis basis(problem_.form(), std::move(*separated), box, reference_parameters(case_),
                              {case_.linear.solver, case_.linear.preconditioner, 1e-13, case_.linear.absolute_tolerance,
                               case_.linear.max_iterations, case_.linear.petsc});
  run_greedy(basis);
  model_.emplace(basis.model());
  vectors_ = basis.basis();
  for (int k = 0; k < basis.problem().liftings.num_columns(); ++k) vectors_.append(basis.problem().liftings.column(k));
  base::agree(discrete_.comm(), [&] {
    const auto folder = std::filesystem::absolute(case_.reduced.model).parent_path();
    std::error_code code;
    if (discrete_.comm().is_root()) std::filesystem::create_directories(folder, code);
    if (code) throw sdk::Error(sdk::ErrorKind::output, "cannot make the folder " + folder.string(), "reduced.model", code.message());
  });
  io::write_model(case_.reduced.model, {fingerprint_, model_->data()}, problem_.dofs(), basis.basis(), basis.problem().liftings);
  log_.say("  model: " + std::filesystem::absolute(case_.reduced.model).string());
}

void ReducedSolve::report(const reduced::SeparatedProblem& separated) {
  const auto& tolerance = case_.reduced.interpolation.tolerance;
  for (const auto& function : separated.interpolations) {
    log_.say(fmt::format("  interpolated: \"{}\" by {} terms and {} further ones for estimates; remainder {:.1e} of its size",
                         function->text, function->terms, function->size() - function->terms, function->remainder));
    if (function->remainder > tolerance) log_.say("  the tolerance was not reached with reduced.interpolation.max_terms terms");
    log_.event("interpolated", {{"function", function->text},
                                {"terms", std::int64_t{function->terms}},
                                {"further_terms", std::int64_t{function->size() - function->terms}},
                                {"remainder", function->remainder}});
  }
  log_.say(fmt::format("  separated form: {} operator terms, {} of the right-hand side, {} liftings; remainder {:.1e}",
                       separated.operators.size(), separated.rhs.num_columns(), separated.liftings.num_columns(), separated.remainder));
}

void ReducedSolve::run_greedy(reduced::ReducedBasis& basis) {
  const auto training = training_set(case_);
  WeakGreedy surrogate(basis, discrete_.comm());
  const char* const kind = basis.model().is_estimate() ? "estimate" : "bound";
  const double start = MPI_Wtime();
  reduced::GreedyOptions options;
  options.tolerance = case_.reduced.tolerance;
  options.relative = true;
  options.max_extensions = case_.reduced.max_size;
  options.on_step = [&](const reduced::GreedyStep& step) {
    std::string values;
    for (std::size_t p = 0; p < step.parameter.size(); ++p) {
      values += fmt::format("{}{} = {:.6g}", p == 0 ? "" : ", ", basis.model().data().box[p].name, step.parameter[p]);
    }
    log_.say(fmt::format("  {:3d} functions: {} {:.3e} at {}", basis.size() - 1, kind, step.indicator, values));
    log_.event("greedy", {{"size", std::int64_t{basis.size()}}, {kind, step.indicator}, {"index", static_cast<std::int64_t>(step.index)}});
    return true;
  };
  const auto result = reduced::greedy(surrogate, training, options);
  log_.say(fmt::format("  {:3d} functions: {} {:.3e}, the largest of {} parameters; trained in {:.2f} s", basis.size(), kind,
                       result.largest, training.size(), MPI_Wtime() - start));
  if (result.end == reduced::GreedyEnd::max_extensions && result.largest > 0.0) {
    log_.say("  the tolerance was not reached with reduced.max_size functions");
  }
  log_.event("trained", {{"size", std::int64_t{basis.size()}}, {kind, result.largest}, {"seconds_taken", MPI_Wtime() - start}});
}

void ReducedSolve::load() {
  auto stored = io::read_model(discrete_.comm(), case_.reduced.model);
  if (stored.fingerprint != fingerprint_) {
    throw sdk::Error(sdk::ErrorKind::state,
                     "the model belongs to another problem: " + first_difference(stored.fingerprint, fingerprint_),
                     case_.reduced.model, "train again with --set study.type=train, or name another file in reduced.model");
  }
  vectors_ = io::read_model_vectors(case_.reduced.model, problem_.dofs());
  model_.emplace(std::move(stored.data));
  log_.say(fmt::format("  model: {} ({} basis functions)", case_.reduced.model, model_->size()));
}

Solution ReducedSolve::solve() {
  reduced::ReducedModel::Workspace work(*model_);
  const double start = MPI_Wtime();
  const auto result = model_->solve(problem_.parameters(), work);
  const double seconds = MPI_Wtime() - start;
  Solution solution{0.0, std::vector<double>(problem_.dofs().num_owned(), 0.0), std::nullopt};
  int j = 0;
  for (const double c : result.coefficients) linear::add_scaled(c, vectors_.column(j++), solution.values);
  for (const double l : result.liftings) linear::add_scaled(l, vectors_.column(j++), solution.values);
  std::vector<double> F(discrete_.size());
  discrete_.residual(0.0, solution.values, std::nullopt, F);
  residual_ = linear::norm(discrete_.comm(), F);
  log_.say(fmt::format("  reduced basis: {} functions, solved in {:.1f} us; error to the finite-element solution on this mesh in the "
                       "energy norm at the reference: {} {:.3e} (round-off {:.1e}, coercivity {:.3g})",
                       model_->size(), 1e6 * seconds, result.is_estimate ? "estimate" : "at most", result.bound,
                       result.round_off / result.stability, result.stability));
  if (result.is_estimate) {
    log_.say(fmt::format("  parts of the estimate: basis {:.1e}, interpolated operator {:.1e}, interpolated right-hand side {:.1e}; "
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
                             {"seconds_taken", seconds}});
  return solution;
}

}  // namespace ansatz::study
