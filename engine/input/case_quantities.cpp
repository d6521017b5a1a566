#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/text.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

using Kind = QuantitySpec::Kind;

const std::vector<std::string> statistics{"maximum", "minimum", "mean", "peak_to_peak", "frequency"};

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
  quantity.statistic =
      section.choice("over_time", statistics).value_or("maximum");
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
    section.error_at("after", fmt::format("\"after\" = {} s is not before the end, {} s", quantity.after,
                                          reading.result.time->end));
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

const std::vector<QuantityKind>& quantity_kinds() {
  constexpr const char* expression = "an expression of fields, gradients, derived fields, coordinates, parameters";
  static const std::vector<QuantityKind> kinds{
      {Kind::point, "point", expression, "value at a point", {"at", "region"}},
      {Kind::mean, "mean", expression, "mean over the domain, a region or a boundary", {"on", "region"}},
      {Kind::integral, "integral", expression, "integral over the domain, a region or a boundary", {"on", "region"}},
      {Kind::reaction, "reaction", "a field, or a component of one",
       "what it takes to prescribe the field on a boundary: a flux or force, from the equations", {"on"}},
      {Kind::norm, "norm", expression, "norm over the domain or a region", {"type", "region"}},
      {Kind::maximum, "maximum", expression, "largest value at nodes", {"region"}},
      {Kind::minimum, "minimum", expression, "smallest value at nodes", {"region"}},
      {Kind::formula, "formula", "an expression of quantities further up and of those that the physics declares", "formula of quantities", {}},
      {Kind::over_time, "over_time", "the statistic", "statistic over time of a quantity", {"of", "after"}},
  };
  return kinds;
}

KeyInfo quantity_key(const std::string& name) {
  static const std::vector<KeyInfo> keys{
      {.name = "at", .type = KeyType::numbers, .doc = "the position", .unit = "m", .least = 1, .most = 3},
      {.name = "on", .type = KeyType::text, .doc = "a boundary"},
      {.name = "region", .type = KeyType::text, .doc = "a region", .initial = "the whole domain"},
      {.name = "type", .type = KeyType::word, .doc = "of the norm; h1_semi is that of the gradient", .words = {"l2", "h1_semi"}, .initial = "\"l2\"", .is_value = true},
      {.name = "of", .type = KeyType::text, .doc = "the name of a quantity further up, or of one that the physics declares"},
      {.name = "after", .type = KeyType::number, .doc = "from this time on", .unit = "s", .initial = "the start"},
      {.name = "over_time", .type = KeyType::word, .doc = "the statistic", .words = statistics},
      {.name = "unit", .type = KeyType::text, .doc = "its unit, where it is not known or another one of the same dimensions is wanted", .initial = "that of the expression, where known"},
  };
  return *std::ranges::find(keys, name, &KeyInfo::name);
}

void read_quantities(Reading& reading, Section section) {
  const auto& declared = reading.physics->quantities;
  for (const auto& name : section.keys()) {
    auto entry = section.table(name);
    if (std::ranges::count(declared, name, &sdk::DerivedInfo::name) > 0) {
      section.error_at(name, fmt::format("the name \"{}\" is taken: {} has a quantity of this name, which every run gives", name,
                                         reading.physics->name),
                       "remove it, or choose another name");
    }
    if (entry) reading.result.quantities.push_back(read_quantity(reading, name, std::move(*entry)));
  }
}

}  // namespace ansatz::input
