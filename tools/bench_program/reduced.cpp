#include <fmt/format.h>

#include <filesystem>

#include "engine/fem/forms/discrete_problem.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/problem/parameter_samples.hpp"
#include "engine/reduced/algebra/pod.hpp"
#include "engine/reduced/basis/reduced_basis.hpp"
#include "engine/reduced/basis/weak_greedy.hpp"
#include "engine/solvers/reduced_basis/reduced_settings.hpp"
#include "engine/solvers/reduced_basis/reduced_training.hpp"
#include "tools/bench_program/benches.hpp"
#include "tools/bench_program/record.hpp"

namespace ansatz::bench {
namespace {

constexpr int num_functions = 20;  // of the thermal block
constexpr int num_modes = 8;       // of the four materials
constexpr int num_snapshots = 100;
constexpr std::size_t num_online = 10'000, num_samples = 1'000, num_full = 20;

/// A case of the repository.
class CaseRun {
 public:
  CaseRun(const base::Communicator& comm, const Options& options, const std::string& name,
          std::vector<std::string> overrides)
      : comm_(comm),
        registry_(comm, plugin::search_path()),
        parsed_(input::read_case(options.folder + "/" + name, overrides, registry_, comm)),
        box(problem::parameter_ranges(parsed_)) {}

  /// Problem and basis from nothing, without functions.
  void begin() {
    basis.reset();
    problem = std::make_unique<problem::Problem>(parsed_, registry_, comm_);
    std::string reason;
    auto separated = reduced::separate(problem->form(), problem->dirichlet(), box.ranges(), reason);
    basis = std::make_unique<reduced::ReducedBasis>(problem->form(), std::move(separated.value()), box.ranges(),
                                                    solvers::reference_parameters(parsed_), linear::KrylovOptions{});
  }

  /// Trained as `ansatz run` does it.
  reduced::ReducedModel trained(const std::string& folder) {
    problem = std::make_unique<problem::Problem>(parsed_, registry_, comm_);
    fem::DiscreteProblem discrete(problem->form(), problem->dirichlet(), {});
    results::RunLog log(comm_, folder);
    return reduced::ReducedModel(
        solvers::ReducedTraining(*problem, discrete, log, folder, "benchmark").run().model.data);
  }

 private:
  base::Communicator comm_;
  plugin::Registry registry_;
  input::Case parsed_;

 public:
  sampling::ParameterBox box;
  std::unique_ptr<problem::Problem> problem;
  std::unique_ptr<reduced::ReducedBasis> basis;
};

/// Seconds of one solve with bound, and the largest bound.
double time_online(const base::Communicator& comm, const reduced::ReducedModel& model,
                   const sampling::TrainingSet& test) {
  reduced::ReducedModel::Workspace work(model);
  double sum = 0.0;
  const auto seconds = seconds_of(comm, [&] {
    for (std::size_t i = 0; i < test.size(); ++i) sum += model.solve(test[i], work).residual_norm;
  });
  if (!(sum >= 0.0)) throw sdk::Error(sdk::ErrorKind::not_finite, "a reduced solution is not finite", "benchmark");
  return seconds.wall / static_cast<double>(test.size());
}

/// A case with another kind of bound, trained as `ansatz run` does it.
void add_online(const base::Communicator& comm, const Options& options, const std::string& name,
                std::vector<std::string> settings, const std::string& label, Record& record) {
  const auto folder = (std::filesystem::temp_directory_path() / fmt::format("ansatz_bench_{}", label)).string();
  if (comm.is_root()) std::filesystem::create_directories(folder);
  comm.barrier();
  settings.insert(settings.end(), {"solver.type=\"reduced_basis\"", "study.type=\"train\"", "reduced.max_size=20",
                                   fmt::format("reduced.model=\"{}/model.h5\"", folder)});
  CaseRun run(comm, options, name, settings);
  const auto model = run.trained(folder);
  const auto test = sample(run.box, {.method = "random", .size = num_samples, .seed = 1000});
  record.add_seconds(label, time_online(comm, model, test));
  record.set(label + "_functions", model.size());
  comm.barrier();
  if (comm.is_root()) std::filesystem::remove_all(folder);
}

}  // namespace

void run_thermal_block(const base::Communicator& comm, const Options& options) {
  Record record(comm);
  CaseRun run(comm, options, "thermal_block", {"solver.type=\"reduced_basis\""});
  const auto training = sample(run.box, {.method = "grid", .grid = std::vector<int>(run.box.dimension(), 5)});
  record.time_repeated("offline", options.repetitions, [&] {
    run.begin();
    reduced::WeakGreedy surrogate(*run.basis, comm);
    sampling::greedy(surrogate, training, {.tolerance = 1e-300, .max_extensions = num_functions});
  });
  const auto test = sample(run.box, {.method = "random", .size = num_online, .seed = 1000});
  const auto model = run.basis->model();
  reduced::ReducedModel::Workspace work(model);
  record.time_repeated("certified", options.repetitions, [&] {
    for (std::size_t i = 0; i < test.size(); ++i) model.solve(test[i], work);
  });
  record.time_repeated("solve", options.repetitions, [&] {
    for (std::size_t i = 0; i < test.size(); ++i) model.coefficients(test[i], work);
  });
  record.time_repeated("full", options.repetitions, [&] { run.basis->snapshot(test[0]); });
  double largest = 0.0;
  for (std::size_t i = 0; i < test.size(); ++i) largest = std::max(largest, model.solve(test[i], work).bound);
  record.set("largest_bound", largest);
  record.set("unknowns", run.problem->dofs().num_global());
  record.set("functions", run.basis->size());
  record.set("online_solves", num_online);
  add_online(comm, options, "thermal_block", {"reduced.stability=\"scm\"", "mesh.box.cells=[20, 20]"}, "scm", record);
  add_online(comm, options, "gaussian_source", {}, "eim", record);
  add_online(comm, options, "graetz", {}, "entries", record);
  add_online(comm, options, "helmholtz_sweep", {}, "inf_sup", record);
  record.print();
}

void run_multireg(const base::Communicator& comm, const Options& options) {
  Record record(comm);
  CaseRun run(comm, options, "moose_2d_multireg", {});
  const auto training = sample(run.box, {.method = "latin_hypercube", .size = num_snapshots, .seed = 1});
  record.time("training", [&] {
    run.begin();
    reduced::Block snapshots(run.problem->dofs().num_owned());
    for (std::size_t i = 0; i < training.size(); ++i) snapshots.append(run.basis->snapshot(training[i]));
    const auto pod = reduced::pod(run.basis->product(), std::move(snapshots), {.num_modes = num_modes});
    for (int j = 0; j < num_modes; ++j) {
      const auto mode = pod.modes.column(j);
      run.basis->extend_by({mode.begin(), mode.end()});
    }
  });
  const auto model = run.basis->model();
  const auto test = sample(run.box, {.method = "random", .size = num_samples, .seed = 1000});
  record.add_seconds("certified", time_online(comm, model, test));
  reduced::ReducedModel::Workspace work(model);
  std::vector<double> u;
  record.time("lifted", [&] {
    for (std::size_t i = 0; i < test.size(); ++i) {
      const auto result = model.solve(test[i], work);
      u = run.basis->lift(result.coefficients, result.liftings);
    }
  });
  // A basis without functions gives finite-element solves without a starting guess.
  run.begin();
  record.time("full", [&] {
    for (std::size_t i = 0; i < num_full; ++i) run.basis->snapshot(test[i]);
  });
  record.set("unknowns", run.problem->dofs().num_global());
  record.set("samples", num_samples);
  record.set("full_solves", num_full);
  record.print();
}

}  // namespace ansatz::bench
