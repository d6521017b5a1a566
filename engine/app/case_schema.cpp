// JSON schemas from the description of the keys of a case.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/app/commands.hpp"
#include "engine/input/case_keys.hpp"

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

Json list_of(Json items, const KeyInfo& info) {
  Json out{{"type", "array"}, {"items", std::move(items)}};
  if (info.least > 0) out["minItems"] = info.least;
  if (info.most > 0) out["maxItems"] = info.most;
  return out;
}

Json schema_of(const KeyInfo& info);

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
  }
  return out;
}

Json type_schema(const KeyInfo& info) {
  const Json text{{"type", "string"}};
  switch (info.type) {
    case KeyType::boolean:
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
      return {{"anyOf", Json::array({bounded("number", info.range), text})}};
    case KeyType::booleans:
      return list_of({{"type", "boolean"}}, info);
    case KeyType::integers:
      return list_of(bounded("integer", info.range), info);
    case KeyType::numbers:
      return list_of(bounded("number", info.range), info);
    case KeyType::texts: {
      const Json entry = info.words.empty() ? text : Json{{"enum", info.words}};
      return {{"anyOf", Json::array({entry, list_of(entry, info)})}};
    }
    case KeyType::pairs:
      return list_of({{"type", "array"}, {"items", text}, {"minItems", 2}, {"maxItems", 2}}, {});
    case KeyType::values: {
      const Json entry{{"anyOf", Json::array({{{"type", "number"}}, text})}};
      const Json row{{"type", "array"}, {"items", entry}, {"minItems", 1}};
      const Json list{
          {"type", "array"}, {"items", {{"anyOf", Json::array({{{"type", "number"}}, text, row})}}}, {"minItems", 1}};
      return {{"anyOf", Json::array({bounded("number", info.range), text, list})}};
    }
    case KeyType::table:
      return table_schema(info);
    case KeyType::tables:
      return {{"anyOf", Json::array({table_schema(info), {{"type", "array"}, {"items", table_schema(info)}}})}};
  }
  return {};
}

Json schema_of(const KeyInfo& info) {
  Json out;
  if (info.name == "KEY" || info.name == "OPTION") return true;  // of a plugin that is described by itself
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

nlohmann::ordered_json case_schema(const sdk::PhysicsInfo& info, const plugin::Registry& registry) {
  KeyInfo root{.name = "", .type = KeyType::table, .keys = input::case_keys(registry, &info)};
  auto out = table_schema(root);
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "case of Ansatz with the physics " + info.name},
          {"type", "object"},
          {"properties", out["properties"]},
          {"required", out["required"]},
          {"additionalProperties", false}};
}

}  // namespace ansatz::app
