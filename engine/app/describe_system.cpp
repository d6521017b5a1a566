#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/describe_parts.hpp"
#include "engine/app/show.hpp"
#include "engine/input/case_options.hpp"

namespace ansatz::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_components = 30;  // of a table for people

std::string choices_text(const sdk::Parameter& p) {
  if (!p.choices.empty()) return fmt::format("{}", fmt::join(p.choices, " | "));
  return std::holds_alternative<bool>(p.initial) ? "true | false" : p.range.text();
}

std::string names(const std::vector<std::string>& list) {
  return list.empty() ? "none" : fmt::format("{}", fmt::join(list, ", "));
}

void print_components(const sdk::OdeInfo& info) {
  std::vector<std::vector<std::string>> rows;
  const auto shown = std::min(info.components.size(), most_components);
  for (std::size_t i = 0; i < shown; ++i) {
    rows.push_back({info.components[i].name, info.components[i].unit, fmt::format("{}", info.initial[i])});
  }
  if (shown < info.components.size()) rows.push_back({fmt::format("... {} more", info.components.size() - shown)});
  print_table("components (unknowns), units and initial values", rows);
}

void print_properties(const sdk::OdeSystem& system) {
  const auto& info = system.info();
  show("  unknowns   {}, from t = {} to {}\n", system.size(), info.start, info.end);
  if (info.second_order) {
    show("  form       q'' = a(t, q{}\n", info.velocity_dependent ? ", q'): accelerations depend on velocities" : ")");
  } else {
    show("  form       y' = f(t, y)\n");
  }
  show("  Jacobian   {}\n",
       info.band ? fmt::format("banded, {} below and {} above the diagonal", info.band->lower, info.band->upper)
                 : "full");
  show("  parts      {}{}\n", system.splits() ? "stiff and nonstiff" : "not separate",
       system.has_linear_part() ? "; y' = L y + N(t, y)" : "");
  show("  invariants {}\n  events     {}\n", names(info.invariants), names(info.events));
}

}  // namespace

void print_table(const char* title, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return;
  show("\n{}\n", title);
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += fmt::format(" {:{}}", row[i], i + 1 < row.size() ? widths[i] + 1 : 0);
    show("{}\n", line);
  }
}

std::unique_ptr<sdk::OdeSystem> with_defaults(const plugin::OdeOffer& offer) {
  const bool complete = std::ranges::none_of(offer.parameters.parameters(), [](const auto& p) { return p.required; });
  return complete ? offer.create(sdk::ParameterSet(offer.parameters)) : nullptr;
}

void print_system(const plugin::OdeOffer& offer) {
  show("system {}: {}\n", offer.name, offer.doc);
  const auto system = with_defaults(offer);
  if (system) {
    print_properties(*system);
  } else {
    show("  what it has depends on required parameters\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& p : offer.parameters.parameters()) {
    rows.push_back(
        {p.name, p.unit, choices_text(p), p.required ? "required" : "default " + input::option_text(p.initial), p.doc});
  }
  print_table(fmt::format("parameters (keys of [system.{}])", offer.name).c_str(), rows);
  if (system) print_components(system->info());
}

nlohmann::ordered_json system_schema(const plugin::OdeOffer& offer) {
  const auto keys = options_schema(offer.parameters);
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
           {"title", "[system." + offer.name + "]"},
           {"description", offer.doc},
           {"type", "object"},
           {"properties", keys.value("properties", Json::object())},
           {"required", keys.value("required", Json::array())},
           {"additionalProperties", false}};
  const auto system = with_defaults(offer);
  if (!system) return out;
  const auto& info = system->info();
  Json components = Json::array();
  for (std::size_t i = 0; i < info.components.size(); ++i) {
    components.push_back(
        {{"name", info.components[i].name}, {"unit", info.components[i].unit}, {"initial", info.initial[i]}});
  }
  out["x-system"] = {{"components", components},
                     {"start", info.start},
                     {"end", info.end},
                     {"invariants", info.invariants},
                     {"events", info.events},
                     {"second_order", info.second_order},
                     {"separate_parts", system->splits()},
                     {"linear_part", system->has_linear_part()}};
  return out;
}

}  // namespace ansatz::app
