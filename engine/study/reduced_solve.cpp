#include "engine/study/reduced_solve.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "engine/io/model_file.hpp"
#include "engine/linear/vector.hpp"
#include "engine/mesh/checksum.hpp"
#include "engine/reduced/pod.hpp"
#include "engine/reduced/weak_greedy.hpp"
#include "engine/study/case_reading.hpp"
#include "engine/study/training_charts.hpp"

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

std::string model_fingerprint(const Problem& problem, const plugin::Registry& registry) {
  const Case& parsed = problem.parsed();
  Case relevant = parsed;
  relevant.title.clear();
  for (auto& [name, spec] : relevant.parameters) {
    spec.initial = spec.low;
    spec.doc.clear();
  }
  const Case blank;
  relevant.linear = blank.linear;
  relevant.reduced = blank.reduced;
  relevant.reduced.reference = parsed.reduced.reference;
  relevant.study = blank.study;
  relevant.initial = blank.initial;
  relevant.quantities.clear();
  relevant.output = blank.output;
  return effective_toml(relevant, problem.physics().info(), registry) +
         fmt::format("# mesh with the checksum {:016x}\n", mesh::checksum(problem.mesh()));
}

ReducedSolve::ReducedSolve(Problem& problem, fem::DiscreteProblem& discrete, const plugin::Registry& registry, RunLog& log,
                           std::string folder)
    : problem_(problem), discrete_(discrete), log_(log), folder_(std::move(folder)), case_(problem.parsed()),
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
  find_stability(basis);
  const bool by_pod = case_.reduced.method == "pod";
  const io::Chart chart = by_pod ? run_pod(basis) : run_greedy(basis);
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
  const std::string picture = folder_ + (by_pod ? "/singular_values.svg" : "/bound.svg");
  io::write_chart(discrete_.comm(), picture, chart);
  log_.say("  picture: " + std::filesystem::absolute(picture).string());
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

void ReducedSolve::find_stability(reduced::ReducedBasis& basis) {
  const auto& wanted = case_.reduced.coercivity;
  const auto& objection = basis.min_theta_objection();
  if (wanted != "scm" && objection.empty()) return;
  if (wanted == "min_theta") {
    throw sdk::Error(sdk::ErrorKind::case_file, "min-theta is no bound of the coercivity constant here: " + objection,
                     case_.reduced.at.text(), "remove reduced.coercivity, or set it to \"scm\"");
  }
  if (!objection.empty()) log_.say("  no min-theta: " + objection);
  reduced::ScmOptions options;
  options.on_step = [&](const reduced::GreedyStep& step) {
    log_.event("scm", {{"gap", step.indicator}, {"index", static_cast<std::int64_t>(step.index)}});
  };
  const double start = MPI_Wtime();
  basis.set_stability(reduced::train_scm(basis.symmetric_terms(), basis.problem().operator_thetas, parameter_ranges(case_), basis.X(),
                                         training_set(case_), options));
  log_.say(fmt::format("  SCM: lower bound of the coercivity constant from {} eigenvalues, {:.2f} s",
                       basis.stability().data().eigenvalues.size(), MPI_Wtime() - start));
}

io::Chart ReducedSolve::run_greedy(reduced::ReducedBasis& basis) {
  const auto training = training_set(case_);
  reduced::WeakGreedy surrogate(basis, discrete_.comm());
  const char* const kind = basis.model().is_estimate() ? "estimate" : "bound";
  const double start = MPI_Wtime();
  reduced::GreedyOptions options;
  options.tolerance = case_.reduced.tolerance;
  options.relative = true;
  options.max_extensions = case_.reduced.max_size;
  const auto ranges = parameter_ranges(case_);
  options.on_step = [&](const reduced::GreedyStep& step) {
    std::string values;
    for (std::size_t p = 0; p < step.parameter.size(); ++p) {
      values += fmt::format("{}{} = {:.6g}", p == 0 ? "" : ", ", ranges[p].name, step.parameter[p]);
    }
    log_.say(fmt::format("  {:3d} functions: {} {:.3e} at {}", basis.size() - 1, kind, step.indicator, values));
    log_.event("greedy", {{"size", std::int64_t{basis.size()}}, {kind, step.indicator}, {"index", static_cast<std::int64_t>(step.index)}});
    return true;
  };
  reduced::AdaptiveResult result;
  if (case_.reduced.adaptive) {
    reduced::AdaptiveOptions adaptive;
    adaptive.greedy = options;
    adaptive.on_round = [&](const reduced::AdaptiveState& state) {
      log_.say(fmt::format("  random parameters were above the tolerance: {} training parameters now", state.training.size()));
    };
    result = reduced::adaptive_greedy(surrogate, reduced::ParameterBox(ranges), {training}, adaptive);
  } else {
    auto plain = reduced::greedy(surrogate, training, options);
    result.end = plain.end;
    result.largest = plain.largest;
    result.state.training = training;
    result.state.steps = std::move(plain.steps);
  }
  const double seconds = MPI_Wtime() - start;
  log_.say(fmt::format("  {:3d} functions: {} {:.3e}, the largest of {} parameters; trained in {:.2f} s", basis.size(), kind,
                       result.largest, result.state.training.size(), seconds));
  if (case_.reduced.adaptive) {
    log_.say(fmt::format("  largest {} of {} further random parameters: {:.3e}{}", kind, reduced::AdaptiveOptions().validation_size,
                         result.validation, result.validated ? "" : ", above the tolerance"));
  }
  if (result.end == reduced::GreedyEnd::max_extensions && result.largest > 0.0) {
    log_.say("  the tolerance was not reached with reduced.max_size functions");
  }
  log_.event("trained", {{"size", std::int64_t{basis.size()}},
                         {kind, result.largest},
                         {"validation", result.validation},
                         {"parameters", static_cast<std::int64_t>(result.state.training.size())},
                         {"seconds_taken", seconds}});
  return bound_chart(case_, result.state.steps, result.largest);
}

io::Chart ReducedSolve::run_pod(reduced::ReducedBasis& basis) {
  const auto training = training_set(case_);
  const double start = MPI_Wtime();
  reduced::Block snapshots(discrete_.size());
  for (std::size_t i = 0; i < training.size(); ++i) {
    snapshots.append(basis.snapshot(training[i]));
    if ((i + 1) % std::max<std::size_t>(training.size() / 10, 1) == 0) {
      log_.say(fmt::format("  {} of {} solutions, {:.1f} s", i + 1, training.size(), MPI_Wtime() - start));
    }
  }
  auto options = reduced::PodOptions{.tolerance = case_.reduced.tolerance};
  options.num_modes = std::min<int>(case_.reduced.max_size, snapshots.num_columns());
  const auto pod = reduced::pod(basis.product(), std::move(snapshots), options);
  for (int j = 0; j < pod.modes.num_columns(); ++j) {
    const auto mode = pod.modes.column(j);
    basis.extend_by({mode.begin(), mode.end()});
    log_.event("mode", {{"size", std::int64_t{j + 1}}, {"singular_value", pod.singular_values[j]}});
  }
  log_.say(fmt::format("  {} modes leave out {:.2e} of the energy of {} solutions; trained in {:.2f} s", basis.size(),
                       pod.energy > 0.0 ? pod.tail / pod.energy : 0.0, training.size(), MPI_Wtime() - start));
  log_.event("trained", {{"size", std::int64_t{basis.size()}}, {"tail", pod.tail}, {"seconds_taken", MPI_Wtime() - start}});
  return singular_value_chart(case_, pod);
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
                       "energy norm at the reference: {} {:.3e} (round-off {:.1e}, coercivity {:.3g} by {})",
                       model_->size(), 1e6 * seconds, result.is_estimate ? "estimate" : "at most", result.bound,
                       result.round_off / result.stability, result.stability, model_->data().stability.name()));
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
                             {"stability_from", model_->data().stability.name()},
                             {"seconds_taken", seconds}});
  return solution;
}

}  // namespace ansatz::study
