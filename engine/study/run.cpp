#include "engine/study/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <span>

#include "ansatz/sdk/terminal.hpp"
#include "engine/certify/calibration.hpp"
#include "engine/certify/certified.hpp"
#include "engine/certify/mesh_share.hpp"
#include "engine/compare/comparison.hpp"
#include "engine/compare/comparison_table.hpp"
#include "engine/io/charts/csv.hpp"
#include "engine/linear/solvers/krylov_options.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/problem/known_jumps.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/quantities/signals.hpp"
#include "engine/report/run_report.hpp"
#include "engine/results/field_output.hpp"
#include "engine/results/run_folder.hpp"
#include "engine/results/run_log.hpp"
#include "engine/results/series_file.hpp"
#include "engine/solvers/gradients/case_gradients.hpp"
#include "engine/solvers/linear_options.hpp"
#include "engine/solvers/run_monitor.hpp"
#include "engine/solvers/stepping.hpp"
#include "engine/solvers/table/prepare.hpp"
#include "engine/solvers/table/table.hpp"
#include "engine/study/case_warnings.hpp"
#include "engine/study/controller_training.hpp"
#include "engine/study/gradient.hpp"
#include "engine/study/limits.hpp"
#include "engine/study/plugin_study.hpp"
#include "engine/study/study_run.hpp"
#include "engine/study/sweep.hpp"
#include "engine/study/system_run.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::study {
namespace {

namespace fs = std::filesystem;

constexpr double accurate = 1e-3;  // statistics over time that need no warning, relative

sdk::VisualMetadata metadata(const input::Case& parsed, const plugin::Registry& registry,
                             const base::Communicator& comm) {
  sdk::VisualMetadata entries{{"engine", results::version_text()},
                              {"case", parsed.effective_toml},
                              {"case_path", parsed.path},
                              {"title", parsed.title},
                              {"ranks", std::to_string(comm.size())},
                              {"started", fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::time(nullptr)))}};
  for (const auto& plugin : registry.plugins()) {
    entries["plugin " + plugin.name] = fmt::format("{} checksum {:016x}", plugin.version, plugin.checksum);
  }
  // Rank 0's clock speaks for all.
  entries["started"] = comm.broadcast(entries["started"]);
  return entries;
}

/// [linear] of the case. \throws sdk::Error of kind parameter, with the place, for what no linear solver can be.
linear::KrylovOptions krylov_options(problem::Problem& problem, const plugin::Registry& registry) {
  const auto& spec = problem.parsed().linear;
  auto options = solvers::linear_options(spec, registry, problem.form().linear() ? 1e-10 : 1e-5);
  try {
    linear::check(options);
    linear::check_offer(problem.mesh().comm, options);
    linear::check_preconditioner(options.preconditioner, !problem.form().algebraic_fields().empty());
    const linear::OptionsDatabase is_well_formed(options.petsc);
  } catch (const sdk::Error& error) {
    const bool has_place = error.where().starts_with(spec.at.file);
    throw sdk::Error(error.kind(), error.what(), has_place ? error.where() : spec.at.text() + ": " + error.where(),
                     error.hint());
  }
  return options;
}

/// One run: problem, solution, files.
class Run {
  /// Runs a part and adds its time to the timings.
  template <class Work>
  auto timed(const std::string& name, Work work) {
    const double start = log_.seconds();
    auto result = work();
    timings_[name] += log_.seconds() - start;
    return result;
  }

 public:
  Run(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry, const base::Communicator& comm)
      : case_(parsed),
        registry_(registry),
        comm_(comm),
        verify_(options.verify),
        folder_(results::make_run_folder(parsed, options.out, comm)),
        restart_(options.restart),
        log_(comm, folder_, !options.restart.from.empty(), options.verbosity),
        report_(case_, registry, comm_, log_, folder_) {
    if (verify_) references_ = results::references_of(case_, comm_);
  }

  int execute() {
    return report::with_report(report_, [&] { return run_all(); });
  }

 private:
  int run_all() {
    log_.say(
        results::headline(case_, fmt::format("{}, {} rank{}", case_.path, comm_.size(), comm_.size() > 1 ? "s" : "")));
    for (const auto& warning : warnings_of(case_, registry_)) log_.warn(warning);
    auto mark = log_.seconds();
    problem::Problem problem(case_, registry_, comm_);
    timings_["setup"] = log_.seconds() - mark;
    describe(problem);
    if (case_.time) stop_at_jumps(problem);
    const auto options = krylov_options(problem, registry_);
    const bool has_states = case_.time && case_.solver.info.keeps_states && !is_of_many();
    if (!has_states && !restart_.from.empty()) refuse_restart();
    if (case_.study.type == "limits") return run_limits(problem, options);
    const solvers::CaseProblem of_case(problem, registry_, log_, folder_, options, solvers::make_ansatz,
                                       solvers::make_gradients);
    if (const auto* study = study_of_plugin())
      return run_study([&] { return run_plugin_study(of_case, *study, restart_.time_limit); });
    if (case_.study.type == "gradient")
      return run_study([&] { return run_gradient_study(of_case, restart_.time_limit); });
    if (case_.study.type == "sweep") return run_sweep(of_case);
    if (case_.study.type == "compare") return run_compare(of_case);
    const auto ansatz = solvers::make_ansatz(of_case, case_.solver.type);
    train(of_case, *ansatz);
    return run_solve(of_case, *ansatz, has_states);
  }

  /// Of many parameters, or of whatever a plugin makes of it.
  bool is_of_many() const {
    return case_.study.has_points() || study_of_plugin() != nullptr || case_.study.type == "gradient";
  }

  const plugin::StudyOffer* study_of_plugin() const {
    const auto& offers = registry_.offers().studies;
    const auto found = std::ranges::find(offers, case_.study.type, &plugin::StudyOffer::name);
    return found == offers.end() ? nullptr : &*found;
  }

  /// The model of an ansatz that has one.
  void train(const solvers::CaseProblem& of_case, sdk::Solver& ansatz) {
    if (!case_.solver.info.trains) return;
    timed("training", [&] {
      solvers::prepare(of_case, case_.solver.type, ansatz, restart_.time_limit);
      calibration_ = certify::Calibration::make(of_case, case_.solver.type, ansatz);
      return 0;
    });
  }

  int run_solve(const solvers::CaseProblem& of_case, sdk::Solver& ansatz, bool has_states) {
    auto& problem = of_case.problem();
    auto& discrete = of_case.discrete();
    signals_.emplace(problem.signals().size(), starts_of_statistics(),
                     case_.time ? case_.time->stops : std::vector<double>());
    std::optional<results::Checkpoints> checkpoints;
    if (has_states) {
      checkpoints.emplace(comm_, folder_, case_.checkpoint, restart_,
                          results::Checkpoints::Problem{problem::restart_fingerprint(problem, registry_),
                                                        &problem.dofs(), case_.time->end},
                          log_);
      checkpoints->add([&](sdk::StateArchive& archive) {
        signals_->exchange("signals", archive);
        written_.exchange("written", archive);
      });
    }
    std::optional<double> keep_until;
    if (checkpoints && checkpoints->restart()) keep_until = checkpoints->restart()->time;
    results::FieldOutput output(problem, registry_, folder_, metadata(case_, registry_, comm_), keep_until);
    const auto mark = log_.seconds();
    solvers::RunMonitor monitor(problem, log_, folder_, observer(problem, discrete, output),
                                checkpoints ? &*checkpoints : nullptr);
    if (case_.time) monitor.set_end(case_.time->end);
    const auto parameters = case_.default_parameters();
    std::optional<certify::Certified> certified;
    if (certify::is_checked(of_case, case_.solver.type)) certified.emplace(of_case, case_.solver.type, ansatz);
    auto solution = certified ? certified->solve({.parameters = parameters}, monitor)
                              : solvers::solve(of_case, case_.solver.type, ansatz, {.parameters = parameters}, monitor);
    if (calibration_)
      calibration_->judge(solution, certified && certified->ledger().polished + certified->ledger().fell_back > 0);
    timings_["solve"] = log_.seconds() - mark - timings_["output"] - report_seconds_ - timings_["quantities"];
    timings_["assembly"] = discrete.assembly_seconds();
    results::Summary found{
        .quantities = timed("quantities",
                            [&] { return quantities::evaluate_quantities(problem, discrete, solution, &*signals_); }),
        .certificate = solution.certificate,
        .work = solution.work};
    if (certified) found.certify = certified->ledger().numbers();
    if (calibration_) found.certify.merge(calibration_->numbers());
    if (certified && case_.certify && case_.certify->discretisation && !case_.time)
      timed("discretisation", [&] { return add_mesh_share(of_case, solution, found); });
    timings_["total"] = log_.seconds();
    found.timings = timings_;
    results::write_summary(folder_, case_, registry_, comm_, found);
    report_.set_series(written_, columns_);
    report_.write(found, asked_references());
    const int code = say_results(found, output.path());
    if (certified) certify::require_certificates(of_case, certified->ledger());
    return code;
  }

  /// What the mesh has to do with it.
  int add_mesh_share(const solvers::CaseProblem& of_case, const sdk::Solution& solution, results::Summary& found) {
    const auto share = certify::mesh_share(of_case, solution, found.quantities);
    if (!share.estimate) {
      log_.warn("nothing is known of the error of the mesh: " + share.problem);
      return 0;
    }
    const auto& estimate = *share.estimate;
    const bool is_bound = estimate.kind == sdk::Certificate::Kind::bound;
    log_.say(
        fmt::format("  mesh: difference to the solution of the equations {} {:.3e} in the {} ({}), {:.2e} of the "
                    "solution",
                    is_bound ? "at most" : "estimated as", estimate.value, estimate.norm, estimate.method,
                    share.size > 0.0 ? estimate.value / share.size : estimate.value));
    found.mesh_certificate = sdk::Certificate{.kind = estimate.kind,
                                              .against = sdk::Certificate::Against::equation,
                                              .value = estimate.value,
                                              .norm = estimate.norm,
                                              .parts = estimate.parts};
    log_.event("discretisation", {{"kind", std::string(sdk::name(estimate.kind))},
                                  {"value", estimate.value},
                                  {"size", share.size},
                                  {"norm", estimate.norm},
                                  {"method", estimate.method}});
    if (!share.problem.empty()) log_.warn("no estimates for quantities: " + share.problem);
    return 0;
  }

  [[noreturn]] static void refuse_restart() {
    throw sdk::Error(sdk::ErrorKind::usage,
                     "--restart is for runs in time that keep states, such as those of finite elements: this case has "
                     "no states to go on from");
  }

  void stop_at_jumps(problem::Problem& problem) {
    auto found = problem::known_jumps(problem, *case_.time);
    case_.time->seen_from = found.seen_from;
    auto& jumps = found.times;
    auto& stops = case_.time->adaptive() ? case_.time->stops : case_.time->jumps;
    std::ranges::copy(jumps, std::back_inserter(stops));
    std::ranges::sort(stops);
    std::erase_if(jumps, [&](double t) {
      return time::same_time(t, case_.time->end) || (!case_.time->adaptive() && !solvers::ends_step(case_, t));
    });
    if (jumps.empty()) return;
    constexpr std::size_t most = 5;
    const std::span<const double> said(jumps.data(), std::min(most, jumps.size()));
    log_.say(fmt::format("  conditions on t change at t = {:.9g}{}: steps end there", fmt::join(said, ", "),
                         jumps.size() > most ? fmt::format(" and {} more times", jumps.size() - most) : ""));
  }

  void write_output(results::FieldOutput& output, fem::DiscreteProblem& discrete, const quantities::Solution& solution,
                    bool is_last) {
    results::FieldOutput::Watch watch;
    if (report_.wants_pictures(solution.time, is_last))
      watch = [&](const auto& mesh, const auto& fields) {
        const double start = log_.seconds();
        report_.add_pictures(mesh, fields, solution.time);
        report_seconds_ += log_.seconds() - start;
      };
    const double of_others = report_seconds_;
    timed("output", [&] {
      output.write(discrete, solution, watch);
      return 0;
    });
    timings_["output"] -= report_seconds_ - of_others;
    log_.event("output", {{"time", solution.time}});
  }

  /// Writes the fields and quantities of the steps that are to be written.
  solvers::Observer observer(const problem::Problem& problem, fem::DiscreteProblem& discrete,
                             results::FieldOutput& output) {
    return [&](const quantities::Solution& at, std::int64_t step, bool is_last, const solvers::StepTaken* taken) {
      if (solvers::is_written(case_, step, at.time, is_last)) write_output(output, discrete, at, is_last);
      if (case_.time) record_series(problem, discrete, at);
      if (taken != nullptr) record_signals(problem, discrete, *taken);
    };
  }

  void describe(const problem::Problem& problem) {
    const auto& mesh = problem.mesh();
    log_.say(fmt::format("  mesh: {} {}s in {} region{}; {} unknowns of order {}; set up in {:.2f} s",
                         mesh.num_global_cells, mesh::topology(mesh.cell).name, mesh.region_names.size(),
                         mesh.region_names.size() > 1 ? "s" : "", problem.dofs().num_global(), case_.solver.order,
                         timings_["setup"]));
    for (const auto& warning : mesh.warnings) log_.warn(fmt::format("{}: {}", case_.mesh.file, warning));
    report_.add_fact("mesh", fmt::format("{} {}s", mesh.num_global_cells, mesh::topology(mesh.cell).name));
    report_.add_fact("unknowns", fmt::format("{} of order {}", problem.dofs().num_global(), case_.solver.order));
    log_.event("setup", {{"cells", mesh.num_global_cells},
                         {"unknowns", problem.dofs().num_global()},
                         {"seconds_taken", timings_["setup"]}});
  }

  /// Times that statistics begin at.
  std::vector<double> starts_of_statistics() const {
    std::vector<double> times;
    for (const auto& quantity : case_.quantities) {
      if (quantity.kind == input::QuantitySpec::Kind::over_time) times.push_back(quantity.after);
    }
    return times;
  }

  /// Follows the quantities that statistics over time are of through a step.
  void record_signals(const problem::Problem& problem, fem::DiscreteProblem& discrete,
                      const solvers::StepTaken& taken) {
    timed("quantities", [&] {
      signals_->add_step(taken.begin, taken.end, [&](double t, std::span<double> values) {
        quantities::evaluate_quantities(problem, discrete, taken.solution(t), problem.signals(), values);
      });
      return 0;
    });
  }

  /// Appends the quantities at this time to quantities.csv.
  void record_series(const problem::Problem& problem, fem::DiscreteProblem& discrete,
                     const quantities::Solution& solution) {
    const auto values =
        timed("quantities", [&] { return quantities::evaluate_quantities(problem, discrete, solution, nullptr); });
    quantities::require_finite(values);
    std::vector<double> written;
    for (const auto& q : values) written.push_back(q.value);
    if (!series_file_) {
      std::vector<std::string> columns;
      for (const auto& q : values) columns.push_back(io::csv_label(q.name, q.unit));
      for (const auto& q : values) {
        columns_.names.push_back(q.name);
        columns_.units.push_back(q.unit);
      }
      series_file_.emplace(comm_, folder_, columns);
      series_file_->add(written_);
    }
    written_.add(solution.time, written);
    series_file_->add(solution.time, written);
  }

  int run_sweep(const solvers::CaseProblem& of_case) {
    if (verify_) {
      throw sdk::Error(sdk::ErrorKind::usage, "--verify compares one solution, a sweep has many",
                       case_.study.sweep.at.text(), "set study.type = \"solve\"");
    }
    const auto mark = log_.seconds();
    StudyRun run(of_case, restart_.time_limit);
    Sweep sweep(of_case);
    sweep.run(run);
    const auto& table = sweep.result();
    timings_["training"] = run.training_seconds();
    timings_["solve"] = log_.seconds() - mark - timings_["training"];
    timings_["total"] = log_.seconds();
    const bool is_checked = certify::is_checked(of_case, case_.solver.type) && case_.certify;
    results::Summary found;
    found.timings = timings_;
    if (is_checked) found.certify = run.ledger().numbers();
    found.certify.merge(run.calibration_numbers());
    results::write_summary(folder_, case_, registry_, comm_, found);
    if (is_checked) {
      log_.say(fmt::format("  answers: {} accepted, {} polished, {} fell back; {} of unknown error",
                           run.ledger().accepted, run.ledger().polished, run.ledger().fell_back, run.ledger().unknown));
    }
    report_.set_sweep(table);
    report_.write(found, nullptr);
    say_end(table);
    require_results(table);
    if (is_checked) certify::require_certificates(of_case, run.ledger());
    return 0;
  }

  int run_compare(const solvers::CaseProblem& of_case) {
    const auto spec = case_.compare.value_or(input::CompareSpec{});
    std::vector<std::vector<double>> points;
    if (case_.parameters.empty()) points.emplace_back();
    if (!case_.parameters.empty()) {
      const sampling::ParameterBox box(problem::parameter_ranges(case_));
      const auto sample = sampling::sample(box, problem::sampling_options(spec.points, box.dimension()));
      for (std::size_t i = 0; i < sample.size(); ++i) points.emplace_back(sample[i].begin(), sample[i].end());
    }
    const auto mark = log_.seconds();
    const auto found = compare::compare(of_case, points, restart_.time_limit);
    timings_["solve"] = log_.seconds() - mark;
    timings_["total"] = log_.seconds();
    compare::write(comm_, folder_, found);
    results::Summary summary;
    summary.timings = timings_;
    results::write_summary(folder_, case_, registry_, comm_, summary);
    log_.say("\n" + compare::text(found));
    log_.say(fmt::format("  time: {:.2f} s (set up {:.2f})\n  results: {}", timings_["total"], timings_["setup"],
                         fs::absolute(folder_).string()));
    return 0;
  }

  template <class Study>
  int run_study(const Study& study) {
    const auto mark = log_.seconds();
    results::Summary found = study();
    timings_["training"] = found.timings["training"];
    timings_["solve"] = log_.seconds() - mark - timings_["training"];
    timings_["total"] = log_.seconds();
    found.timings = timings_;
    results::write_summary(folder_, case_, registry_, comm_, found);
    report_.write(found, asked_references());
    const bool all_within = results::report_quantities(log_, comm_, found.quantities, verify_ ? &references_ : nullptr);
    log_.say(fmt::format("  time: {:.2f} s (set up {:.2f})\n  results: {}", timings_["total"], timings_["setup"],
                         fs::absolute(folder_).string()));
    log_.event("end", {{"verified", std::string(!verify_ ? "not asked" : (all_within ? "yes" : "no"))}});
    quantities::require_finite(found.quantities);
    if (!all_within) results::fail_verification();
    return 0;
  }

  int run_limits(problem::Problem& problem, const linear::KrylovOptions& options) {
    const auto result = limits(problem, options, log_, folder_);
    if (verify_ && result.at_defaults.empty()) {
      throw sdk::Error(sdk::ErrorKind::usage, "--verify compares values at the defaults, and there are none",
                       case_.study.sweep.at.text(), "give defaults within the ranges, and no others in study.fixed");
    }
    timings_["total"] = log_.seconds();
    results::write_summary(folder_, case_, registry_, comm_, {.quantities = result.at_defaults, .timings = timings_});
    report_.set_sweep(result.table);
    report_.write({.quantities = result.at_defaults, .timings = timings_}, asked_references());
    bool all_within = true;
    if (!result.at_defaults.empty()) {
      log_.result("\n  at the defaults of the parameters:");
      all_within = results::report_quantities(log_, comm_, result.at_defaults, verify_ ? &references_ : nullptr);
    }
    say_end(result.table);
    require_results(result.table);
    require_tolerance(case_, result);
    if (!all_within) results::fail_verification();
    return 0;
  }

  void say_end(const io::SweepTable& table) {
    log_.say(fmt::format("  time: {:.2f} s (set up {:.2f})\n  results: {}", timings_["total"], timings_["setup"],
                         fs::absolute(folder_).string()));
    log_.event("end", {{"points", static_cast<std::int64_t>(table.num_points())}});
  }

  /// \throws sdk::Error of kind solver where points have none.
  void require_results(const io::SweepTable& table) const {
    if (table.num_problems() == 0) return;
    throw sdk::Error(sdk::ErrorKind::solver,
                     fmt::format("{} of {} points of the {} have no result", table.num_problems(), table.num_points(),
                                 case_.study.type),
                     case_.study.sweep.at.text(),
                     "the table has the other points, and the reasons; see the warnings above");
  }

  /// Those to be compared with, or null.
  const std::vector<results::Reference>* asked_references() const { return verify_ ? &references_ : nullptr; }

  int say_results(const results::Summary& found, const std::string& fields) {
    const auto& quantities = found.quantities;
    const bool all_within = results::report_quantities(log_, comm_, quantities, verify_ ? &references_ : nullptr);
    if (const auto residual = found.work.find("residual"); residual != found.work.end())
      log_.say(fmt::format("  residual of the finite-element equations: {:.2e}", residual->second));
    log_.say(fmt::format("  time: {:.2f} s (set up {:.2f}{}, solve {:.2f}, output {:.2f})", timings_["total"],
                         timings_["setup"],
                         case_.solver.info.trains ? fmt::format(", model {:.2f}", timings_["training"]) : "",
                         timings_["solve"], timings_["output"]));
    log_.say(fmt::format("  results: {}\n  open them: paraview {}", fs::absolute(folder_).string(),
                         fs::absolute(fields).string()));
    log_.event("end", {{"verified", std::string(!verify_ ? "not asked" : (all_within ? "yes" : "no"))}});
    warn_of_accuracy(quantities);
    quantities::require_finite(quantities);
    if (!all_within) results::fail_verification();
    return 0;
  }

  void warn_of_accuracy(const std::vector<quantities::QuantityValue>& quantities) {
    for (const auto& q : quantities) {
      if (!(q.accuracy > accurate * std::abs(q.value))) continue;
      log_.warn(
          fmt::format("the statistic {} is known to {:.2g} {} only: what it is of varies more than the samples show",
                      q.name, q.accuracy, sdk::printable_line(q.unit)));
    }
  }

  input::Case case_;
  plugin::Registry& registry_;
  base::Communicator comm_;
  bool verify_;
  std::string folder_;
  results::RestartOptions restart_;
  results::RunLog log_;
  report::RunReport report_;
  double report_seconds_ = 0.0;  ///< of pictures, which are made while fields are written
  std::vector<results::Reference> references_;
  std::map<std::string, double> timings_{{"setup", 0.0}, {"solve", 0.0}, {"output", 0.0}, {"quantities", 0.0}};
  std::optional<quantities::Signals> signals_;  ///< of statistics over time
  quantities::TimeSeries written_;              ///< rows of quantities.csv
  io::Columns columns_;                         ///< of quantities.csv
  std::optional<results::SeriesFile> series_file_;
  std::unique_ptr<certify::Calibration> calibration_;  ///< none: the case asks for none
};

/// What the ansatz and the study of a case find wrong. *Collective.*
void check_ansatz(problem::Problem& problem, const plugin::Registry& registry, const base::Communicator& comm,
                  const linear::KrylovOptions& options) {
  results::RunLog silent(comm, {});
  const solvers::CaseProblem of_case(problem, registry, silent, {}, options, solvers::make_ansatz,
                                     solvers::make_gradients);
  solvers::make_ansatz(of_case, problem.parsed().solver.type);
  check_plugin_study(of_case);
  if (problem.parsed().study.type == "gradient") GradientStudy{of_case};
}

}  // namespace

int run(const input::Case& parsed, const RunOptions& options, plugin::Registry& registry,
        const base::Communicator& comm) {
  if (parsed.system && parsed.study.type == "train") return train_controller(parsed, options, registry, comm);
  if (parsed.system) return run_system(parsed, options, registry, comm);
  return Run(parsed, options, registry, comm).execute();
}

void check(const input::Case& parsed, plugin::Registry& registry, const base::Communicator& comm) {
  const auto warn = [&](const std::string& warning) {
    if (comm.is_root()) fmt::print(stderr, "warning: {}\n", sdk::printable(warning));
  };
  std::ranges::for_each(warnings_of(parsed, registry), warn);
  if (parsed.system) return check_system(parsed, registry, comm);
  problem::Problem problem(parsed, registry, comm);
  for (const auto& warning : problem.mesh().warnings) warn(parsed.mesh.file + ": " + warning);
  const auto options = krylov_options(problem, registry);
  if (parsed.study.type == "limits") check_limits(problem);
  check_ansatz(problem, registry, comm, options);
}

}  // namespace ansatz::study
