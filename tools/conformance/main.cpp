/// ansatz-conformance: whether a plugin keeps what the SDK promises of it.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks.hpp"
#include "engine/base/session.hpp"
#include "engine/plugin/loader.hpp"
#include "process.hpp"

namespace ansatz::conformance {
namespace {

namespace fs = std::filesystem;

struct Request {
  std::string plugin;     ///< name or path
  std::string case_path;  ///< may be empty
  std::string folder;     ///< scratch; given to the processes that look at the plugin itself
  int ranks = 2;
  int timeout = 300;
};

fs::path program_folder() { return fs::path(boost::dll::program_location().string()).parent_path(); }

/// The part with MPI: everything that is seen of the plugin itself. The printed lines tell how it went. *Collective.*
void inside(const Request& request, const base::Communicator& comm) {
  auto folders = plugin::search_path();
  folders.insert(folders.begin(), fs::path(request.plugin).parent_path());
  plugin::Registry registry(comm, folders);
  Report report(comm);
  report.check("handshake and registration", [&] { registry.load(request.plugin); });
  if (report.num_failed() > 0) return;
  const auto plugin = registry.plugins().front().name;
  CasePlan plan;
  if (!request.case_path.empty()) {
    report.check("the case is read without an error", [&] {
      plan = plan_case(request.case_path, request.folder + "/run1/fields.hdf.series", registry, comm);
    });
    if (comm.is_root()) {
      std::ofstream(request.folder + "/restore") << fmt::format("{}", fmt::join(plan.restore, "\n"));
      std::ofstream(request.folder + "/layout") << plan.layout;
      std::ofstream(request.folder + "/ansatz") << plan.ansatz;
      if (plan.keeps_states) std::ofstream(request.folder + "/keeps_states") << "yes";
    }
  }
  int offers = 0;
  const auto each = [&](const auto& list, auto work) {
    for (const auto& offer : list) {
      if (offer.plugin != plugin) continue;
      ++offers;
      work(offer);
    }
  };
  each(registry.offers().physics, [&](const auto& offer) {
    if (comm.size() > 1) return;  // a physics does not communicate
    check_declarations(report, offer);
    check_kernels(report, offer);
  });
  each(registry.offers().ode_systems, [&](const auto& offer) {
    if (comm.size() == 1) check_system(report, offer);  // nor does a system
  });
  each(registry.offers().mesh_readers, [&](const auto& offer) {
    if (comm.size() == 1) check_reader(report, offer, plan.mesh_file, request.folder);  // rank 0 alone reads
  });
  each(registry.offers().visual_writers, [&](const auto& offer) { check_writer(report, offer, request.folder); });
  each(registry.offers().policy_learners, [&](const auto& offer) {
    if (comm.size() == 1) check_learner(report, offer);  // a learner does not communicate
  });
  each(registry.offers().time_methods, [&](const auto& offer) {
    if (comm.size() == 1) check_time_method(report, offer);  // systems without a mesh do not communicate
  });
  each(registry.offers().solvers, [&](const auto& offer) {
    if (comm.size() == 1) check_solver(report, offer);
  });
  each(registry.offers().studies, [&](const auto& offer) {
    if (comm.size() == 1) check_study(report, offer);
  });
  each(registry.offers().preconditioners, [&](const auto& offer) { check_preconditioner(report, offer); });
  each(registry.offers().tuners, [&](const auto& offer) {
    if (comm.size() == 1) check_tuner(report, offer);  // a tuner does not communicate
  });
  report.check("the plugin offers something", [&] { require(offers > 0, "it registers nothing"); });
}

/// The part without MPI, which starts all others.
class Outside {
 public:
  explicit Outside(const Request& request) : request_(request) {}

  int execute() {
    fmt::print("{}\n", request_.plugin);
    for (const int ranks : {1, request_.ranks}) look_at_plugin(ranks);
    if (request_.case_path.empty()) {
      line("skip", "a case, its results on several ranks, and saved results", "give --case");
    } else {
      run_case();
    }
    fmt::print("{} ok, {} failed, {} skipped\n", count_["ok"], count_["FAIL"], count_["skip"]);
    return count_["FAIL"] == 0 ? 0 : sdk::exit_code(sdk::ErrorKind::verification);
  }

 private:
  void line(const std::string& state, const std::string& name, const std::string& why = {}) {
    ++count_[state];
    fmt::print("  {:<5} {}{}{}\n", state, name, why.empty() ? "" : ": ", why);
    std::fflush(stdout);
  }

  static std::string indented(const std::string& text) {
    std::istringstream in(text);
    std::string out;
    for (std::string row; std::getline(in, row);) out += "\n        " + row;
    return out;
  }

  static std::string on(int ranks) { return fmt::format("on {} rank{}", ranks, ranks == 1 ? "" : "s"); }

  /// Whether a program ended with 0; says so where it did not.
  bool ended_well(const std::string& name, int code, const std::string& log) {
    if (code == 0) return true;
    const auto how = code < 0 ? fmt::format("not done after {} s; does a rank wait for another?", request_.timeout)
                              : fmt::format("ended with {}", code);
    line("FAIL", name, how + indented(read_text(log)));
    return false;
  }

  void look_at_plugin(int ranks) {
    fmt::print("{}\n", on(ranks));
    std::fflush(stdout);
    auto command = mpirun(ranks);
    for (const auto& word : {(program_folder() / "ansatz-conformance").string(), request_.plugin,
                             std::string("--inside"), request_.folder})
      command.push_back(word);
    if (!request_.case_path.empty()) command.insert(command.end(), {"--case", request_.case_path});
    const auto log = request_.folder + "/checks" + std::to_string(ranks);
    const int code = run(command, log, request_.timeout);
    std::istringstream in(read_text(log));
    for (std::string row; std::getline(in, row);) {
      if (code == 0) fmt::print("{}\n", row);
      std::istringstream words(row);
      std::string state;
      words >> state;
      if (row.starts_with("  ") && count_.contains(state)) ++count_[state];
    }
    ended_well("looking at the plugin " + on(ranks), code, log);
  }

  /// `ansatz run` of the case.
  /// \param state to go on from; empty: none
  /// \returns whether it ended well
  bool run_once(const std::string& name, int ranks, const std::string& out, const std::vector<std::string>& overrides,
                const std::string& state = {}) {
    auto command = mpirun(ranks);
    for (const auto& word :
         {(program_folder() / "ansatz").string(), std::string("run"), request_.case_path, std::string("--out"), out})
      command.push_back(word);
    for (const auto& entry : overrides) command.insert(command.end(), {"--set", entry});
    if (!state.empty()) command.insert(command.end(), {"--restart", state});
    const auto log = out + ".log";
    return ended_well(name, run(command, log, request_.timeout), log);
  }

  void check(const std::string& name, const std::function<void()>& work) {
    try {
      work();
      line("ok", name);
    } catch (const std::exception& error) {
      line("FAIL", name, error.what());
    }
  }

  void run_case() {
    fmt::print("{}\n", request_.case_path);
    const auto one = request_.folder + "/run1", many = request_.folder + "/run2", again = request_.folder + "/again";
    std::vector<std::string> series{"output.layout=series"};
    const auto ansatz = read_text(request_.folder + "/ansatz");
    const auto model = [&](const std::string& name) {
      return ansatz.empty() ? std::vector<std::string>{}
                            : std::vector<std::string>{"solver." + ansatz + ".model=" + request_.folder + "/" + name};
    };
    const auto with = [](std::vector<std::string> overrides, const std::vector<std::string>& more) {
      overrides.insert(overrides.end(), more.begin(), more.end());
      return overrides;
    };
    if (!run_once("the case runs on 1 rank", 1, one, with(series, model("model1.h5")))) return;
    line("ok", "the case runs on 1 rank");
    if (!ansatz.empty()) run_with_model(ansatz, one, with(series, model("model1.h5")));
    if (fs::exists(request_.folder + "/keeps_states")) restart(one, with(series, model("model1.h5")));
    if (!fs::exists(one + "/fields.hdf.series"))
      return (void)compare_quantities(one, many, with(series, model("model2.h5")));
    auto restore = series;
    std::istringstream in(read_text(request_.folder + "/restore"));
    for (std::string row; std::getline(in, row);) restore.push_back(row);
    if (compare_quantities(one, many, with(restore, model("model2.h5")))) {
      check("fields are the same on 1 rank and " + on(request_.ranks),
            [&] { check_restored(many + "/summary.json", 1e-6); });
    }
    // The saved result is data of the case: a model of its own.
    if (run_once("a saved result is read back", 1, again, with(restore, model("model3.h5"))))
      check("a saved result is read back as it was", [&] { check_restored(again + "/summary.json", 1e-14); });
    const auto layout = read_text(request_.folder + "/layout"), own = request_.folder + "/own";
    if (layout == "series") return;
    const auto name = fmt::format("the case runs with its layout {} {}", layout, on(request_.ranks));
    if (run_once(name, request_.ranks, own, model("model1.h5")))
      check(name, [&] { compare_summaries(one + "/summary.json", own + "/summary.json"); });
  }

  /// A run that goes on from the state before its last one ends as the whole run did.
  void restart(const std::string& whole, std::vector<std::string> overrides) {
    const std::string name = "a run goes on from its state, bit for bit";
    const auto out = request_.folder + "/states";
    overrides.emplace_back("checkpoint.every=1");
    if (!run_once(name, 1, out, overrides)) return;
    std::vector<std::string> states;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(out + "/checkpoints", none)) {
      if (entry.path().extension() == ".h5") states.push_back(entry.path().string());
    }
    std::ranges::sort(states);
    if (states.size() < 2) return line("FAIL", name, "it wrote no states: does it call Monitor::after_step()?");
    if (!run_once(name, 1, out, overrides, states[states.size() - 2])) return;
    check(name, [&] { compare_summaries(whole + "/summary.json", out + "/summary.json", 0.0); });
  }

  /// \returns whether the case ran on several ranks
  bool compare_quantities(const std::string& one, const std::string& many, const std::vector<std::string>& overrides) {
    if (!run_once("the case runs " + on(request_.ranks), request_.ranks, many, overrides)) return false;
    check("quantities are the same on 1 rank and " + on(request_.ranks),
          [&] { compare_summaries(one + "/summary.json", many + "/summary.json"); });
    return true;
  }

  /// A trained ansatz: its model is used again, on any number of ranks, and an option that it does not have is refused.
  void run_with_model(const std::string& ansatz, const std::string& trained,
                      const std::vector<std::string>& overrides) {
    for (const int ranks : {1, request_.ranks}) {
      const auto name = fmt::format("ansatz {}: a stored model gives the same quantities {}", ansatz, on(ranks));
      const auto out = fmt::format("{}/model_on_{}", request_.folder, ranks);
      if (!run_once(name, ranks, out, overrides)) continue;
      check(name, [&] {
        compare_summaries(trained + "/summary.json", out + "/summary.json");
        require(read_text(out + ".log").find("trained in") == std::string::npos, "it was trained again");
      });
    }
    const auto name = fmt::format("ansatz {}: an option that it does not have is refused", ansatz);
    auto command = mpirun(1);
    for (const auto& word : {(program_folder() / "ansatz").string(), std::string("check"), request_.case_path,
                             std::string("--set"), "solver." + ansatz + ".no_such_option=1"})
      command.push_back(word);
    const int code = run(command, request_.folder + "/refused.log", request_.timeout);
    check(name, [&] { require(code == 2, fmt::format("the check ended with {}", code)); });
  }

  const Request& request_;
  std::map<std::string, int> count_{{"ok", 0}, {"FAIL", 0}, {"skip", 0}};
};

/// A folder for the results of the runs, gone at the end.
class Scratch {
 public:
  Scratch() : path_((fs::temp_directory_path() / "ansatz-conformance-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr)
      throw sdk::Error(sdk::ErrorKind::output, "cannot make a folder", path_, "set TMPDIR");
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int outside(Request request) {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr) {
    throw sdk::Error(sdk::ErrorKind::usage, "this program starts mpirun by itself", "ansatz-conformance",
                     "run it without mpirun");
  }
  request.plugin = plugin::resolve(request.plugin, plugin::search_path()).string();
  if (!request.case_path.empty() && !fs::exists(request.case_path)) {
    throw sdk::Error(sdk::ErrorKind::usage, "there is no such case", request.case_path,
                     "give a case file, or a folder with a case.toml");
  }
  const auto variable = std::getenv("ANSATZ_PLUGIN_PATH");
  const auto folders =
      fs::path(request.plugin).parent_path().string() + (variable == nullptr ? "" : std::string(":") + variable);
  setenv("ANSATZ_PLUGIN_PATH", folders.c_str(), 1);
  const Scratch scratch;
  request.folder = scratch.path();
  return Outside(request).execute();
}

int with_mpi(const Request& request, int argc, char** argv) {
  base::Session session(&argc, &argv);
  try {
    inside(request, session.comm());
    return 0;
  } catch (...) {
    return base::leave_together(session.comm(), base::current_error());
  }
}

}  // namespace
}  // namespace ansatz::conformance

int main(int argc, char** argv) {
  using namespace ansatz;
  conformance::Request request;
  CLI::App app("Checks that a plugin keeps what the SDK promises of it.", "ansatz-conformance");
  app.add_option("PLUGIN", request.plugin, "path of a plugin, or the name of one that ansatz finds")->required();
  app.add_option("--case", request.case_path, "a case that uses it, to be run on one and on several ranks")
      ->type_name("CASE");
  app.add_option("--ranks", request.ranks, "number of ranks to compare with one (default 2)")
      ->check(CLI::Range(2, 64))
      ->type_name("N");
  app.add_option("--timeout", request.timeout, "seconds for each run (default 300)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  app.add_option("--inside", request.folder)->group("");
  app.footer(
      "\nExamples:\n  ansatz-conformance build/allen_cahn.ansatz.so --case case.toml\n  ansatz-conformance "
      "diffusion\n\n"
      "Exit codes: 0 all checks passed; 1 one failed; 2 wrong command; 3 no such plugin\n");
  try {
    app.parse(argc, argv);
    return request.folder.empty() ? conformance::outside(request) : conformance::with_mpi(request, argc, argv);
  } catch (const CLI::Success& asked_for_text) {
    return app.exit(asked_for_text);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s\n",
                 sdk::Error(sdk::ErrorKind::usage, error.what(), "ansatz-conformance", "ansatz-conformance --help")
                     .report()
                     .c_str());
    return sdk::exit_code(sdk::ErrorKind::usage);
  } catch (const sdk::Error& error) {
    std::fprintf(stderr, "%s\n", error.report().c_str());
    return sdk::exit_code(error.kind());
  }
}
