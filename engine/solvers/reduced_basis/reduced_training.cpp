#include "engine/solvers/reduced_basis/reduced_training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/input/case_keys.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/linear/matrices/vector.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/reduced/algebra/pod.hpp"
#include "engine/reduced/basis/strong_greedy.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "engine/reduced/storage/model_file.hpp"
#include "engine/results/progress.hpp"
#include "engine/solvers/reduced_basis/greedy_training.hpp"
#include "engine/solvers/reduced_basis/reduced_outputs.hpp"
#include "engine/solvers/reduced_basis/reduced_separation.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/reduced_basis/stability_training.hpp"
#include "engine/solvers/reduced_basis/training_charts.hpp"

namespace ansatz::solvers {

ReducedTraining::ReducedTraining(problem::Problem& problem, fem::DiscreteProblem& discrete, results::RunLog& log,
                                 std::string folder, std::string fingerprint)
    : problem_(problem),
      discrete_(discrete),
      log_(log),
      folder_(std::move(folder)),
      case_(problem.parsed()),
      fingerprint_(std::move(fingerprint)) {}

TrainedModel ReducedTraining::run() {
  base::agree(discrete_.comm(), [&] {
    const auto folder = std::filesystem::absolute(case_.reduced.model).parent_path();
    if (discrete_.comm().is_root()) io::make_folder(folder.string());
  });
  if (case_.time) refuse_in_time();
  auto separated = separated_form(problem_, log_);
  report(separated);
  std::optional<OutputTraining> outputs;
  if (!case_.time) outputs.emplace(problem_, log_);
  auto options = discrete_.linear_options();
  options.relative_tolerance = 1e-13;
  reduced::ReducedBasis basis(problem_.form(), std::move(separated), problem::parameter_ranges(case_),
                              reference_parameters(case_), options,
                              {{case_.reduced.product, case_.reduced.length}, case_.reduced.pairs, weak_motions()});
  log_.say("  errors in the " + basis.made_product().name);
  train_stability(basis, case_, log_);
  const bool by_pod = case_.reduced.method == "pod";
  io::Chart chart;
  TrainedModel trained;
  if (case_.time) {
    auto steps = in_time(basis);
    chart = run_greedy(steps);
    trained.model.time = steps.model().data().time;
  } else {
    chart = by_pod ? run_pod(basis) : run_greedy(basis);
    if (case_.reduced.residual == "interpolated") interpolate_residual(basis);
    trained.model.outputs = outputs->train(basis, options);
  }
  trained.model.fingerprint = fingerprint_;
  trained.model.training = training_settings(case_.reduced);
  auto& data = trained.model.data = basis.model().data();
  const bool needs_basis = data.stability.is_inf_sup() || !basis.problem().interpolations.empty();
  if (data.residual_interpolation && !needs_basis) data.residual = {};
  trained.vectors = basis.basis();
  for (int k = 0; k < basis.problem().liftings.num_columns(); ++k)
    trained.vectors.append(basis.problem().liftings.column(k));
  io::write_model(case_.reduced.model, trained.model, problem_.dofs(), basis.basis(), basis.problem().liftings);
  log_.say("  model: " + std::filesystem::absolute(case_.reduced.model).string());
  const std::string picture = folder_ + (by_pod ? "/singular_values.svg" : "/bound.svg");
  io::write_chart(discrete_.comm(), picture, chart);
  auto pictures = write_magic_points(case_, problem_.mesh(), basis.problem().interpolations, folder_);
  pictures.push_back(picture);
  for (const auto& path : pictures) log_.say("  picture: " + std::filesystem::absolute(path).string());
  return trained;
}

std::function<reduced::WeakMotions(std::span<const double>)> ReducedTraining::weak_motions() {
  if (case_.time) return nullptr;  // its matrices resolve them
  return [this](std::span<const double> mu) {
    const auto own = problem_.parameters();
    problem_.set_parameters(mu);
    std::vector<double> u(discrete_.size(), 0.0), before(u.size()), after(u.size());
    discrete_.prescribe(0.0, u);
    reduced::WeakMotions out{fem::find_free_motions(discrete_, 0.0, u, std::nullopt, {1.0, 0.0}), {}};
    const int n = static_cast<int>(out.motions.size());
    out.seen = reduced::Dense(n, n);
    discrete_.reactions(0.0, u, std::nullopt, before);
    for (int k = 0; k < n; ++k) {
      double load = 0.0;
      for (std::size_t i = 0; i < u.size(); ++i) load += std::abs(out.motions[k].test[i] * before[i]);
      load = discrete_.comm().sum(load);
      double amplitude = 1.0;
      for (int pass = 0; pass < 2; ++pass) {  // the second one moves the equations by as much as there is load
        auto moved = u;
        linear::add_scaled(amplitude, out.motions[k].vector, moved);
        discrete_.reactions(0.0, moved, std::nullopt, after);
        linear::add_scaled(-1.0, before, after);
        for (int j = 0; j < n; ++j)
          out.seen(j, k) = linear::dot(discrete_.comm(), out.motions[j].test, after) / amplitude;
        if (out.seen(k, k) != 0.0) amplitude = std::max(1.0, load / std::abs(out.seen(k, k)));
      }
    }
    problem_.set_parameters(own);
    for (const auto& motion : out.motions) {
      if (motion.weak) continue;
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("at {} the equations determine {} only, and reduced bases need one solution",
                                   sampling::parameter_text(mu, problem::parameter_ranges(case_)), motion.text()),
                       "parameters",
                       "choose ranges without these values, prescribe the field on a part of the boundary, or use "
                       "solver.type = \"fem\"");
    }
    return out;
  };
}

void ReducedTraining::refuse_in_time() const {
  if (case_.reduced.method != "greedy") {
    throw sdk::Error(sdk::ErrorKind::case_file, "problems in time are trained by their bounds only",
                     case_.reduced.at.text(), "set reduced.method = \"greedy\"");
  }
  if (!case_.reduced.pairs.empty() || case_.reduced.residual != "basis") {
    throw sdk::Error(
        sdk::ErrorKind::case_file, "problems in time have neither real pairs nor interpolated residual norms so far",
        case_.reduced.at.text(), "remove reduced.pairs and reduced.residual, or set solver.type = \"fem\"");
  }
  if (!case_.reduced.outputs && case_.reduced.dual.empty()) return;
  throw sdk::Error(sdk::ErrorKind::case_file, "quantities of problems in time have no bounds so far",
                   (case_.reduced.outputs ? case_.reduced.outputs_at : case_.reduced.dual_at).text(),
                   "remove reduced.outputs and reduced.dual");
}

reduced::ParabolicBasis ReducedTraining::in_time(reduced::ReducedBasis& basis) {
  if (basis.stability().is_inf_sup() || !basis.stability().is_rigorous()) {
    throw sdk::Error(
        sdk::ErrorKind::case_file,
        "bounds in time need lower bounds of coercivity constants, not the kind \"" + basis.stability().name() + "\"",
        case_.reduced.at.text(), "set reduced.stability = \"min_theta\" or \"scm\", or solver.type = \"fem\"");
  }
  if (case_.initial.steady) {
    throw sdk::Error(sdk::ErrorKind::case_file, "reduced bases do not start from a steady state so far",
                     case_.initial.at.text(),
                     "give initial values instead of start = \"steady\", or set solver.type = \"fem\"");
  }
  std::string reason;
  auto initial = reduced::separate_initial(problem_.form(), problem_.initial_values(), case_.time->start, reason);
  if (!initial) {
    throw sdk::Error(sdk::ErrorKind::case_file, "the initial values have no separated form: " + reason,
                     case_.initial.at.text(), "write them as sums of products of functions of parameters and of space");
  }
  return {basis, std::move(*initial), time_grid(case_)};
}

void ReducedTraining::interpolate_residual(reduced::ReducedBasis& basis) {
  const double start = MPI_Wtime();
  basis.interpolate_residual(training_set(case_));
  const auto model = basis.model();
  const auto& interpolation = *model.data().residual_interpolation;
  log_.say(
      fmt::format("  residual norms: interpolated from those at {} of {} training parameters ({} products of "
                  "coordinates), {:.2f} s",
                  interpolation.size(), training_set(case_).size(), interpolation.full_size(), MPI_Wtime() - start));
  log_.event("interpolated_residual",
             {{"parameters", std::int64_t{interpolation.size()}}, {"products", interpolation.full_size()}});
}

void ReducedTraining::report(const reduced::SeparatedProblem& separated) {
  const auto& tolerance = case_.reduced.interpolation.tolerance;
  for (const auto& function : separated.interpolations) {
    const auto further = function->exact
                             ? "nothing more was seen at other parameters"
                             : fmt::format("and {} further ones for estimates", function->size() - function->terms);
    const int further_ones = function->size() - function->terms, wanted = reduced::further_terms(function->terms);
    if (!function->exact && further_ones < wanted) {
      log_.say(fmt::format("  \"{}\": {} further terms instead of {} for the estimate, as its training leaves no more",
                           function->text, further_ones, wanted));
    }
    const auto points = function->fits ? fmt::format(" at {} points", function->num_points_of_terms()) : "";
    log_.say(fmt::format("  interpolated: \"{}\" by {} terms{}, {}; remainder {:.1e} of its size", function->text,
                         function->terms, points, further, function->remainder));
    if (function->remainder > tolerance)
      log_.say(fmt::format("  the tolerance was not reached with {}",
                           function->fits ? "these terms and points" : "reduced.interpolation.max_terms terms"));
    log_.event("interpolated", {{"function", function->text},
                                {"terms", std::int64_t{function->terms}},
                                {"further_terms", std::int64_t{function->size() - function->terms}},
                                {"exact", std::string(function->exact ? "yes" : "no")},
                                {"remainder", function->remainder}});
  }
  const auto masses = separated.masses.empty() ? "" : fmt::format("{} of the mass, ", separated.masses.size());
  const auto remainder =
      separated.interpolations.empty()
          ? std::string("exact by its expressions")
          : fmt::format("the largest difference seen at other parameters {:.1e}", separated.interpolation_error);
  log_.say(fmt::format("  separated form: {} operator terms, {}{} of the right-hand side, {} liftings; {}",
                       separated.operators.size(), masses,
                       separated.rhs.num_columns() + separated.rate_rhs.num_columns(), separated.liftings.num_columns(),
                       remainder));
}

io::Chart ReducedTraining::run_greedy(reduced::ReducedBasis& basis) {
  const auto training = training_set(case_);
  std::unique_ptr<sampling::Surrogate> surrogate;
  std::string indicator = basis.model().is_estimate() ? "estimate" : "bound";
  if (case_.reduced.method == "strong_greedy") {
    indicator = "error";
    surrogate = std::make_unique<reduced::StrongGreedy>(basis, training, solutions_counter(training.size()));
  } else {
    surrogate = std::make_unique<reduced::WeakGreedy>(basis, discrete_.comm());
  }
  const auto result =
      train_greedily(discrete_.comm(), case_,
                     {*surrogate, [&] { return basis.size(); }, basis.errors(), indicator, training_key()}, log_);
  return bound_chart(case_, result.state.steps, result.largest, basis.errors(), basis.made_product().name);
}

io::Chart ReducedTraining::run_greedy(reduced::ParabolicBasis& basis) {
  reduced::ParabolicGreedy surrogate(basis, discrete_.comm());
  const auto result =
      train_greedily(discrete_.comm(), case_,
                     {surrogate, [&] { return basis.space().size(); }, basis.errors(), "bound", training_key()}, log_);
  return bound_chart(case_, result.state.steps, result.largest, basis.errors(), "energy norm in space and time");
}

std::string ReducedTraining::training_key() const {
  input::TomlWriter settings;
  input::reduced_keys().write(settings, case_.reduced);
  return fingerprint_ + settings.take() +
         fmt::format("\n# reference: {}\n", fmt::join(reference_parameters(case_), ", "));
}

std::function<void(std::size_t)> ReducedTraining::solutions_counter(std::size_t total) {
  return [progress = std::make_shared<results::Progress>(log_, total, "solutions")](std::size_t done) {
    progress->done(done);
  };
}

io::Chart ReducedTraining::run_pod(reduced::ReducedBasis& basis) {
  const auto training = training_set(case_);
  const double start = MPI_Wtime();
  const auto solved = solutions_counter(training.size());
  auto options = reduced::PodOptions{.tolerance = case_.reduced.tolerance};
  options.num_modes = std::min<int>(case_.reduced.max_size, static_cast<int>(training.size()));
  reduced::Block snapshots(discrete_.size());
  std::optional<reduced::IncrementalPod> incremental;
  if (case_.reduced.pod == "incremental")
    incremental.emplace(basis.product(), static_cast<std::size_t>(discrete_.size()));
  for (std::size_t i = 0; i < training.size(); ++i) {
    const auto snapshot = basis.snapshot(training[i]);
    if (incremental) {
      incremental->add(snapshot);
    } else {
      snapshots.append(snapshot);
    }
    solved(i + 1);
  }
  const auto pod = incremental                         ? incremental->result(options)
                   : case_.reduced.pod == "randomised" ? reduced::randomised_pod(basis.product(), snapshots, options)
                                                       : reduced::pod(basis.product(), std::move(snapshots), options);
  for (int j = 0; j < pod.modes.num_columns(); ++j) {
    const auto mode = pod.modes.column(j);
    basis.extend_by({mode.begin(), mode.end()});
    log_.event("mode", {{"size", std::int64_t{j + 1}}, {"singular_value", pod.singular_values[j]}});
  }
  log_.say(fmt::format("  {} modes leave out {:.2e} of the energy of {} solutions; trained in {:.2f} s", basis.size(),
                       pod.energy > 0.0 ? pod.tail / pod.energy : 0.0, training.size(), MPI_Wtime() - start));
  log_.event("trained",
             {{"size", std::int64_t{basis.size()}}, {"tail", pod.tail}, {"seconds_taken", MPI_Wtime() - start}});
  return singular_value_chart(case_, pod, basis.made_product().name);
}

}  // namespace ansatz::solvers
