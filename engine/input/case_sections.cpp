// All sections of a case, described, and what they demand of each other.
#include <algorithm>
#include <iterator>

#include "ansatz/sdk/expression_functions.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/quantity_kinds.hpp"

namespace ansatz::input {
namespace {

/// One table of the keys of several.
KeyInfo merged(KeyInfo first, const std::vector<KeyInfo>& further) {
  for (const auto& table : further) {
    std::ranges::copy(table.keys, std::back_inserter(first.keys));
    std::ranges::copy(table.rules, std::back_inserter(first.rules));
  }
  return first;
}

/// Fields, and the components that they have on a mesh of this dimension.
std::vector<std::string> targets_of(const sdk::PhysicsInfo& physics, int dim) {
  std::vector<std::string> names;
  for (const auto& target : field_targets(physics, dim)) names.push_back(target.name);
  return names;
}

/// What names that expressions see may be.
KeyNames expression_names(const sdk::PhysicsInfo* physics) {
  KeyNames names{.must_be_identifiers = true, .taken = reserved_names()};
  if (physics == nullptr) return names;
  const int fewest_dimensions = *std::ranges::min_element(physics->dimensions);
  std::ranges::move(targets_of(*physics, fewest_dimensions), std::back_inserter(names.taken));
  for (const auto& derived : physics->derived) names.taken.push_back(derived.name);
  return names;
}

/// The kinds of a quantity.
std::vector<KeyInfo> kinds_of_quantities(const sdk::PhysicsInfo* physics) {
  using Kind = QuantitySpec::Kind;
  std::vector<KeyInfo> kinds;
  for (const auto& kind : quantity_kinds()) {
    KeyInfo own{.name = kind.name, .type = KeyType::expression, .doc = kind.takes};
    if (kind.kind == Kind::over_time) own = quantity_key("over_time");
    if (kind.kind == Kind::reaction && physics != nullptr) own.words = targets_of(*physics, 3);
    own.required = true;
    std::vector<KeyInfo> keys{std::move(own)};
    for (const auto& key : kind.keys) keys.push_back(quantity_key(key));
    keys.push_back(quantity_key("unit"));
    if (kind.kind == Kind::point || kind.kind == Kind::over_time || kind.kind == Kind::reaction)
      keys[1].required = true;
    kinds.push_back(table_info(kind.name, kind.doc, std::move(keys)));
  }
  return kinds;
}

/// [initial].
KeyInfo initial_info(const sdk::PhysicsInfo* physics) {
  KeyNames names;
  if (physics != nullptr) names.words = targets_of(*physics, 3);
  const KeyInfo field{.name = "FIELD", .type = KeyType::values};
  auto initial = table_info("initial", "fields at the start, or components of them; 0 where nothing is said",
                            {{.name = "start",
                              .type = KeyType::word,
                              .doc = "begin with the steady state for the data at the initial time",
                              .words = {"steady"}},
                             open_table_info("perturbation", "added to the steady state", field, names)});
  initial.others = {field};
  initial.rules.push_back({has("perturbation"), has("start")});
  if (physics != nullptr) initial.rules.push_back({has("start"), none_of(has_each(names.words))});
  initial.names = std::move(names);
  return initial;
}

/// Gives tables of fields their names, and keys their words, as the physics has them.
void specialise(KeyInfo& table, const sdk::PhysicsInfo& physics) {
  std::vector<std::string> fields;
  for (const auto& field : physics.fields) fields.push_back(field.name);
  const auto name_fields = [&](KeyInfo& info) {
    const bool is_open = !info.others.empty() && info.others.front().name == "FIELD";
    if (table.name == "time" && is_open) info.names.words = fields;
  };
  for (auto& key : table.keys) {
    name_fields(key);
    for (auto& alternative : key.alternatives) name_fields(alternative);
    if (table.name == "solver" && key.name == "stabilisation" && !physics.has_stabilisation) key.words = {"none"};
    if (table.name == "output" && key.name == "fields") {
      key.words = fields;
      for (const auto& derived : physics.derived) key.words.push_back(derived.name);
    }
  }
}

}  // namespace

const char* const beyond_schemas =
    "What a schema cannot say is left to `ansatz check`: that 1.0 is no integer; that numbers are in an order (ranges, "
    "times, positions of tables) or within the range of another key; that names are those of parameters, quantities, "
    "regions, boundaries, files or plugins that are there, and in one place only; how many components a vector has in "
    "the dimension of the mesh; lists of equal lengths; what an expression says.";

const std::vector<std::string>& reserved_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list{"x", "y", "z", "t", "pi", "and", "or", "not"};
    for (const auto& function : sdk::expression_functions()) list.emplace_back(function.name);
    return list;
  }();
  return names;
}

std::vector<KeyInfo> case_keys(const plugin::Registry& registry, const sdk::PhysicsInfo* physics) {
  std::vector<KeyInfo> sections;
  sections.push_back(
      {.name = "title", .type = KeyType::text, .doc = "what the case is", .initial = "the name of its folder"});
  sections.push_back({.name = "plugins",
                      .type = KeyType::texts,
                      .doc = "names, or paths of plugin files",
                      .required = true,
                      .least = 1});
  sections.push_back(mesh_keys().table("mesh", "the domain"));
  if (physics != nullptr) {
    sections.back().required = true;
    auto own = table_info(physics->name, physics->purpose, physics_infos(*physics));
    own.required = true;
    sections.push_back(table_info("physics", "one equation of a plugin", {std::move(own)}));
    sections.back().required = true;
  } else {
    const KeyInfo any{.name = "KEY", .type = KeyType::any};
    sections.push_back(open_table_info("physics", "one equation of a plugin, see ansatz describe PHYSICS",
                                       open_table_info("PHYSICS", "", any)));
    sections.back().least = sections.back().most = 1;
    sections.push_back(open_table_info(
        "system",
        "ordinary differential equations of a plugin, in place of mesh and physics; see ansatz describe SYSTEM",
        open_table_info("SYSTEM", "", any)));
    sections.back().least = sections.back().most = 1;
  }
  const auto names = expression_names(physics);
  sections.push_back(open_table_info("parameters", "what studies vary, for expressions",
                                     parameter_keys().table("NAME", "a parameter"), names));
  sections.push_back(
      open_table_info("constants", "numbers for expressions", {.name = "NAME", .type = KeyType::number}, names));
  sections.push_back(open_table_info("regions", "constants that differ by region",
                                     open_table_info("REGION", "", {.name = "NAME", .type = KeyType::number}, names)));
  sections.push_back(
      open_table_info("tables", "functions for expressions: NAME(...)", table_keys().table("NAME", "a table"), names));
  sections.push_back(open_table_info("data", "fields of other runs and programs, for expressions",
                                     data_keys().table("NAME", "a field"), names));
  sections.push_back(solver_keys(registry).table("solver", "the ansatz"));
  sections.push_back(linear_keys(registry).table("linear", "linear systems and Newton's method"));
  sections.push_back(reduced_keys().table("reduced", "reduced models, for solver.type = \"reduced_basis\""));
  sections.push_back(merged(study_keys(registry, false).table("study", "what the run does"),
                            {sweep_keys().table("", ""), limits_keys().table("", ""), gradient_keys().table("", "")}));
  if (physics == nullptr)
    sections.push_back(policy_keys(registry).table("policy", "a step controller to train, for systems"));
  sections.push_back(time_keys(registry).table("time", "time integration; a steady problem has none"));
  sections.push_back(initial_info(physics));
  KeyInfo quantity = table_info("NAME", "one of these kinds", {});
  quantity.alternatives = kinds_of_quantities(physics);
  sections.push_back(open_table_info("quantities", "numbers that are computed from the solution", std::move(quantity)));
  if (physics != nullptr) {
    for (const auto& declared : physics->quantities) sections.back().names.taken.push_back(declared.name);
  }
  sections.push_back(
      merged(output_keys(registry).table("output", "fields that are written"), {output_step_keys().table("", "")}));
  sections.push_back(checkpoint_keys().table("checkpoint", "states for --restart, of runs in time"));
  sections.push_back(certify_keys().table("certify", "how wrong the answer of the ansatz is"));
  sections.push_back(compare_keys(registry).table("compare", "what `ansatz compare` looks at"));
  if (physics != nullptr) {
    for (auto& section : sections) specialise(section, *physics);
  }
  return sections;
}

std::vector<KeyRule> case_rules(const sdk::PhysicsInfo* physics) {
  const auto some = [](const std::string& key, KeyType type) {
    return fits(key, {.name = key, .type = type, .least = 1});
  };
  const auto is_reduced = is("solver.type", {"reduced_basis"});
  const auto tabulates = is("study.type", {"sweep", "limits"});
  const KeyInfo any{.name = "KEY", .type = KeyType::any};
  auto parameters = open_table_info("parameters", "", any);
  parameters.least = 1;
  const auto has_parameters = fits("parameters", parameters);
  auto not_over_time = open_table_info("NAME", "", any);
  not_over_time.rules.push_back({{}, none_of({has("over_time")})});

  std::vector<KeyRule> rules;
  rules.push_back({any_of(has_each({"output.at", "checkpoint", "initial.start"})), has("time")});
  rules.push_back({all_of({none_of({has("time")}), has("quantities")}),
                   fits("quantities", open_table_info("quantities", "", not_over_time))});
  rules.push_back({tabulates, all_of({has_parameters, none_of({has("time")})})});
  rules.push_back({is("study.type", {"limits"}), none_of({is_reduced})});
  rules.push_back({is("study.type", {"gradient"}), has_parameters});
  rules.push_back(
      {is_reduced,
       all_of({has_parameters,
               none_of({any_of(has_each({"time.relative_tolerance", "time.absolute_tolerance", "solver.continuation"})),
                        fits("time.end_event", {.name = "", .pattern = ".+"}), some("time.stops", KeyType::numbers),
                        some("time.events", KeyType::texts)})})});
  rules.push_back({all_of({has("solver.continuation"), has("time")}), has("initial.start")});
  rules.push_back(
      {fits("certify.calibration", {.name = "calibration", .type = KeyType::integer, .range = {1.0, double(many)}}),
       all_of({has_parameters, has("solver.type"), none_of({is("solver.type", {"fem", "reduced_basis"})}),
               none_of(has_each({"time.relative_tolerance", "time.absolute_tolerance"}))})});
  if (physics != nullptr) {
    rules.push_back({is("study.type", {"train"}), is_reduced});
    return rules;
  }
  const auto is_system = has("system");
  rules.push_back({{}, one_of({is_system, all_of(has_each({"mesh", "physics"}))})});
  rules.push_back(
      {is_system, all_of({has("time"),
                          none_of(has_each({"mesh", "physics", "parameters", "constants", "regions", "tables", "data",
                                            "solver", "linear", "reduced", "certify", "compare", "quantities",
                                            "output.fields", "output.layout", "time.events"})),
                          none_of({tabulates})})});
  rules.push_back({has("policy"), is_system});
  rules.push_back({is("study.type", {"train"}), any_of({is_reduced, has("policy")})});
  return rules;
}

}  // namespace ansatz::input
