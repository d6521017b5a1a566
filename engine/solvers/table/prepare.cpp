#include "engine/solvers/table/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/input/case_options.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/io/hdf5/disk.hpp"
#include "engine/io/state/record_file.hpp"
#include "engine/problem/fingerprint.hpp"
#include "engine/results/checkpoints.hpp"
#include "engine/solvers/own_model.hpp"
#include "engine/solvers/run_monitor.hpp"

namespace ansatz::solvers {
namespace {

namespace fs = std::filesystem;

/// The options that a model depends on, one a line.
std::string text_of_options(const std::string& ansatz, const sdk::ParameterSet& options,
                            std::vector<std::string> others) {
  others.emplace_back("model");
  std::string text;
  for (const auto& parameter : options.schema().parameters()) {
    if (std::ranges::count(others, parameter.name) > 0) continue;
    text +=
        fmt::format("solver.{}.{} = {}\n", ansatz, parameter.name, input::option_text(options.value(parameter.name)));
  }
  return text;
}

class Preparation {
 public:
  Preparation(const CaseProblem& problem, const std::string& name, sdk::Solver& solver, double time_limit)
      : problem_(problem),
        case_(problem.parsed()),
        name_(name),
        solver_(solver),
        path_(model_path(case_, name)),
        states_(path_ + ".training"),
        time_limit_(time_limit),
        fingerprint_(problem::model_fingerprint(problem.problem(), problem.registry(), [&](input::Case& relevant) {
          relevant.solver.type = name;
          relevant.solver.info = *input::find_solver(problem.registry(), name);
        })) {
    const auto options = case_.solver.options.find(name);
    if (options != case_.solver.options.end())
      fingerprint_ += text_of_options(name, options->second, solver.options_of_solving());
  }

  void run() {
    const bool wants_new = case_.study.type == "train" && case_.solver.type == name_;
    if (!wants_new && is_there(path_)) return load();
    if (!wants_new) problem_.log().say(fmt::format("  no model yet in {}: training", path_));
    train();
  }

 private:
  bool is_there(const std::string& path) const {
    std::error_code none;
    const bool here = fs::exists(path, none);
    return problem_.comm().max(std::int64_t{here}) != 0;
  }

  void load() {
    auto stored = io::read_record_without_vectors(problem_.comm(), path_);
    const auto refuse = [&](const std::string& what) {
      throw sdk::Error(
          sdk::ErrorKind::state, what, path_,
          fmt::format("train again with --set study.type=train, or name another file in solver.{}.model", name_));
    };
    if (stored.ansatz != name_) refuse(fmt::format("the model is of the ansatz {}, not of {}", stored.ansatz, name_));
    if (stored.fingerprint != fingerprint_) {
      refuse("the model belongs to another problem or other options: " +
             problem::first_difference(stored.fingerprint, fingerprint_));
    }
    stored = io::read_record(path_, problem_.problem().dofs());
    problem_.forget_learned();
    try {
      solver_.use(stored.record);
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::state || !error.where().empty()) throw;
      throw sdk::Error(error.kind(), error.what(), path_, "train again with --set study.type=train");
    }
    problem_.log().say(fmt::format("  model: {}", path_));
  }

  void train() {
    auto& log = problem_.log();
    const double start = log.seconds();
    auto checkpoints = states();
    RunMonitor monitor(problem_.problem(), log, problem_.folder(), {}, &*checkpoints);
    problem_.forget_learned();
    solver_.train(monitor);
    sdk::Record beside;
    const auto num_parameters = static_cast<std::int64_t>(problem_.parameters().size());
    const auto& at = problem_.learned_at();
    if (!at.empty() && !checkpoints->restart())  // a training that went on has not said all
      beside.arrays["learned_at"] = {{static_cast<std::int64_t>(at.size()) / num_parameters, num_parameters}, at};
    base::agree(problem_.comm(), [&] {
      const auto folder = fs::path(path_).parent_path();
      if (problem_.comm().is_root() && !folder.empty()) io::make_folder(folder.string());
    });
    io::write_record(path_, {name_, fingerprint_, solver_.model(), std::move(beside)}, problem_.problem().dofs());
    base::agree(problem_.comm(), [&] {
      std::error_code none;  // states that stay do no harm
      if (problem_.comm().is_root()) fs::remove_all(states_, none);
    });
    const auto solves = problem_.num_truth_solves();
    log.say(fmt::format("  trained in {:.2f} s{}; model: {}", log.seconds() - start,
                        solves > 0 ? fmt::format(", {} solutions computed", solves) : "", path_));
    log.event("training", {{"ansatz", name_}, {"solves", solves}, {"seconds_taken", log.seconds() - start}});
  }

  /// Those of an interrupted training of the same problem and options, or none yet.
  std::optional<results::Checkpoints> states() const {
    const auto open = [&](const std::string& from) {
      input::CheckpointSpec spec = case_.checkpoint;
      spec.every = 0;
      return std::optional<results::Checkpoints>(std::in_place, problem_.comm(), states_, spec,
                                                 results::RestartOptions{from, time_limit_},
                                                 results::Checkpoints::Problem{fingerprint_, &problem_.problem().dofs(),
                                                                               std::numeric_limits<double>::infinity()},
                                                 problem_.log());
    };
    if (!is_there(states_ + "/checkpoints/latest")) return open("");
    try {
      return open("latest");
    } catch (const sdk::Error& error) {
      if (error.kind() != sdk::ErrorKind::case_file && error.kind() != sdk::ErrorKind::state) throw;
      problem_.log().warn(fmt::format("the training starts anew: {}", error.what()));
      return open("");
    }
  }

  const CaseProblem& problem_;
  const input::Case& case_;
  const std::string& name_;
  sdk::Solver& solver_;
  std::string path_, states_;
  double time_limit_;
  std::string fingerprint_;
};

}  // namespace

std::string model_path(const input::Case& parsed, const std::string& ansatz) {
  const auto options = parsed.solver.options.find(ansatz);
  if (options != parsed.solver.options.end()) {
    const auto& given = options->second.string("model");
    if (!given.empty()) return given;
  }
  return fmt::format("models/{}.{}.h5", parsed.name, ansatz);
}

namespace {

/// "" where the ansatz has no model.
std::string path_of_model(const CaseProblem& problem, const std::string& name) {
  const auto info = input::find_solver(problem.registry(), name);
  if (!info || !info->trains) return {};
  return name == input::reduced_basis_info().name ? problem.parsed().reduced.model : model_path(problem.parsed(), name);
}

std::string path_of_cost(const std::string& model) { return model + ".cost"; }

/// When a file was written last; nothing where there is none. On rank 0.
std::optional<fs::file_time_type> written_at(const std::string& path) {
  std::error_code code;
  const auto time = fs::last_write_time(path, code);
  return code ? std::nullopt : std::optional(time);
}

}  // namespace

void prepare(const CaseProblem& problem, const std::string& name, sdk::Solver& solver, double time_limit) {
  const auto model = path_of_model(problem, name);
  const auto before = written_at(model);
  const double start = problem.log().seconds();
  if (auto* own = dynamic_cast<OwnModel*>(&solver)) {
    own->load_or_train();
  } else if (!model.empty()) {
    Preparation(problem, name, solver, time_limit).run();
  }
  base::agree(problem.comm(), [&] {
    if (model.empty() || !problem.comm().is_root() || written_at(model) == before) return;
    io::write_text_file(path_of_cost(model), fmt::format("{:.17g}\n", problem.log().seconds() - start));
  });
}

TrainingCost training_cost(const CaseProblem& problem, const std::string& name) {
  const auto model = path_of_model(problem, name);
  if (model.empty()) return {};
  TrainingCost cost{.seconds = std::numeric_limits<double>::infinity()};
  base::agree(problem.comm(), [&] {
    if (!problem.comm().is_root()) return;
    std::error_code code;
    const auto size = fs::file_size(model, code);
    if (!code) cost.bytes = static_cast<double>(size);
    std::ifstream file(path_of_cost(model));
    double seconds = 0.0;
    if (file >> seconds && seconds >= 0.0) cost.seconds = seconds;
  });
  problem.comm().broadcast(&cost, sizeof cost);
  return cost;
}

}  // namespace ansatz::solvers
