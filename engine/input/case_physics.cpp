#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ansatz/sdk/error.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_parser.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

using sdk::Shape;

constexpr int most_blocks = 10000;  // in a direction

std::string unit_and_range(const std::string& unit, const sdk::Range& range) {
  const auto text = range.text();
  return text == "any" ? unit : unit + ", " + text;
}

void append_targets(std::vector<Target>& out, const std::string& name, Shape shape, const sdk::Range& range,
                    const std::string& doc, int dim) {
  out.push_back({name, name, shape, range, doc});
  if (shape == Shape::scalar) return;
  for (int c = 0; c < sdk::num_components(shape, dim > 0 ? dim : 3); ++c) {
    out.push_back({name + "_" + sdk::component_name(shape, dim > 0 ? dim : 3, c), name, Shape::scalar, {}, doc});
  }
}

/// Indices of the components of which a number must be in the declared range.
bool is_ranged(Shape shape, std::size_t component, std::size_t count, int dim) {
  if (shape == Shape::symmetric_tensor) return component < 3;
  if (shape != Shape::tensor || count == 1 || count == static_cast<std::size_t>(dim)) return true;
  return dim > 0 && component % (dim + 1) == 0;
}

std::vector<std::string> unique_entries(Section& section, std::vector<std::string> names, const char* key) {
  std::set<std::string> seen;
  for (const auto& name : names) {
    if (name.empty()) section.error_at(key, fmt::format("\"{}.{}\" has an empty name", section.name(), key));
    if (!seen.insert(name).second)
      section.error_at(key, fmt::format("\"{}.{}\" names \"{}\" twice", section.name(), key, name));
  }
  return names;
}

void read_by_region(Reading& reading, Section& table, const sdk::CoefficientInfo& info, CoefficientSpec& spec) {
  auto regions = table.table("by_region");
  if (!regions) return;
  for (const auto& region : regions->keys()) {
    auto value = regions->value(region);
    if (!value) continue;
    check_value(reading, info.name, *value, info.shape, info.range);
    spec.by_region.emplace_back(region, std::move(*value));
  }
  if (regions->keys().empty()) regions->error(fmt::format("[{}] names no region", regions->name()));
}

void read_by_block(Reading& reading, Section& table, const sdk::CoefficientInfo& info, CoefficientSpec& spec) {
  spec.blocks = table.integers("by_block", 1, most_blocks).value_or(std::vector<int>{});
  const auto* list = table.find("values");
  std::int64_t product = 1;
  for (const int n : spec.blocks) product = std::min<std::int64_t>(product * n, 1 << 24);
  if (reading.dim > 0 && !spec.blocks.empty() && spec.blocks.size() != static_cast<std::size_t>(reading.dim)) {
    table.error_at("by_block",
                   fmt::format("\"{}.by_block\" needs {} entries in {}-D", table.name(), reading.dim, reading.dim));
  }
  if (!list || !list->is_array()) {
    table.error(fmt::format("\"{}\" needs \"values\", a list with one value a block", table.name()));
    return;
  }
  if (!spec.blocks.empty() && static_cast<std::int64_t>(list->as_array()->size()) != product) {
    table.error_at("values", fmt::format("\"{}.values\" has {} entries for {} blocks", table.name(),
                                         list->as_array()->size(), product));
  }
  for (const auto& entry : *list->as_array()) {
    toml::table one;
    entry.visit([&](const auto& typed) { one.insert("values", typed); });
    Section single(one, table.name(), location_of(entry, table.at()), reading.diagnostics);
    auto value = single.value("values");
    if (!value) continue;
    check_value(reading, info.name, *value, info.shape, info.range);
    spec.block_values.push_back(std::move(*value));
  }
}

CoefficientSpec read_coefficient(Reading& reading, Section& section, const sdk::CoefficientInfo& info,
                                 const std::string& owner) {
  CoefficientSpec spec;
  spec.at = section.location(info.name);
  const auto* node = section.find(info.name, unit_and_range(info.unit, info.range));
  if (!node->is_table()) {
    spec.everywhere = section.value(info.name, unit_and_range(info.unit, info.range));
    if (spec.everywhere) check_value(reading, info.name, *spec.everywhere, info.shape, info.range);
    return spec;
  }
  auto table = *section.table(info.name, owner);
  if (table.has("by_region") == table.has("by_block")) {
    table.error(
        fmt::format("\"{}\" needs either \"by_region\" or \"by_block\"", table.name()),
        "for example { by_region = { steel = 50.0 }, default = 1.0 } or { by_block = [2, 1], values = [1.0, 2.0] }");
    for (const char* key : {"by_region", "by_block", "values", "default"}) table.find(key);
  } else if (table.has("by_region")) {
    read_by_region(reading, table, info, spec);
    spec.everywhere = table.value("default");
    if (spec.everywhere) check_value(reading, info.name, *spec.everywhere, info.shape, info.range);
  } else {
    read_by_block(reading, table, info, spec);
  }
  table.finish();
  return spec;
}

/// The declared default as a value of the case; nothing where the dimension must be known first.
std::optional<Value> default_value(const sdk::CoefficientInfo& info, int dim, const Location& at) {
  if (info.initial.empty()) return std::nullopt;
  const auto number = fmt::format("{:.17g}", info.initial[0]);
  if (info.shape != Shape::vector || info.initial[0] == 0.0) return Value{{number}, at};
  if (dim == 0) return std::nullopt;
  return Value{std::vector<std::string>(dim, number), at};
}

void read_coefficients(Reading& reading, Section& section, const std::string& owner) {
  for (const auto& info : reading.physics->coefficients) {
    if (info.on_boundary) {
      if (section.has(info.name)) {
        section.find(info.name);
        section.error_at(info.name, fmt::format("\"{}\" is given on boundaries", info.name),
                         fmt::format("write boundary = [{{ on = \"...\", {} = ... }}]", info.name));
      }
    } else if (section.find(info.name, unit_and_range(info.unit, info.range))) {
      reading.result.physics.coefficients[info.name] = read_coefficient(reading, section, info, owner);
    } else if (auto value = default_value(info, reading.dim, section.at())) {
      reading.result.physics.coefficients[info.name].everywhere = std::move(value);
    } else if (info.initial.empty()) {
      section.error(fmt::format("missing coefficient \"{}\" in [{}]", info.name, section.name()),
                    fmt::format("{} ({})", info.doc, unit_and_range(info.unit, info.range)));
    }
  }
}

void read_boundary(Reading& reading, Section entry, const std::vector<Target>& targets) {
  BoundarySpec spec;
  spec.at = entry.at();
  if (entry.require("on", "the name of a boundary, or a list of names")) {
    spec.on = unique_entries(entry, entry.strings("on").value_or(std::vector<std::string>{}), "on");
    if (spec.on.empty() && entry.find("on")->is_array())
      entry.error_at("on", fmt::format("\"{}.on\" is empty", entry.name()));
  }
  spec.values = read_targets(reading, entry, targets, true);
  const bool sets_nothing = entry.keys().size() == (entry.has("on") ? 1U : 0U);
  if (sets_nothing)
    entry.error(fmt::format("[{}] sets nothing", entry.name()),
                "add a field, for example " + targets.front().name + " = 0.0");
  entry.finish();
  reading.result.physics.boundary.push_back(std::move(spec));
}

}  // namespace

std::vector<Target> field_targets(const sdk::PhysicsInfo& physics, int dim) {
  std::vector<Target> out;
  for (const auto& field : physics.fields) append_targets(out, field.name, field.shape, {}, field.unit, dim);
  return out;
}

std::vector<Target> boundary_targets(const sdk::PhysicsInfo& physics, int dim) {
  std::vector<Target> out;
  for (const auto& info : physics.coefficients) {
    if (info.on_boundary)
      append_targets(out, info.name, info.shape, info.range, unit_and_range(info.unit, info.range), dim);
  }
  return out;
}

std::vector<std::pair<std::string, Value>> read_targets(Reading& reading, Section& section,
                                                        const std::vector<Target>& targets, bool allow_free) {
  std::vector<std::pair<std::string, Value>> out;
  std::set<std::string> whole;
  for (const auto& target : targets) {
    auto value = section.value(target.name, target.doc);
    if (!section.has(target.name)) continue;
    if (target.name == target.field) whole.insert(target.name);
    if (target.name != target.field && whole.count(target.field)) {
      section.error_at(target.name,
                       fmt::format("\"{}\" is given twice: \"{}\" has all components", target.name, target.field));
    }
    if (!value) continue;
    check_value(reading, target.name, *value, target.shape, target.range, allow_free);
    out.emplace_back(target.name, std::move(*value));
  }
  return out;
}

void check_value(Reading& reading, const std::string& name, const Value& value, Shape shape, const sdk::Range& range,
                 bool allow_free) {
  try {
    if (reading.dim > 0 || shape == Shape::scalar)
      expand_components(value, shape, std::max(reading.dim, 1), name, allow_free);
  } catch (const sdk::Error& error) {
    reading.diagnostics.add(value.at, error.what(), error.hint());
  }
  const auto count = value.components.size();
  for (std::size_t c = 0; c < count; ++c) {
    const auto x = as_number(value.components[c]);
    if (!x || range.contains(*x) || !is_ranged(shape, c, count, reading.dim)) continue;
    reading.diagnostics.add(value.at, fmt::format("\"{}\" = {} is out of its range: {}", name, *x, range.text()));
  }
}

void read_physics(Reading& reading, Section section) {
  const auto& info = *reading.physics;
  auto& out = reading.result.physics;
  out.at = section.at();
  out.name = info.name;
  const std::string owner = section.owner();
  for (const auto& option : info.options) {
    const auto choice = section.choice(option.name, option.choices);
    out.options[option.name] = choice.value_or(option.choices.empty() ? "" : option.choices.front());
  }
  read_coefficients(reading, section, owner);
  auto targets = field_targets(info, reading.dim);
  for (auto& target : boundary_targets(info, reading.dim)) targets.push_back(std::move(target));
  for (auto& entry : section.tables("boundary")) read_boundary(reading, std::move(entry), targets);
  section.finish();
}

std::vector<KeyInfo> physics_infos(const sdk::PhysicsInfo& physics) {
  std::vector<KeyInfo> keys, on_boundary{{.name = "on",
                                          .type = KeyType::texts,
                                          .doc = "names of boundaries",
                                          .required = true,
                                          .least = 1,
                                          .distinct = true,
                                          .pattern = ".+"}};
  std::vector<KeyRule> rules;
  for (const auto& option : physics.options) {
    keys.push_back({.name = option.name,
                    .type = KeyType::word,
                    .doc = option.doc,
                    .words = option.choices,
                    .initial = toml_string(option.choices.front()),
                    .is_value = true});
  }
  const auto add = [&rules](std::vector<KeyInfo>& list, const std::string& name, Shape shape, const KeyInfo& like) {
    std::vector<Target> targets;
    append_targets(targets, name, shape, like.range, {}, 3);
    for (const auto& target : targets) {
      list.push_back(like);
      list.back().name = target.name;
      list.back().type = target.shape == Shape::scalar ? KeyType::expression : KeyType::values;
      if (target.name == name) continue;
      list.back().range = sdk::any;
      rules.push_back({{}, none_of({all_of({has(name), has(target.name)})})});
    }
  };
  for (const auto& field : physics.fields)
    add(on_boundary, field.name, field.shape, {.name = field.name, .unit = field.unit});
  for (const auto& coefficient : physics.coefficients) {
    KeyInfo info{.name = coefficient.name,
                 .type = coefficient.shape == Shape::scalar ? KeyType::expression : KeyType::values,
                 .doc = coefficient.doc,
                 .unit = coefficient.unit,
                 .range = coefficient.range};
    if (coefficient.shape == Shape::vector) {
      info.least = 1;
      info.most = 3;
    }
    if (coefficient.on_boundary) {
      add(on_boundary, coefficient.name, coefficient.shape, info);
      continue;
    }
    info.required = coefficient.initial.empty();
    if (!info.required) {
      info.initial = toml_number(coefficient.initial[0]);
      info.is_value = true;
    }
    KeyInfo value = info, region = info, otherwise = info, values = info;
    value.required = false;
    region.name = "REGION";
    otherwise.name = "default";
    otherwise.required = region.required = false;
    values = {.name = "values",
              .type = KeyType::value_list,
              .doc = "a value for each block, x fastest",
              .range = info.range,
              .required = true,
              .least = 1};
    KeyInfo by_region{.name = info.name, .type = KeyType::table, .doc = "by region"};
    by_region.keys = {{.name = "by_region",
                       .type = KeyType::table,
                       .doc = "values of regions",
                       .required = true,
                       .others = {std::move(region)},
                       .least = 1},
                      std::move(otherwise)};
    KeyInfo by_block{
        .name = info.name, .type = KeyType::table, .doc = "by block of a lattice over the box around the mesh"};
    by_block.keys = {{.name = "by_block",
                      .type = KeyType::integers,
                      .doc = "blocks in each direction",
                      .range = {1, most_blocks, false, false},
                      .required = true,
                      .least = 1,
                      .most = 3},
                     std::move(values)};
    info.alternatives = {std::move(value), std::move(by_region), std::move(by_block)};
    keys.push_back(std::move(info));
  }
  keys.push_back({.name = "boundary",
                  .type = KeyType::tables,
                  .doc = "conditions: fields, components of them, coefficients on boundaries; nothing said: no flux",
                  .keys = std::move(on_boundary),
                  .least = 2,
                  .rules = std::move(rules)});
  return keys;
}

}  // namespace ansatz::input
