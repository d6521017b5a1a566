#include "engine/study/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <petscversion.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/base/version.hpp"
#include "engine/study/output.hpp"
#include "engine/study/run_log.hpp"
#include "engine/study/verify.hpp"
#include "engine/time/integrator.hpp"

namespace ansatz::study {
namespace {

namespace fs = std::filesystem;

std::string version_text() { return base::version() + " (" + base::commit() + ")"; }

/// The form as an integrator sees it.
class FormInTime final : public time::TimeProblem {
 public:
  explicit FormInTime(fem::DiscreteProblem& discrete) : discrete_(discrete) {}
  const base::Communicator& comm() const override { return discrete_.comm(); }
  std::int32_t size() const override { return discrete_.size(); }
  void prescribe(double t, std::span<double> u) override { discrete_.prescribe(t, u); }
  void residual(double t, std::span<const double> u, std::span<const double> rate, std::span<double> F) override {
    discrete_.residual(t, u, rate, F);
  }
  const linear::SparseMatrix& jacobian(double t, std::span<const double> u, std::span<const double> rate,
                                       sdk::JacobianWeights weights) override {
    return discrete_.jacobian(t, u, rate, weights);
  }
  void explain_not_finite(double t, std::span<const double> u, std::span<const double> rate) override {
    discrete_.explain_not_finite(t, u, rate);
  }
  linear::KrylovSolver& solver(const linear::SparseMatrix& matrix) override { return discrete_.solver(matrix); }

 private:
  fem::DiscreteProblem& discrete_;
};

/// The steady system at one time.
class SteadySystem final : public linear::NonlinearSystem {
 public:
  SteadySystem(fem::DiscreteProblem& discrete, double t) : discrete_(discrete), time_(t) {}
  void residual(std::span<const double> u, std::span<double> F) override { discrete_.residual(time_, u, std::nullopt, F); }
  const linear::SparseMatrix& jacobian(std::span<const double> u) override {
    return discrete_.jacobian(time_, u, std::nullopt, {1.0, 0.0});
  }
  void explain_not_finite(std::span<const double> u) override { discrete_.explain_not_finite(time_, u, std::nullopt); }

 private:
  fem::DiscreteProblem& discrete_;
  double time_;
};

/// Creates the run folder with effective.toml. *Collective.*
std::string make_folder(const Case& parsed, const RunOptions& options, const base::Communicator& comm) {
  const std::string folder = options.out.empty() ? "runs/" + parsed.name : options.out;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    std::error_code code;
    fs::create_directories(folder, code);
    std::ofstream effective(folder + "/effective.toml");
    effective << parsed.effective_toml;
    if (code || !effective.flush()) {
      throw sdk::Error(sdk::ErrorKind::output, "cannot write into the folder " + folder, {},
                       "give a folder that you may write to with --out");
    }
  });
  return folder;
}

sdk::VisualMetadata metadata(const Case& parsed, const plugin::Registry& registry, const base::Communicator& comm) {
  sdk::VisualMetadata entries{{"engine", version_text()},
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
  Run(const Case& parsed, const RunOptions& options, plugin::Registry& registry, const base::Communicator& comm)
      : case_(parsed), registry_(registry), comm_(comm), verify_(options.verify),
        folder_(make_folder(parsed, options, comm)), log_(comm, folder_) {
    if (verify_) {
      base::agree(comm_, [&] {
        references_ = read_references((fs::path(case_.path).parent_path() / "reference.toml").string());
      });
    }
  }

  int execute() {
    log_.say(fmt::format("{}  ({}, {} rank{})", case_.title.empty() ? case_.name : case_.title, case_.path, comm_.size(),
                         comm_.size() > 1 ? "s" : ""));
    auto mark = log_.seconds();
    Problem problem(case_, registry_, comm_);
    timings_["setup"] = log_.seconds() - mark;
    describe(problem);
    const auto& linear = case_.linear;
    fem::DiscreteProblem discrete(problem.form(), problem.dirichlet(),
                                  {linear.solver, linear.preconditioner, linear.relative_tolerance,
                                   linear.absolute_tolerance, linear.max_iterations, linear.petsc});
    FieldOutput output(problem, registry_, folder_, metadata(case_, registry_, comm_));
    mark = log_.seconds();
    const Solution solution = case_.time ? transient(problem, discrete, output) : steady(problem, discrete, output);
    timings_["solve"] = log_.seconds() - mark - timings_["output"] - timings_["quantities"];
    timings_["assembly"] = discrete.assembly_seconds();
    const auto quantities = timed("quantities", [&] { return evaluate_quantities(problem, discrete, solution); });
    timings_["total"] = log_.seconds();
    write_summary(quantities);
    return report(problem, discrete, solution, quantities, output.path());
  }

 private:
  void write_output(FieldOutput& output, fem::DiscreteProblem& discrete, const Solution& solution) {
    timed("output", [&] {
      output.write(discrete, solution);
      return 0;
    });
    log_.event("output", {{"time", solution.time}});
  }

  void describe(const Problem& problem) {
    const auto& mesh = problem.mesh();
    log_.say(fmt::format("  mesh: {} {}s in {} region{}; {} unknowns of order {}; set up in {:.2f} s", mesh.num_global_cells,
                         mesh::topology(mesh.cell).name, mesh.region_names.size(), mesh.region_names.size() > 1 ? "s" : "",
                         problem.dofs().num_global(), case_.solver.order, timings_["setup"]));
    log_.event("setup", {{"cells", mesh.num_global_cells}, {"unknowns", problem.dofs().num_global()}, {"seconds_taken", timings_["setup"]}});
  }

  linear::NewtonOptions newton_options() const {
    linear::NewtonOptions options;
    options.relative_tolerance = case_.linear.newton_relative_tolerance;
    options.absolute_tolerance = case_.linear.newton_absolute_tolerance;
    options.max_iterations = case_.linear.newton_max_iterations;
    return options;
  }

  Solution steady(Problem& problem, fem::DiscreteProblem& discrete, FieldOutput& output) {
    if (problem.form().transient()) {
      log_.event("note", {{"text", std::string("no [time]: the steady state is solved for")}});
    }
    Solution solution{0.0, problem.initial_state(), std::nullopt};
    discrete.prescribe(0.0, solution.values);
    warn_of_convection(problem, discrete, solution);
    SteadySystem system(discrete, 0.0);
    auto& solver = discrete.solver(system.jacobian(solution.values));
    const auto result = linear::newton(comm_, system, solver, solution.values, newton_options(), [this](const linear::NewtonStep& s) {
      log_.say(fmt::format("  Newton {:2}: residual {:.3e}{}", s.iteration, s.norm,
                           s.iteration == 0 ? std::string()
                                            : fmt::format("  step {:.3g}  linear iterations {}", s.step_length, s.krylov_iterations)));
      log_.event("newton", {{"iteration", std::int64_t{s.iteration}}, {"residual", s.norm}, {"linear_iterations", std::int64_t{s.krylov_iterations}}});
    });
    residual_ = result.norms.back();
    write_output(output, discrete, solution);
    return solution;
  }

  Solution transient(Problem& problem, fem::DiscreteProblem& discrete, FieldOutput& output) {
    const auto& spec = *case_.time;
    const auto steps = static_cast<std::int64_t>(std::llround((spec.end - spec.start) / spec.step));
    if (steps < 1 || std::abs(double(steps) * spec.step - (spec.end - spec.start)) > 1e-9 * (spec.end - spec.start)) {
      throw sdk::Error(sdk::ErrorKind::case_file,
                       fmt::format("the time from {} to {} s is not a whole number of steps of {} s", spec.start, spec.end, spec.step),
                       spec.at.text(), fmt::format("for example step = {}", (spec.end - spec.start) / std::max<double>(1.0, double(steps))));
    }
    FormInTime in_time(discrete);
    auto integrator = time::make_integrator(spec.method, in_time, spec.start, problem.initial_state(), newton_options());
    const auto current = [&] {
      return Solution{integrator->time(),
                      {integrator->state().begin(), integrator->state().end()},
                      std::vector<double>(integrator->rate().begin(), integrator->rate().end())};
    };
    Solution solution = current();
    warn_of_convection(problem, discrete, solution);
    write_output(output, discrete, solution);
    record_series(problem, discrete, solution);
    const double start = log_.seconds();
    for (std::int64_t n = 1; n <= steps; ++n) {
      // From the start time, so that round-off of the time does not add up.
      const double target = spec.start + (spec.end - spec.start) * double(n) / double(steps);
      auto report = integrator->step(spec.step);
      report.time = target;
      const double eta = (log_.seconds() - start) / double(n) * double(steps - n);
      log_.say(fmt::format("  step {}/{}  t = {:.6g} s  Newton {}  linear {}  residual {:.2e}  eta {:.0f} s", n, steps, target,
                           report.newton.iterations, report.newton.krylov_iterations, report.newton.norms.back(), eta));
      log_.event("step", {{"step", n}, {"time", target}, {"newton", std::int64_t{report.newton.iterations}},
                          {"linear_iterations", std::int64_t{report.newton.krylov_iterations}}, {"residual", report.newton.norms.back()}});
      residual_ = report.newton.norms.back();
      solution = current();
      if (n % case_.output.every == 0 || n == steps) write_output(output, discrete, solution);
      record_series(problem, discrete, solution);
    }
    return solution;
  }

  /// Appends the quantities at this time to quantities.csv.
  void record_series(const Problem& problem, fem::DiscreteProblem& discrete, const Solution& solution) {
    const auto values = timed("quantities", [&] { return evaluate_quantities(problem, discrete, solution); });
    base::agree(comm_, [&] {
      if (!comm_.is_root()) return;
      if (!series_.is_open()) {
        series_.open(folder_ + "/quantities.csv");
        series_ << "time [s]";
        for (const auto& q : values) series_ << fmt::format(",{} [{}]", q.name, q.unit);
        series_ << '\n';
      }
      series_ << fmt::format("{:.17g}", solution.time);
      for (const auto& q : values) series_ << fmt::format(",{:.17g}", q.value);
      series_ << '\n';
      if (!series_.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + folder_ + "/quantities.csv");
    });
  }

  void warn_of_convection(Problem& problem, fem::DiscreteProblem& discrete, const Solution& solution) {
    if (!problem.physics().info().has_stabilisation || case_.solver.stabilise) return;
    const auto values = discrete.with_ghosts(solution.values);
    double peclet = 0.0;
    base::agree(comm_, [&] { peclet = problem.form().largest_peclet({solution.time, values, {}}); });
    peclet = comm_.max(peclet);
    if (peclet > 1.0) {
      log_.warn(fmt::format("the cell Peclet number reaches {:.3g} > 1, the solution may oscillate: refine the mesh or set "
                            "solver.stabilisation = \"supg\"", peclet));
    }
  }

  void write_summary(const std::vector<QuantityValue>& quantities) {
    nlohmann::ordered_json summary{{"case", case_.name}, {"ranks", comm_.size()}, {"ansatz", case_.solver.type}};
    summary["quantities"] = nlohmann::ordered_json::object();
    for (const auto& q : quantities) summary["quantities"][q.name] = {{"value", q.value}, {"unit", q.unit}};
    summary["timings"] = timings_;
    summary["versions"] = {{"ansatz", version_text()},
                           {"petsc", fmt::format("{}.{}.{}", PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR)}};
    for (const auto& plugin : registry_.plugins()) summary["versions"][plugin.name] = plugin.version;
    base::agree(comm_, [&] {
      if (!comm_.is_root()) return;
      std::ofstream file(folder_ + "/summary.json");
      file << summary.dump(2) << '\n';
      if (!file.flush()) throw sdk::Error(sdk::ErrorKind::output, "cannot write " + folder_ + "/summary.json");
    });
  }

  int report(const Problem&, fem::DiscreteProblem&, const Solution&, const std::vector<QuantityValue>& quantities,
             const std::string& fields) {
    log_.say("");
    for (const auto& q : quantities) log_.say(fmt::format("  {:<28} {:>18.10g} {}", q.name, q.value, q.unit));
    log_.say(fmt::format("  residual of the finite-element equations: {:.2e}", residual_));
    bool all_within = true;
    if (verify_) {
      std::string table;
      base::agree(comm_, [&] { table = compare_with(references_, quantities, all_within); });
      log_.say("\n" + table);
    }
    log_.say(fmt::format("  time: {:.2f} s (set up {:.2f}, solve {:.2f}, output {:.2f})", timings_["total"], timings_["setup"],
                         timings_["solve"], timings_["output"]));
    log_.say(fmt::format("  results: {}\n  open them: paraview {}", fs::absolute(folder_).string(), fs::absolute(fields).string()));
    log_.event("end", {{"verified", std::string(!verify_ ? "not asked" : (all_within ? "yes" : "no"))}});
    if (!all_within) {
      throw sdk::Error(sdk::ErrorKind::verification, "a quantity is out of the tolerance of its reference", {},
                       "see the table above; a finer mesh or a higher order may be needed");
    }
    return 0;
  }

  const Case& case_;
  plugin::Registry& registry_;
  base::Communicator comm_;
  bool verify_;
  std::string folder_;
  RunLog log_;
  std::vector<Reference> references_;
  std::map<std::string, double> timings_{{"setup", 0.0}, {"solve", 0.0}, {"output", 0.0}, {"quantities", 0.0}};
  std::ofstream series_;
  double residual_ = 0.0;
};

}  // namespace

int run(const Case& parsed, const RunOptions& options, plugin::Registry& registry, const base::Communicator& comm) {
  return Run(parsed, options, registry, comm).execute();
}

void check(const Case& parsed, plugin::Registry& registry, const base::Communicator& comm) {
  Problem problem(parsed, registry, comm);
}

}  // namespace ansatz::study
