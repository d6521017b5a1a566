#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/quantity_kinds.hpp"

namespace ansatz::input {
namespace {

using Kind = QuantitySpec::Kind;

/// Records a key that this kind of quantity does not use.
void reject(Section& section, const char* key, const char* kind) {
  section.find(key);
  if (section.has(key)) section.error_at(key, fmt::format("\"{}\" has no meaning for a {} quantity", key, kind));
}

void read_point(const Reading& reading, Section& section, QuantitySpec& quantity) {
  const int dim = reading.dim;
  const auto at =
      section.require("at", "the position, for example at = [0.5, 0.5]") ? section.numbers("at") : std::nullopt;
  quantity.point = at.value_or(std::vector<double>{});
  if (at && (at->empty() || at->size() > 3 || (dim > 0 && at->size() != static_cast<std::size_t>(dim)))) {
    section.error_at("at", dim > 0 ? fmt::format("\"at\" needs {} coordinates, not {}", dim, at->size())
                                   : fmt::format("\"at\" needs 1, 2 or 3 coordinates, not {}", at->size()));
  }
}

void check_reaction(const Reading& reading, const Section& section, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& target : field_targets(*reading.physics, reading.dim)) known.push_back(target.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  section.error_at("reaction", fmt::format("a reaction needs a field or a component of one, not \"{}\"", name),
                   sdk::did_you_mean(name, known));
}

/// Keys of a statistic over time: `{ over_time = "frequency", of = "lift", after = 20.0 }`.
void read_over_time(const Reading& reading, Section& section, QuantitySpec& quantity) {
  quantity.statistic = section.choice("over_time", quantity_key("over_time").words).value_or("maximum");
  section.require("of", "the name of a quantity further up");
  quantity.of = section.string("of").value_or("");
  quantity.after = section.number("after").value_or(reading.result.time ? reading.result.time->start : 0.0);
  const auto& known = reading.result.quantities;
  std::vector<std::string> names;
  for (const auto& other : known) names.push_back(other.name);
  for (const auto& declared : reading.physics->quantities) names.push_back(declared.name);
  if (!quantity.of.empty() && std::find(names.begin(), names.end(), quantity.of) == names.end()) {
    section.error_at("of", fmt::format("there is no quantity \"{}\" further up", quantity.of),
                     sdk::did_you_mean(quantity.of, names));
  }
  if (!reading.result.time) {
    section.error("a statistic over time needs [time]", "it would have one value only in a steady case");
  } else if (quantity.after >= reading.result.time->end) {
    section.error_at(
        "after", fmt::format("\"after\" = {} s is not before the end, {} s", quantity.after, reading.result.time->end));
  }
}

void read_kind(const Reading& reading, Section& section, const QuantityKind& kind, QuantitySpec& quantity) {
  const auto has = [&](const char* key) { return std::ranges::count(kind.keys, key) > 0; };
  for (const char* key : {"at", "region", "on", "type", "of", "after"}) {
    if (!has(key)) reject(section, key, kind.name);
  }
  quantity.unit = section.string("unit").value_or("");
  if (quantity.kind == Kind::over_time) {
    read_over_time(reading, section, quantity);
    return section.finish();
  }
  const auto of = section.value(kind.name);
  if (of && of->components.size() == 1) {
    quantity.expression = of->components[0];
  } else if (of) {
    section.error_at(kind.name, fmt::format("\"{}.{}\" must be one expression", section.name(), kind.name));
  }
  if (has("at")) read_point(reading, section, quantity);
  if (has("region")) quantity.region = section.string("region").value_or("");
  if (quantity.kind == Kind::reaction) {
    section.require("on", "the boundary at which the reaction acts");
    if (of) check_reaction(reading, section, quantity.expression);
  }
  if (has("on")) quantity.on = section.string("on").value_or("");
  if (has("type")) quantity.norm = section.choice("type", quantity_key("type").words).value_or("l2");
  section.finish();
}

QuantitySpec read_quantity(const Reading& reading, const std::string& name, Section section) {
  QuantitySpec quantity;
  quantity.name = name;
  quantity.at = section.at();
  std::vector<std::string> given, all;
  const QuantityKind* found = nullptr;
  for (const auto& kind : quantity_kinds()) {
    all.push_back(kind.name);
    if (!section.has(kind.name)) continue;
    given.push_back(kind.name);
    found = &kind;
    quantity.kind = kind.kind;
  }
  if (given.size() == 1) {
    read_kind(reading, section, *found, quantity);
    return quantity;
  }
  for (const auto& key : all) section.find(key);
  for (const char* key : {"at", "region", "on", "type", "unit", "of", "after"}) section.find(key);
  if (given.empty()) {
    section.error(fmt::format("[{}] needs one of {}", section.name(), fmt::join(all, ", ")),
                  "for example { mean = \"temperature\" }");
    section.finish();
  } else {
    section.error(fmt::format("[{}] has more than one kind: {}", section.name(), fmt::join(given, ", ")),
                  "write a quantity for each");
  }
  return quantity;
}

}  // namespace

void read_quantities(Reading& reading, Section section) {
  const auto& declared = reading.physics->quantities;
  for (const auto& name : section.keys()) {
    auto entry = section.table(name);
    if (std::ranges::count(declared, name, &sdk::DerivedInfo::name) > 0) {
      section.error_at(name,
                       fmt::format("the name \"{}\" is taken: {} has a quantity of this name, which every run gives",
                                   name, reading.physics->name),
                       "remove it, or choose another name");
    }
    if (entry) reading.result.quantities.push_back(read_quantity(reading, name, std::move(*entry)));
  }
}

}  // namespace ansatz::input
