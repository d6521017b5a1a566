#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/solver_infos.hpp"
#include "engine/time/loop/same_time.hpp"

namespace ansatz::input {
namespace {

SolverSpec::Continuation read_continuation(const Reading& reading, Section section) {
  SolverSpec::Continuation continuation{section.at(), {}, 0.0};
  continuation_keys().read(section, continuation);
  const auto& parameters = reading.result.parameters;
  if (section.has("parameter") && !parameters.contains(continuation.parameter)) {
    std::vector<std::string> names;
    for (const auto& [name, spec] : parameters) names.push_back(name);
    section.error_at("parameter", fmt::format("the case has no parameter \"{}\"", continuation.parameter),
                     sdk::did_you_mean(continuation.parameter, names));
  }
  section.finish();
  return continuation;
}

/// The name of a plugin that can be loaded and may offer this: most offer what they are called by. *Collective.*
std::string help_for_ansatz(const Reading& reading, const std::string& name, const std::vector<std::string>& known) {
  const auto there = reading.registry.available();
  const auto plugin = [](const std::string& of) { return fmt::format("add its plugin: plugins = [\"{}\", ...]", of); };
  if (std::ranges::find(there, name) != there.end()) return plugin(name);
  if (const auto help = sdk::did_you_mean(name, known); !help.empty()) return help;
  if (const auto help = sdk::did_you_mean(name, there); !help.empty()) return help + " " + plugin("NAME");
  return "`ansatz plugins` lists those of the plugins that are found; add its plugin to `plugins`";
}

/// `type` and the options of ansaetze.
void read_ansatz(Reading& reading, Section& section) {
  auto& solver = reading.result.solver;
  const auto infos = solver_infos(reading.registry);
  std::vector<std::string> known;
  for (const auto& info : infos) known.push_back(info.name);
  if (const auto type = section.string("type")) {
    const auto found = std::ranges::find(infos, *type, &sdk::SolverInfo::name);
    if (found != infos.end()) {
      solver.type = *type;
      solver.info = *found;
    } else {
      section.error_at(
          "type",
          fmt::format("there is no ansatz \"{}\"; those of the loaded plugins are {}", *type, fmt::join(known, ", ")),
          help_for_ansatz(reading, *type, known));
    }
  }
  for (const auto& info : infos) {
    if (info.options.parameters().empty()) continue;
    if (auto options = section.table(info.name)) {
      solver.options.emplace(info.name, read_options(std::move(*options), info.options));
    } else if (info.name == solver.type) {
      solver.options.emplace(info.name, sdk::ParameterSet(info.options));
      for (const auto& option : info.options.parameters()) {
        if (option.required)
          section.error(fmt::format("the ansatz {} needs {}: {}", info.name, option.name, option.doc),
                        fmt::format("add [solver.{}] with {} = ...", info.name, option.name));
      }
    }
  }
}

void read_solver(Reading& reading, Section section) {
  auto& solver = reading.result.solver;
  solver.at = section.at();
  solver_keys(reading.registry).read(section, solver);
  read_ansatz(reading, section);
  if (auto continuation = section.table("continuation")) {
    solver.continuation = read_continuation(reading, std::move(*continuation));
  }
  if (solver.stabilise && reading.physics && !reading.physics->has_stabilisation) {
    section.error_at("stabilisation", fmt::format("physics \"{}\" has no stabilisation", reading.physics->name),
                     "set stabilisation = \"none\"");
  }
  section.finish();
}

/// [linear.NAME] of each offer: of the chosen one its options, of all others an error.
template <class List>
void read_linear_options(Section& section, const char* key, const std::string& chosen, const List& offers,
                         std::optional<sdk::ParameterSet>& options) {
  for (const auto& offer : offers) {
    auto table = section.table(offer.name);
    if (offer.name == chosen) {
      options = table ? read_options(std::move(*table), offer.options) : sdk::ParameterSet(offer.options);
    } else if (table) {
      table->error(
          fmt::format("[linear.{}] is for {} = \"{}\", which the case does not have", offer.name, key, offer.name),
          fmt::format("set linear.{} = \"{}\", or remove the section", key, offer.name));
    }
  }
}

void read_linear(Reading& reading, Section section) {
  auto& linear = reading.result.linear;
  const auto& offers = reading.registry.offers();
  linear.at = section.at();
  linear_keys(reading.registry).read(section, linear);
  read_linear_options(section, "preconditioner", linear.preconditioner, offers.preconditioners,
                      linear.preconditioner_options);
  read_linear_options(section, "tuner", linear.tuner, offers.tuners, linear.tuner_options);
  if (!linear.tuner.empty() && !linear.preconditioner_options) {
    section.error_at("tuner", "a tuner chooses the knobs of a preconditioner that has some",
                     "set preconditioner = \"ssor\", or remove the tuner");
  }
  section.finish();
}

std::optional<std::string> read_layout(Section& section, const plugin::Registry& registry) {
  const auto known = layout_names(registry);
  const auto layout = section.string("layout");
  if (!layout || std::find(known.begin(), known.end(), *layout) != known.end()) return layout;
  auto help = sdk::did_you_mean(*layout, known);
  if (*layout == "vtu") help = "add \"vtk\" to `plugins`: it writes this layout";
  if (help.empty()) help = "further layouts come from plugins";
  section.error_at("layout",
                   fmt::format("\"output.layout\" = \"{}\" is not one of {}", *layout, fmt::join(known, ", ")), help);
  return std::nullopt;
}

void read_output(Reading& reading, Section section) {
  auto& output = reading.result.output;
  std::vector<std::string> known;
  for (const auto& field : reading.physics->fields) known.push_back(field.name);
  if (!output_keys(reading.registry).read(section, output).contains("fields")) output.fields = known;
  for (const auto& derived : reading.physics->derived) known.push_back(derived.name);
  for (const auto& name : output.fields) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    auto help = sdk::did_you_mean(name, known);
    help += fmt::format("{}fields: {}", help.empty() ? "" : " ", fmt::join(known, ", "));
    section.error_at("fields", fmt::format("physics \"{}\" has no field \"{}\"", reading.physics->name, name), help);
  }
  output.at = section.at();
  output.layout = read_layout(section, reading.registry).value_or(output.layout);
  read_output_steps(reading, section);
  section.finish();
}

/// What an ansatz can do of problems in time.
void check_ansatz_in_time(Reading& reading) {
  const auto& parsed = reading.result;
  const auto& info = parsed.solver.info;
  if (!parsed.time && !info.steady) {
    reading.diagnostics.add(parsed.solver.at, fmt::format("the ansatz {} is for problems in time", info.name),
                            "add a section [time]");
  }
  if (!parsed.time) return;
  const auto refuse = [&](const std::string& what, const std::string& help) {
    reading.diagnostics.add(parsed.time->at, what, help);
  };
  if (info.in_time == sdk::SolverInfo::Time::none) {
    return refuse(fmt::format("the ansatz {} is for steady problems", info.name),
                  "remove the section [time], or set solver.type = \"fem\"");
  }
  if (info.in_time != sdk::SolverInfo::Time::equal_steps) return;
  if (parsed.time->adaptive()) {
    refuse(fmt::format("the ansatz {} takes steps of one length", info.name), "give step = ... instead of tolerances");
  }
  if (!parsed.time->stops.empty()) {
    refuse(fmt::format("the ansatz {} has no stops but the ends of steps at which conditions on t change, which are "
                       "found",
                       info.name),
           "remove time.stops, or set solver.type = \"fem\"");
  }
}

/// Steps of one length end at whole numbers of them.
void check_output_of_equal_steps(Reading& reading) {
  const auto& parsed = reading.result;
  if (parsed.solver.info.in_time != sdk::SolverInfo::Time::equal_steps || !parsed.time || !(parsed.time->step > 0.0))
    return;
  for (const double t : parsed.output.times) {
    if (t <= parsed.time->start || time::whole_steps(parsed.time->start, t, parsed.time->step)) continue;
    reading.diagnostics.add(
        parsed.output.at,
        fmt::format("no step of {} s ends at the output time {}, and the ansatz {} has steps of one length",
                    parsed.time->step, t, parsed.solver.type),
        "choose times that are whole numbers of steps after the start, or set solver.type = \"fem\"");
  }
}

/// The section, or an empty one where the case has none, so that defaults are filled in.
Section section_or_empty(Section& root, const std::string& key) {
  static const toml::table empty;
  if (auto section = root.table(key)) return *section;
  return Section(empty, key, {root.diagnostics().file(), 0, 0}, root.diagnostics());
}

}  // namespace

void read_output_steps(Reading& reading, Section& section) {
  auto& output = reading.result.output;
  const auto given = output_step_keys().read(section, output);
  if (!given.contains("every")) output.every = output.times.empty() ? 1 : 0;
  if (!section.has("at")) return;
  const auto& time = reading.result.time;
  if (!time) {
    return section.error_at("at", "\"output.at\" are times, and the case has none",
                            "add a section [time], or remove it");
  }
  std::erase_if(output.times, [&](double t) {
    if (t >= time->start && t <= time->end) return false;
    section.error_at(
        "at", fmt::format("the output time {} is not between start and end, {} and {}", t, time->start, time->end));
    return true;
  });
}

void read_checkpoint(Reading& reading, Section section) {
  auto& checkpoint = reading.result.checkpoint;
  checkpoint_keys().read(section, checkpoint);
  if (!reading.result.time)
    section.error("checkpoints are of runs in time", "add a section [time], or remove [checkpoint]");
  section.finish();
}

namespace {

/// Errors at held-out parameters say something of an ansatz that learned at others, and of many of them only.
void check_calibration(const Case& parsed, const Section& section) {
  const auto& [count, coverage] = std::pair(parsed.certify->calibration, parsed.certify->coverage);
  if (count == 0) {
    if (section.has("coverage") && !section.has("calibration"))
      section.error_at("coverage", "\"coverage\" is that of a calibration", "give certify.calibration");
    return;
  }
  const auto refuse = [&](const std::string& what, const std::string& help) {
    section.error_at("calibration", what, help);
  };
  const auto& info = parsed.solver.info;
  if (info.name == reduced_basis_info().name)
    refuse("a reduced basis has a bound of its own, which holds at each parameter", "remove certify.calibration");
  else if (!info.trains)
    refuse(fmt::format("the ansatz {} does not train: there are no held-out parameters", info.name),
           "remove certify.calibration");
  if (std::ranges::none_of(parsed.parameters, [](const auto& entry) { return entry.second.low < entry.second.high; }))
    refuse("calibration draws parameters, and the case has none with a range", "give [parameters], each with a range");
  if (parsed.time && parsed.time->adaptive())
    refuse("errors are compared at the ends of steps, which must be the same for both", "give time.step");
  int least = 1;
  while (least < many && CertifySpec::rank(least, coverage) > least) least *= 2;
  while (least > 1 && CertifySpec::rank(least - 1, coverage) <= least - 1) --least;
  if (count < least)
    refuse(fmt::format("{} solves say nothing of a share of {}", count, coverage),
           fmt::format("at least {} are needed", least));
}

void read_certify(Reading& reading, Section section) {
  auto& certify = reading.result.certify.emplace();
  certify.at = section.at();
  certify_keys().read(section, certify);
  const bool repairs = certify.policy == "polish" || certify.policy == "fallback";
  if (certify.policy.empty()) certify.policy = certify.tolerance ? "polish" : "check";
  if (repairs && !certify.tolerance)
    section.error_at("policy", "policy = \"" + certify.policy + "\" needs a tolerance", "give certify.tolerance");
  check_calibration(reading.result, section);
  section.finish();
}

}  // namespace

void read_solution(Reading& reading, Section& root) {
  read_solver(reading, section_or_empty(root, "solver"));
  read_linear(reading, section_or_empty(root, "linear"));
  read_reduced(reading, root);
  if (auto time = root.table("time")) read_time(reading, std::move(*time));
  check_ansatz_in_time(reading);
  read_output(reading, section_or_empty(root, "output"));
  check_output_of_equal_steps(reading);
  if (auto checkpoint = root.table("checkpoint")) read_checkpoint(reading, std::move(*checkpoint));
  if (auto certify = root.table("certify")) read_certify(reading, std::move(*certify));
}

void read_initial(Reading& reading, Section section) {
  auto& initial = reading.result.initial;
  const auto targets = field_targets(*reading.physics, reading.dim);
  initial.at = section.at();
  initial.steady = section.choice("start", {"steady"}).has_value();
  initial.values = read_targets(reading, section, targets, false);
  if (auto perturbation = section.table("perturbation")) {
    initial.perturbation = read_targets(reading, *perturbation, targets, false);
    perturbation->finish();
    if (!section.has("start")) {
      perturbation->error("a perturbation is of the steady state", "add start = \"steady\" to [initial]");
    }
  }
  section.finish();
  if (!initial.steady) return;
  if (!reading.result.time) {
    section.error_at("start", "\"initial.start\" is for problems in time", "add a section [time], or remove it");
  }
  for (const auto& [name, value] : initial.values) {
    section.error_at(name, fmt::format("\"{}\" is given twice: by its value and by start = \"steady\"", name),
                     "remove one of the two, or move the value to [initial.perturbation], which is added");
  }
}

void check_continuation(Reading& reading) {
  const auto& continuation = reading.result.solver.continuation;
  if (continuation && !reading.result.solver.info.continues) {
    reading.diagnostics.add(continuation->at, "continuation is for finite elements, linear problems need none",
                            "remove it, or set solver.type = \"fem\"");
    return;
  }
  if (!continuation || !reading.result.time || reading.result.initial.steady) return;
  reading.diagnostics.add(continuation->at, "continuation is for steady states",
                          "remove it or the section [time], or set start = \"steady\" in [initial]");
}

}  // namespace ansatz::input
