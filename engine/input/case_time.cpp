#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/time/methods/methods.hpp"

namespace ansatz::input {
namespace {

/// Methods with an error estimate, or without.
std::vector<std::string> method_names(const plugin::Registry& registry, bool estimates) {
  std::vector<std::string> names;
  const auto add = [&](const sdk::TimeMethodInfo& info) {
    if ((info.embedded_order > 0) == estimates) names.push_back(info.name);
  };
  for (const auto& entry : time::time_methods()) add(entry.info);
  for (const auto& offer : registry.offers().time_methods) add(offer.info);
  return names;
}

/// Numbers of some fields.
std::map<std::string, double> of_fields(const Reading& reading, Section section, const sdk::Range& range) {
  std::map<std::string, double> values;
  for (const auto& name : reading.unknowns) {
    if (const auto value = section.number(name, range)) values[name] = *value;
  }
  section.finish();
  return values;
}

void read_tolerances(Reading& reading, Section& section, TimeSpec& time) {
  const auto* absolute = section.find("absolute_tolerance", "> 0, in units of the fields; or { FIELD = NUMBER }");
  if (absolute != nullptr && absolute->is_table()) {
    time.absolute_tolerances = of_fields(reading, *section.table("absolute_tolerance"), sdk::positive);
  } else {
    time.absolute_tolerance = section.number("absolute_tolerance", sdk::positive).value_or(time.absolute_tolerance);
  }
  if (absolute != nullptr && !time.relative_tolerance) time.relative_tolerance = 1e-6;
  if (auto weights = section.table("weights")) time.weights = of_fields(reading, std::move(*weights), sdk::nonnegative);
}

/// `controller = { type = "rl", model = "steps.h5" }`, or `{ type = "bandit", model = ..., seed = 1 }`.
void read_controller(Reading& reading, Section& section, TimeSpec& time) {
  const auto* node = section.find("controller", "a name, or { type = \"rl\", model = \"steps.h5\" }");
  if (node == nullptr || !node->is_table()) return;
  auto table = *section.table("controller");
  time.controller = "rl";
  const auto given = controller_keys().read(table, time);
  if (time.controller == "rl") {
    table.require("model", "the file of a trained policy, see [policy]");
    if (table.has("seed")) table.error_at("seed", "the seed is for type = \"bandit\"", "remove it");
  }
  if (given.contains("model")) {
    const auto folder = std::filesystem::absolute(reading.result.path).parent_path();
    time.controller_model = (folder / time.controller_model).lexically_normal().string();
  }
  table.finish();
}

/// What belongs to steps by error control, and what to steps of one length.
void check_control(const Section& section, const TimeSpec& time, const plugin::Registry& registry) {
  if (time.step > 0.0 && time.adaptive()) {
    section.error_at("step", "steps of one length have no error control",
                     "remove the tolerances; or remove step, first_step starts");
  } else if (!section.has("step") && !time.adaptive() && !section.has("relative_tolerance") &&
             !section.has("absolute_tolerance")) {
    section.error("\"time\" has neither a step nor tolerances",
                  "add step = ..., or relative_tolerance = 1e-6 for steps by error control");
  }
  for (const char* key : {"controller", "limits", "first_step", "min_step", "max_step", "weights"}) {
    if (section.has(key) && !time.adaptive()) {
      section.error_at(key, fmt::format("\"time.{}\" is for steps by error control", key),
                       "add relative_tolerance = ...");
    }
  }
  if (time.adaptive() && std::ranges::count(method_names(registry, false), time.method) > 0) {
    section.error_at("method", fmt::format("the method {} has no error estimate", time.method),
                     fmt::format("give a step instead of tolerances, or choose one of: {}",
                                 fmt::join(method_names(registry, true), ", ")));
  }
}

void check_longest_step(const Section& section, const TimeSpec& time) {
  if (!time.max_step) return;
  if (time.max_step->components.size() != 1) return section.error_at("max_step", "\"time.max_step\" is one value");
  const auto longest = as_number(time.max_step->components[0]);
  if (!longest) return;
  if (!(*longest > 0.0)) return section.error_at("max_step", "\"time.max_step\" must be > 0");
  if (*longest < time.min_step) {
    section.error_at(
        "max_step",
        fmt::format("\"time.max_step\" = {} is shorter than \"time.min_step\" = {}", *longest, time.min_step),
        "exchange the two");
  }
  if (time.first_step > *longest)
    section.error_at("first_step", "\"time.first_step\" is longer than \"time.max_step\"");
}

}  // namespace

void read_time(Reading& reading, Section section) {
  auto& time = reading.result.time.emplace();
  time.at = section.at();
  const auto given = time_keys(reading.registry).read(section, time);
  read_tolerances(reading, section, time);
  read_controller(reading, section, time);
  if (reading.result.system) {  // it has events of its own
    time.events.clear();
    time.end_event.clear();
  }
  if (!time.end_event.empty() && std::ranges::count(time.events, time.end_event) == 0)
    time.events.push_back(time.end_event);
  const bool end = given.contains("end"), step = given.contains("step");
  if (!end) time.end = time.start;
  if (end && time.end <= time.start) {
    section.error_at("end", fmt::format("\"time.end\" = {} is not after \"time.start\" = {}", time.end, time.start));
  } else if (end && step && time.step > (time.end - time.start) * (1.0 + 1e-12)) {
    section.error_at("step", fmt::format("\"time.step\" = {} is longer than the time from start to end", time.step));
  }
  check_control(section, time, reading.registry);
  check_longest_step(section, time);
  for (const double stop : time.stops) {
    if (stop < time.start || stop > time.end) {
      section.error_at("stops", fmt::format("the stop {} is not between start and end", stop));
    }
  }
  section.finish();
}

void check_events(Reading& reading) {
  const auto& parsed = reading.result;
  if (!parsed.time || parsed.time->events.empty()) return;
  const auto error = [&](std::string what, std::string help) {
    reading.diagnostics.add(parsed.time->at, std::move(what), std::move(help));
  };
  if (!parsed.solver.info.finds_events)
    error(fmt::format("the ansatz {} finds no events", parsed.solver.type),
          "remove time.events, or set solver.type = \"fem\"");
  std::vector<std::string> names;
  for (const auto& quantity : parsed.quantities) names.push_back(quantity.name);
  for (const auto& declared : reading.physics->quantities) names.push_back(declared.name);
  for (const auto& name : parsed.time->events) {
    if (std::ranges::count(names, name) > 0) continue;
    auto help = sdk::did_you_mean(name, names);
    if (help.empty()) help = fmt::format("add it, for example {} = {{ formula = \"mean - 1\" }}", name);
    error(fmt::format("the event \"{}\" is not a quantity of the case: events are zeros of quantities", name), help);
  }
}

}  // namespace ansatz::input
