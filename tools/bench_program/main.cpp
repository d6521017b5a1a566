#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <map>
#include <string_view>

#include "engine/base/session.hpp"
#include "tools/bench_program/benches.hpp"

namespace ansatz::bench {
namespace {

constexpr const char* usage =
    "usage: ansatz_bench mesh|assembly|poisson|elasticity|output|thermal_block|multireg --cells NX NY NZ [--physics "
    "diffusion|test]\n"
    "       ansatz_bench three_bodies|three_bodies_policy [--features closest|state] [--set NAME=VALUE]...\n"
    "       ansatz_bench step_training --folder DIR [--set NAME=VALUE]...\n"
    "       ansatz_bench step_control --set problems=tuning|test_a|test_b --set controller=law:h211b:0.9 [--set "
    "controller=...]...\n"
    "       ansatz_bench integrators --cells 1 1 1 --set problem=hires --set solver=bdf --set tolerances=1e-4,1e-6\n"
    "       ansatz_bench strong_form\n"
    "       ansatz_bench relaxation --set problem=sor_high|sor_low|heat_25|heat_50|heat_100\n"
    "                    [--repetitions N] [--folder DIR] [-- PETSc options]\n"
    "Prints one JSON line; tools/bench runs it beside its peers.";

[[noreturn]] void refuse(const std::string& what) {
  throw sdk::Error(sdk::ErrorKind::usage, what, "command line", usage);
}

int positive(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    refuse(fmt::format("\"{}\" is not a positive number", text));
  }
  return number;
}

Options parse(int argc, char** argv) {
  Options options;
  int at = 1;
  const auto next = [&](const std::string& of) {
    if (at >= argc) refuse(of + " needs a value");
    return std::string_view(argv[at++]);
  };
  options.bench = next("the program");
  while (at < argc) {
    const std::string word = argv[at++];
    if (word == "--cells") {
      for (int& n : options.cells) n = positive(next(word));
    } else if (word == "--physics") {
      options.physics = next(word);
    } else if (word == "--features") {
      options.features = next(word);
      if (options.features != "closest" && options.features != "state") refuse("features are closest or state");
    } else if (word == "--set") {
      options.settings.emplace_back(next(word));
    } else if (word == "--folder") {
      options.folder = next(word);
    } else if (word == "--repetitions") {
      options.repetitions = positive(next(word));
    } else if (word == "--") {
      for (; at < argc; ++at) options.petsc += std::string(argv[at]) + " ";
    } else {
      refuse("unknown option " + word);
    }
  }
  const bool has_cells = !options.bench.starts_with("three_bodies") && !options.bench.starts_with("step_") &&
                         options.bench != "strong_form" && options.bench != "relaxation";
  if (options.cells[0] == 0 && has_cells) refuse("--cells is missing");
  return options;
}

void run(const base::Communicator& comm, int argc, char** argv) {
  const std::map<std::string, void (*)(const base::Communicator&, const Options&)> benches{
      {"mesh", run_mesh},
      {"assembly", run_assembly},
      {"poisson", run_poisson},
      {"elasticity", run_elasticity},
      {"output", run_output},
      {"thermal_block", run_thermal_block},
      {"multireg", run_multireg},
      {"three_bodies", run_three_bodies},
      {"three_bodies_policy", run_three_bodies_policy},
      {"step_training", run_step_training},
      {"step_control", run_step_control},
      {"integrators", run_integrators},
      {"strong_form", run_strong_form},
      {"relaxation", run_relaxation}};
  const Options options = parse(argc, argv);
  const auto bench = benches.find(options.bench);
  if (bench == benches.end()) refuse("there is no benchmark " + options.bench);
  bench->second(comm, options);
}

}  // namespace
}  // namespace ansatz::bench

int main(int argc, char** argv) {
  const ansatz::base::Session session(&argc, &argv);
  try {
    ansatz::bench::run(session.comm(), argc, argv);
  } catch (...) {
    return ansatz::base::leave_together(session.comm(), ansatz::base::current_error());
  }
  return 0;
}
