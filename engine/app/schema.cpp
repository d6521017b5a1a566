#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/app/commands.hpp"

namespace ansatz::app {
namespace {

using Json = nlohmann::ordered_json;

Json number_schema(const sdk::Range& range) {
  Json out{{"type", "number"}};
  if (std::isfinite(range.low)) out[range.low_open ? "exclusiveMinimum" : "minimum"] = range.low;
  if (std::isfinite(range.high)) out[range.high_open ? "exclusiveMaximum" : "maximum"] = range.high;
  return out;
}

/// A number, an expression, or a list of them.
Json value_schema(sdk::Shape shape, const sdk::Range& range) {
  Json choices = Json::array({number_schema(range), {{"type", "string"}}});
  if (shape != sdk::Shape::scalar) choices.push_back({{"type", "array"}});
  return choices;
}

Json coefficient_schema(const sdk::CoefficientInfo& info) {
  const Json value{{"anyOf", value_schema(info.shape, info.range)}};
  Json choices = value_schema(info.shape, info.range);
  choices.push_back(
      {{"type", "object"},
       {"properties", {{"by_region", {{"type", "object"}, {"additionalProperties", value}}}, {"default", value}}},
       {"required", {"by_region"}},
       {"additionalProperties", false}});
  choices.push_back({{"type", "object"},
                     {"properties",
                      {{"by_block", {{"type", "array"}, {"items", {{"type", "integer"}, {"minimum", 1}}}}},
                       {"values", {{"type", "array"}, {"items", value}}}}},
                     {"required", {"by_block", "values"}},
                     {"additionalProperties", false}});
  Json out{{"description", info.doc}, {"x-unit", info.unit}, {"x-range", info.range.text()}, {"anyOf", choices}};
  if (!info.initial.empty()) out["default"] = info.initial[0];
  return out;
}

void add_with_components(Json& properties, const std::string& name, sdk::Shape shape, const sdk::Range& range,
                         const Json& notes) {
  Json whole = notes;
  whole["anyOf"] = value_schema(shape, range);
  properties[name] = whole;
  if (shape == sdk::Shape::scalar) return;
  for (int c = 0; c < sdk::num_components(shape, 3); ++c) {
    Json component = notes;
    component["anyOf"] = value_schema(sdk::Shape::scalar, {});
    properties[name + "_" + sdk::component_name(shape, 3, c)] = component;
  }
}

Json boundary_schema(const sdk::PhysicsInfo& info) {
  const Json names{{"type", "array"}, {"items", {{"type", "string"}}}, {"minItems", 1}};
  Json properties;
  properties["on"] = {{"description", "names of boundaries"}, {"anyOf", Json::array({{{"type", "string"}}, names})}};
  for (const auto& field : info.fields)
    add_with_components(properties, field.name, field.shape, {}, {{"x-unit", field.unit}});
  for (const auto& c : info.coefficients) {
    if (c.on_boundary)
      add_with_components(properties, c.name, c.shape, c.range, {{"description", c.doc}, {"x-unit", c.unit}});
  }
  const Json entry{{"type", "object"},
                   {"properties", properties},
                   {"required", {"on"}},
                   {"minProperties", 2},
                   {"additionalProperties", false}};
  return {{"type", "array"}, {"items", entry}};
}

}  // namespace

Json physics_schema(const sdk::PhysicsInfo& info) {
  Json properties, required = Json::array();
  for (const auto& option : info.options) {
    properties[option.name] = {{"description", option.doc}, {"enum", option.choices}};
    if (!option.choices.empty()) properties[option.name]["default"] = option.choices.front();
  }
  for (const auto& coefficient : info.coefficients) {
    if (coefficient.on_boundary) continue;
    properties[coefficient.name] = coefficient_schema(coefficient);
    if (coefficient.initial.empty()) required.push_back(coefficient.name);
  }
  properties["boundary"] = boundary_schema(info);
  return {{"title", "[physics." + info.name + "]"},
          {"description", info.purpose},
          {"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", false}};
}

}  // namespace ansatz::app
