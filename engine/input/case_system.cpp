#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

const plugin::OdeOffer* find_system(const Reading& reading, const Section& section, const std::string& name) {
  const auto& offers = reading.registry.offers().ode_systems;
  std::vector<std::string> known;
  for (const auto& offer : offers) {
    if (offer.name == name) return &offer;
    known.push_back(offer.name);
  }
  auto help = sdk::did_you_mean(name, known);
  if (help.empty()) {
    help = known.empty() ? "add its plugin, for example plugins = [\"nbody\"]"
                         : fmt::format("the loaded plugins have: {}", fmt::join(known, ", "));
  }
  section.error_at(name, fmt::format("no loaded plugin has a system \"{}\"", name), help);
  return nullptr;
}

/// [study] and [policy].
void read_policy(Reading& reading, Section& root) {
  auto& result = reading.result;
  if (auto study = root.table("study")) {
    study_keys(reading.registry, true).read(*study, result.study);
    study->finish();
  }
  auto section = root.table("policy");
  if (!section) {
    if (result.study.type == "train")
      root.error("missing section [policy]", "it says what learns, for example learner = \"dqn\"");
    return;
  }
  auto& policy = result.policy.emplace();
  policy.at = section->at();
  policy_keys(reading.registry).read(*section, policy);
  if (auto vary = section->table("vary")) {
    for (const auto& parameter : result.system->parameters.schema().parameters()) {
      const auto range = vary->numbers(parameter.name, sdk::positive);
      if (!range) continue;
      const bool is_number = parameter.initial.index() == 1 || parameter.initial.index() == 2;
      if (!is_number || range->size() != 2 || !((*range)[0] < (*range)[1])) {
        vary->error_at(parameter.name, fmt::format("\"{}\" needs a number's range, [low, high]", parameter.name));
        continue;
      }
      policy.vary[parameter.name] = {(*range)[0], (*range)[1]};
    }
    vary->finish();
  }
  if (auto options = section->table("options"); options && !policy.learner.empty()) {
    policy.options = read_options(std::move(*options), reading.registry.make_policy_learner(policy.learner)->options());
  } else if (!policy.learner.empty()) {
    policy.options.emplace(reading.registry.make_policy_learner(policy.learner)->options());
  }
  if (result.study.type == "train" && result.time && !result.time->adaptive()) {
    section->error("steps of one length have no controller to train", "give tolerances in [time] instead of a step");
  }
  section->finish();
}

}  // namespace

bool read_system(Reading& reading, Section& root) {
  auto all = root.table("system");
  if (!all) return false;
  auto& result = reading.result;
  const auto names = all->keys();
  if (names.size() != 1) {
    all->error("one system is solved at a time",
               names.empty() ? "write one section [system.NAME]"
                             : "keep one, and write a case for each; a plugin may join systems in one");
  }
  for (const char* key : {"mesh", "physics"}) {
    if (root.find(key) == nullptr) continue;
    root.error_at(key, fmt::format("a case has a [system] or a [{}], not both", key),
                  "remove one, or write a case for each");
  }
  const auto* offer = names.size() == 1 ? find_system(reading, *all, names[0]) : nullptr;
  reading.diagnostics.throw_if_any();
  auto section = all->table(names[0], fmt::format("(plugin {})", offer->plugin));
  reading.diagnostics.throw_if_any();
  result.system = SystemSpec{section->at(), names[0], read_options(*section, offer->parameters), {}};
  reading.diagnostics.throw_if_any();
  std::unique_ptr<sdk::OdeSystem> system;
  try {
    system = reading.registry.make_ode_system(names[0], result.system->parameters);
  } catch (const sdk::Error& error) {
    throw sdk::Error(error.kind(), error.what(), section->at().text(), error.hint());
  }
  for (const auto& component : system->info().components) reading.unknowns.push_back(component.name);
  if (auto initial = root.table("initial")) {
    for (const auto& name : reading.unknowns) {
      if (const auto value = initial->number(name)) result.system->initial[name] = *value;
    }
    initial->finish();
  }
  if (auto time = root.table("time")) {
    const auto events = system->info().events;
    if (time->find("events") != nullptr) {
      time->error_at("events",
                     fmt::format("the system {} {}", names[0],
                                 events.empty() ? "has no events"
                                                : fmt::format("has events of its own, which are all found: {}",
                                                              fmt::join(events, ", "))),
                     events.empty() ? "remove it; the plugin declares those of a system"
                                    : "remove it; end_event = \"" + events[0] + "\" ends the run at one of them");
    }
    if (time->has("end_event")) {
      if (events.empty()) {
        time->find("end_event");
        time->error_at("end_event", fmt::format("the system {} has no events", names[0]), "remove it");
      } else {
        const auto name = time->choice("end_event", events).value_or("");
        read_time(reading, std::move(*time));
        result.time->end_event = name;
      }
    } else {
      read_time(reading, std::move(*time));
    }
  } else {
    root.error("missing section [time]",
               fmt::format("for example [time] with method = \"bdf\", end = {}, relative_tolerance = 1e-8",
                           system->info().end));
  }
  read_policy(reading, root);
  if (auto output = root.table("output")) {
    read_output_steps(reading, *output);
    output->finish();
  }
  if (auto checkpoint = root.table("checkpoint")) read_checkpoint(reading, std::move(*checkpoint));
  root.finish();
  reading.diagnostics.throw_if_any();
  result.effective_toml = effective_toml(result, nullptr, reading.registry);
  return true;
}

}  // namespace ansatz::input
