// JSON schemas from the description of the keys of a case.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/app/commands.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_options.hpp"

namespace ansatz::app {
namespace {

using input::KeyInfo;
using input::KeyType;
using Json = nlohmann::ordered_json;

Json bounded(const char* type, const sdk::Range& range) {
  Json out{{"type", type}};
  const bool is_integer = std::string(type) == "integer";
  const auto bound = [&](double x) { return is_integer ? Json(static_cast<std::int64_t>(x)) : Json(x); };
  if (std::isfinite(range.low)) out[range.low_open ? "exclusiveMinimum" : "minimum"] = bound(range.low);
  if (std::isfinite(range.high)) out[range.high_open ? "exclusiveMaximum" : "maximum"] = bound(range.high);
  return out;
}

Json text_schema(const std::string& pattern) {
  Json out{{"type", "string"}};
  if (!pattern.empty()) out["pattern"] = pattern;
  return out;
}

Json any_of(Json::array_t choices) { return {{"anyOf", Json(std::move(choices))}}; }

Json list_of(Json items, std::size_t least, std::size_t most) {
  Json out{{"type", "array"}, {"items", std::move(items)}};
  if (least > 0) out["minItems"] = least;
  if (most > 0) out["maxItems"] = most;
  return out;
}

Json list_of(Json items, const KeyInfo& info) {
  auto out = list_of(std::move(items), info.least, info.most);
  if (info.distinct) out["uniqueItems"] = true;
  return out;
}

Json schema_of(const KeyInfo& info);
Json condition_schema(const input::KeyCondition& condition);

/// What a table with the value at this key fulfils.
Json fits_schema(const std::string& key, const std::vector<KeyInfo>& value) {
  const auto dot = key.find('.');
  const auto first = key.substr(0, dot);
  Json out{{"type", "object"}, {"required", Json::array({first})}};
  if (dot != std::string::npos) {
    out["properties"][first] = fits_schema(key.substr(dot + 1), value);
  } else if (!value.empty()) {
    out["properties"][first] = schema_of(value.front());
  }
  return out;
}

Json condition_schema(const input::KeyCondition& condition) {
  using Kind = input::KeyCondition::Kind;
  if (condition.kind == Kind::fits) return fits_schema(condition.key, condition.value);
  Json parts = Json::array();
  for (const auto& part : condition.parts) parts.push_back(condition_schema(part));
  if (parts.empty()) return true;
  if (condition.kind == Kind::none) return {{"not", {{"anyOf", std::move(parts)}}}};
  return {{condition.kind == Kind::all ? "allOf" : condition.kind == Kind::any ? "anyOf" : "oneOf", std::move(parts)}};
}

Json rule_schema(const input::KeyRule& rule) {
  auto then = condition_schema(rule.then);
  if (rule.when.kind == input::KeyCondition::Kind::all && rule.when.parts.empty()) return then;
  return {{"if", condition_schema(rule.when)}, {"then", std::move(then)}};
}

Json names_schema(const input::KeyNames& names) {
  Json out = Json::object();
  if (names.must_be_identifiers) out["pattern"] = "^[A-Za-z_][A-Za-z0-9_]*$";
  if (!names.words.empty()) out["enum"] = names.words;
  if (!names.taken.empty()) out["not"] = {{"enum", names.taken}};
  return out;
}

Json table_schema(const KeyInfo& info) {
  Json properties = Json::object(), required = Json::array();
  for (const auto& key : info.keys) {
    properties[key.name] = schema_of(key);
    if (key.required) required.push_back(key.name);
  }
  Json out{{"type", "object"}};
  if (!properties.empty()) out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  if (info.others.empty()) {
    out["additionalProperties"] = false;
  } else {
    out["additionalProperties"] = schema_of(info.others.front());
    auto names = names_schema(info.names);
    for (const auto& key : info.keys) {
      if (names.contains("enum")) names["enum"].push_back(key.name);
    }
    if (!names.empty()) out["propertyNames"] = std::move(names);
  }
  if (info.least > 0) out["minProperties"] = info.least;
  if (info.most > 0) out["maxProperties"] = info.most;
  Json rules = Json::array();
  for (const auto& rule : info.rules) rules.push_back(rule_schema(rule));
  if (!rules.empty()) out["allOf"] = std::move(rules);
  return out;
}

/// A number, an expression, or one of the words of a key.
Json component_schema(const KeyInfo& info) {
  if (!info.words.empty()) return {{"enum", info.words}};
  return any_of({bounded("number", info.range), text_schema("\\S")});
}

/// One component, also as a list or a matrix of one.
Json expression_schema(const KeyInfo& info) {
  const auto one = component_schema(info);
  const auto list = list_of(one, 1, 1);
  auto choices = info.words.empty() ? one["anyOf"].get<Json::array_t>() : Json::array_t{one};
  choices.push_back(list);
  choices.push_back(list_of(list, 1, 1));
  return any_of(std::move(choices));
}

/// One component, a list of them, or a square matrix. The range is that of diagonals: short lists are vectors or
/// diagonals, long ones matrices row by row.
Json values_schema(const KeyInfo& info) {
  constexpr std::size_t most_dimensions = 3;
  const auto bounded_one = component_schema(info), one = component_schema({.name = info.name});
  auto choices = bounded_one["anyOf"].get<Json::array_t>();
  choices.push_back(list_of(bounded_one, info.least > 0 ? info.least : 1, info.most > 0 ? info.most : most_dimensions));
  if (info.most > 0) return any_of(std::move(choices));
  for (const std::size_t components : {4, 6, 9}) choices.push_back(list_of(one, components, components));
  for (std::size_t n = 1; n <= most_dimensions; ++n) {
    Json::array_t rows;
    for (std::size_t i = 0; i < n; ++i) {
      Json::array_t row(n, one);
      row[i] = bounded_one;
      rows.push_back({{"type", "array"}, {"prefixItems", Json(std::move(row))}, {"minItems", n}, {"maxItems", n}});
    }
    choices.push_back({{"type", "array"}, {"prefixItems", Json(std::move(rows))}, {"minItems", n}, {"maxItems", n}});
  }
  return any_of(std::move(choices));
}

Json type_schema(const KeyInfo& info) {
  const auto text = text_schema(info.pattern.empty() ? "" : "^(" + info.pattern + ")$");
  switch (info.type) {
    case KeyType::any:
      return true;
    case KeyType::boolean:
      if (!info.words.empty()) return {{"const", info.words.front() == "true"}};
      return {{"type", "boolean"}};
    case KeyType::integer:
      return bounded("integer", info.range);
    case KeyType::number:
      return bounded("number", info.range);
    case KeyType::text:
      return text;
    case KeyType::word:
      return {{"enum", info.words}};
    case KeyType::expression:
      return expression_schema(info);
    case KeyType::booleans:
      return list_of({{"type", "boolean"}}, info);
    case KeyType::integers:
      return list_of(bounded("integer", info.range), info);
    case KeyType::numbers:
      return list_of(bounded("number", info.range), info);
    case KeyType::texts: {
      const Json entry = info.words.empty() ? text : Json{{"enum", info.words}};
      return any_of({entry, list_of(entry, info)});
    }
    case KeyType::pairs:
      return list_of(list_of(text, 2, 2), info);
    case KeyType::values:
      return values_schema(info);
    case KeyType::value_list:
      return list_of(values_schema({.name = info.name, .range = info.range}), info);
    case KeyType::table:
      return table_schema(info);
    case KeyType::tables:
      return any_of({table_schema(info), list_of(table_schema(info), 0, 0)});
  }
  return {};
}

Json schema_of(const KeyInfo& info) {
  Json out;
  if (info.type == KeyType::any) return true;
  if (info.alternatives.empty()) {
    out = type_schema(info);
  } else {
    Json choices = Json::array();
    for (const auto& alternative : info.alternatives) {
      choices.push_back(type_schema(alternative));
      if (!alternative.doc.empty() && alternative.doc != info.doc) choices.back()["description"] = alternative.doc;
    }
    out["anyOf"] = std::move(choices);
  }
  if (!info.doc.empty()) out["description"] = info.doc;
  if (!info.unit.empty()) out["x-unit"] = info.unit;
  if (info.is_value) {
    const auto value = Json::parse(info.initial, nullptr, false);
    if (!value.is_discarded()) out["default"] = value;
  }
  return out;
}

}  // namespace

nlohmann::ordered_json options_schema(const sdk::ParameterSchema& schema) {
  return table_schema({.name = "", .type = KeyType::table, .keys = input::option_infos(schema)});
}

nlohmann::ordered_json case_schema(const sdk::PhysicsInfo* info, const plugin::Registry& registry) {
  const KeyInfo root = table_info("", "", input::case_keys(registry, info), input::case_rules(info));
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
           {"title", info == nullptr ? "case of Ansatz" : "case of Ansatz with the physics " + info->name},
           {"description", input::beyond_schemas}};
  out.update(table_schema(root));
  return out;
}

}  // namespace ansatz::app
