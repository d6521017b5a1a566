/// The `ansatz` command.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/app/commands.hpp"
#include "engine/base/session.hpp"
#include "engine/base/version.hpp"

namespace ansatz::app {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done; 1 verification failed; 2 wrong case or command; 3 plugin; 4 mesh or state file;\n"
    "            5 solver; 6 stopped and 7 out of time, both with a checkpoint; 8 output; 70 internal error\n";

/// What the command line asks for.
struct Request {
  CaseArguments arguments;
  std::string name;
  std::string kind;
  std::string parent = ".";
  std::string log_level = "info";
  bool schema = false;
  bool markdown = false;
  std::function<int(plugin::Registry&, const base::Communicator&)> command;
};

void add_case(CLI::App& command, Request& request) {
  command.add_option("CASE", request.arguments.path, "case file, or a folder with a case.toml")->required();
  command
      .add_option("--set", request.arguments.overrides,
                  "override a key of the case, a.b.c=value; the value is TOML, or else a string; may be repeated")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
}

void add_run(CLI::App& app, Request& request) {
  auto* command = app.add_subcommand("run", "solve a case and write its results");
  add_case(*command, request);
  command->add_option("--out", request.arguments.run.out, "folder for the results (default: beside the case)")
      ->type_name("DIR");
  command->add_flag("--verify", request.arguments.run.verify,
                    "compare with the case's reference.toml; exit code 1 if one is out");
  command
      ->add_option("--restart", request.arguments.run.restart.from,
                   "go on from a checkpoint: \"latest\" of the results folder, or a file; any number of ranks")
      ->type_name("latest|PATH");
  command
      ->add_option(
          "--time-limit", request.arguments.run.restart.time_limit,
          "wall time after which the state is written and the run ends with exit code 7: 3600, 90s, 30min, 12h")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1.0}, {"min", 60.0}, {"h", 3600.0}}))
      ->type_name("TIME");
  const auto verbosity = [&request, command](const char* names, results::Verbosity value, const char* doc) {
    return command->add_flag_callback(
        names, [&request, value] { request.arguments.run.verbosity = value; }, doc);
  };
  auto* quiet = verbosity("-q,--quiet", results::Verbosity::quiet, "print warnings, errors and results only");
  verbosity("-v,--verbose", results::Verbosity::verbose,
            "keep each line on progress, also on a terminal and of each point of a sweep")
      ->excludes(quiet);
  command->footer(
      std::string(
          "\nExamples:\n"
          "  ansatz run cases/thermal_block\n"
          "  mpirun -n 4 ansatz run cases/nafems_le10 --verify --out /tmp/le10\n"
          "  ansatz run case.toml --set parameters.k1=0.5 --set mesh.box.cells=[64,64] --set solver.order=2\n\n") +
      exit_codes);
  command->callback([&request] {
    request.command = [&](auto& registry, const auto& comm) { return run(request.arguments, registry, comm); };
  });
}

void add_compare(CLI::App& app, Request& request) {
  auto* command = app.add_subcommand("compare", "solve a case by several ansaetze, and say which is worth it");
  add_case(*command, request);
  command->add_option("--out", request.arguments.run.out, "folder for the results (default: beside the case)")
      ->type_name("DIR");
  command->footer(
      "\nThe ansaetze are those of [compare] solvers, else that of the case; finite elements on its mesh and on "
      "coarser\n"
      "ones are always among them. Models that are not there yet are trained. Writes compare.json, compare.csv and\n"
      "work_precision.svg.\n\nExamples:\n"
      "  ansatz compare cases/thermal_block\n"
      "  ansatz compare case.toml --set 'compare.points={ random = 100 "
      "}'\n");
  command->callback([&request] {
    request.command = [&](auto& registry, const auto& comm) {
      request.arguments.overrides.emplace_back("study.type=compare");
      return run(request.arguments, registry, comm);
    };
  });
}

void add_check(CLI::App& app, Request& request) {
  auto* command = app.add_subcommand("check", "check a case without solving it");
  add_case(*command, request);
  command->footer("\nExamples:\n  ansatz check cases/thermal_block\n  ansatz check case.toml --set solver.order=2\n");
  command->callback([&request] {
    request.command = [&](auto& registry, const auto& comm) { return check(request.arguments, registry, comm); };
  });
}

void add_inspection(CLI::App& app, Request& request) {
  auto* plugins = app.add_subcommand("plugins", "list the plugins that are found, and what they offer");
  plugins->footer("\nExamples:\n  ansatz plugins\n  ANSATZ_PLUGIN_PATH=~/mine/build ansatz plugins\n");
  plugins->callback([&request] { request.command = list_plugins; });

  auto* describe_command = app.add_subcommand(
      "describe", "what a plugin, physics, system, ansatz, study, reader or writer accepts and offers");
  describe_command
      ->add_option(
          "NAME", request.name,
          "name, or path of a plugin; \"time\": integrators and step controllers; \"case\": every key of a case")
      ->required();
  describe_command->add_flag(
      "--schema", request.schema,
      "print a JSON schema: of a case with the physics, of the system's section, of any \"case\"");
  describe_command->add_flag("--markdown", request.markdown, "print a page in Markdown: of \"case\"")
      ->excludes("--schema");
  describe_command->footer(
      "\nExamples:\n  ansatz describe case\n  ansatz describe diffusion\n  ansatz describe elasticity --schema > "
      "elasticity.json\n  ansatz describe pleiades\n");
  describe_command->callback([&request] {
    request.command = [&](auto& registry, const auto& comm) {
      const auto as = request.schema ? DescribeAs::schema : request.markdown ? DescribeAs::markdown : DescribeAs::text;
      return describe(request.name, as, registry, comm);
    };
  });

  auto* info_command = app.add_subcommand("info", "what a result file, a model, a sweep or limits hold");
  info_command
      ->add_option("FILE", request.name, "HDF5 result file or its .hdf.series, a model, a sweep or limits (.h5)")
      ->required();
  info_command->footer(
      "\nExamples:\n  ansatz info run/fields.hdf.series\n  ansatz info models/thermal_block.h5\n  ansatz info "
      "run/sweep.h5\n");
  info_command->callback(
      [&request] { request.command = [&](auto&, const auto& comm) { return info(request.name, comm); }; });

  auto* doctor_command = app.add_subcommand("doctor", "versions, threads, libraries and plugins of this installation");
  doctor_command->footer("\nExamples:\n  ansatz doctor\n  mpirun -n 2 ansatz doctor\n");
  doctor_command->callback([&request] { request.command = doctor; });
}

void add_new_plugin(CLI::App& app, Request& request) {
  auto* command = app.add_subcommand("new-plugin", "make a folder with a plugin of your own: source, case, tests");
  command->add_option("KIND", request.kind, fmt::format("{}", fmt::join(plugin_kinds(), ", ")))->required();
  command->add_option("NAME", request.name, "name of the plugin and of the folder: lower case, digits, underscores")
      ->required();
  command->add_option("--in", request.parent, "folder in which to make it (default: this one)")->type_name("DIR");
  command->footer(
      "\nExamples:\n"
      "  ansatz new-plugin physics allen_cahn\n"
      "  ansatz new-plugin mesh_reader my_format --in ~/plugins\n"
      "  cmake -S allen_cahn -B allen_cahn/build && cmake --build allen_cahn/build\n"
      "  ctest --test-dir allen_cahn/build\n"
      "  ANSATZ_PLUGIN_PATH=allen_cahn/build ansatz run allen_cahn\n");
  command->callback([&request] {
    request.command = [&](auto&, const auto& comm) {
      return new_plugin(request.kind, request.name, request.parent, comm);
    };
  });
}

/// What is wrong with a command line, in the words of the parser unless the command itself is unknown.
sdk::Error usage_error(const CLI::App& app, int argc, char** argv, const std::string& what) {
  const std::string first = argc > 1 ? argv[1] : "";
  std::vector<std::string> known;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  const bool is_unknown =
      !first.empty() && first[0] != '-' && std::find(known.begin(), known.end(), first) == known.end();
  if (!is_unknown) return {sdk::ErrorKind::usage, what, "ansatz", "ansatz --help, ansatz COMMAND --help"};
  const auto meant = sdk::did_you_mean(first, known);
  return {sdk::ErrorKind::usage, "unknown command \"" + first + "\"", "ansatz",
          meant.empty() ? "ansatz --help lists the commands" : meant};
}

/// Exit code, or nothing when a command is to be run.
std::optional<int> parse(CLI::App& app, int argc, char** argv, const base::Communicator& comm) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& asked_for_text) {
    if (comm.is_root()) app.exit(asked_for_text);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (comm.is_root()) std::fprintf(stderr, "%s\n", usage_error(app, argc, argv, error.what()).report().c_str());
    return sdk::exit_code(sdk::ErrorKind::usage);
  }
}

int main_on_all_ranks(int argc, char** argv, const base::Communicator& comm) {
  Request request;
  CLI::App app("Ansatz solves partial differential equations described by a case file, alone or under mpirun.",
               "ansatz");
  app.set_version_flag("--version", "ansatz " + base::version() + " (" + base::commit() + ")");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--log-level", request.log_level, "trace, debug, info, warning or error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error"}));
  add_run(app, request);
  add_compare(app, request);
  add_check(app, request);
  add_inspection(app, request);
  add_new_plugin(app, request);
  app.footer(std::string("\nExamples:\n"
                         "  ansatz run cases/thermal_block                    solve on one rank\n"
                         "  mpirun -n 4 ansatz run cases/thermal_block        solve on four ranks\n"
                         "  ansatz describe diffusion                         what a case may say\n"
                         "  ansatz new-plugin physics allen_cahn              begin a plugin of your own\n"
                         "  ansatz doctor                                     is this installation sound?\n\n") +
             exit_codes);
  if (const auto code = parse(app, argc, argv, comm)) return *code;
  spdlog::set_level(comm.is_root() ? spdlog::level::from_str(request.log_level) : spdlog::level::err);
  plugin::Registry registry(comm, plugin::search_path());
  return request.command(registry, comm);
}

}  // namespace
}  // namespace ansatz::app

int main(int argc, char** argv) {
  ansatz::base::Session session(&argc, &argv);
  try {
    return ansatz::app::main_on_all_ranks(argc, argv, session.comm());
  } catch (...) {
    return ansatz::base::leave_together(session.comm(), ansatz::base::current_error());
  }
}
