// All sections of a case, described.
#include <algorithm>
#include <iterator>

#include "engine/input/case_keys.hpp"
#include "engine/input/quantity_kinds.hpp"

namespace ansatz::input {

std::vector<KeyInfo> case_keys(const plugin::Registry& registry, const sdk::PhysicsInfo* physics) {
  std::vector<KeyInfo> sections;
  sections.push_back(
      {.name = "title", .type = KeyType::text, .doc = "what the case is", .initial = "the name of its folder"});
  sections.push_back({.name = "plugins",
                      .type = KeyType::texts,
                      .doc = "names, or paths of plugin files",
                      .required = true,
                      .least = 1});
  sections.push_back(table_info("mesh", "the domain", mesh_keys().infos()));
  sections.back().required = true;
  if (physics != nullptr) {
    auto own = table_info(physics->name, physics->purpose, physics_infos(*physics));
    own.required = true;
    sections.push_back(table_info("physics", "one equation of a plugin", {std::move(own)}));
  } else {
    sections.push_back(open_table_info("physics", "one equation of a plugin, see ansatz describe PHYSICS",
                                       {.name = "PHYSICS", .type = KeyType::table, .others = {{.name = "KEY"}}}));
  }
  sections.back().required = true;
  sections.push_back(open_table_info(
      "system", "ordinary differential equations of a plugin, in place of mesh and physics; see ansatz describe SYSTEM",
      {.name = "SYSTEM", .type = KeyType::table, .others = {{.name = "KEY"}}}));
  sections.push_back(open_table_info("parameters", "what studies vary, for expressions",
                                     table_info("NAME", "a parameter", parameter_keys().infos())));
  sections.push_back(
      open_table_info("constants", "numbers for expressions", {.name = "NAME", .type = KeyType::number}));
  sections.push_back(open_table_info("regions", "constants that differ by region",
                                     open_table_info("REGION", "", {.name = "NAME", .type = KeyType::number})));
  sections.push_back(open_table_info("tables", "functions for expressions: NAME(...)",
                                     table_info("NAME", "a table", table_keys().infos())));
  sections.push_back(open_table_info("data", "fields of other runs and programs, for expressions",
                                     table_info("NAME", "a field", data_keys().infos())));
  sections.push_back(table_info("solver", "the ansatz", solver_keys(registry).infos()));
  sections.push_back(table_info("linear", "linear systems and Newton's method", linear_keys(registry).infos()));
  sections.push_back(
      table_info("reduced", "reduced models, for solver.type = \"reduced_basis\"", reduced_keys().infos()));
  auto study = study_keys(registry, false).infos();
  std::ranges::move(sweep_keys().infos(), std::back_inserter(study));
  std::ranges::move(limits_keys().infos(), std::back_inserter(study));
  sections.push_back(table_info("study", "what the run does", std::move(study)));
  sections.push_back(table_info("policy", "a step controller to train, for systems", policy_keys(registry).infos()));
  sections.push_back(table_info("time", "time integration; a steady problem has none", time_keys(registry).infos()));
  KeyInfo field{.name = "FIELD", .type = KeyType::values};
  auto initial = table_info("initial", "fields at the start, or components of them; 0 where nothing is said",
                            {{.name = "start",
                              .type = KeyType::word,
                              .doc = "begin with the steady state for the data at the initial time",
                              .words = {"steady"}},
                             open_table_info("perturbation", "added to the steady state", field)});
  initial.others = {field};
  sections.push_back(std::move(initial));
  KeyInfo quantity = table_info("NAME", "one of these kinds", {});
  for (const auto& kind : quantity_kinds()) {
    KeyInfo own{.name = kind.name, .type = KeyType::expression, .doc = kind.takes, .required = true};
    if (kind.kind == QuantitySpec::Kind::over_time) own = quantity_key("over_time");
    own.required = true;
    std::vector<KeyInfo> keys{std::move(own)};
    for (const auto& key : kind.keys) keys.push_back(quantity_key(key));
    keys.push_back(quantity_key("unit"));
    if (kind.kind == QuantitySpec::Kind::point || kind.kind == QuantitySpec::Kind::over_time ||
        kind.kind == QuantitySpec::Kind::reaction) {
      keys[1].required = true;
    }
    quantity.alternatives.push_back(table_info(kind.name, kind.doc, std::move(keys)));
  }
  sections.push_back(open_table_info("quantities", "numbers that are computed from the solution", std::move(quantity)));
  auto output = output_keys(registry).infos();
  std::ranges::move(output_step_keys().infos(), std::back_inserter(output));
  sections.push_back(table_info("output", "fields that are written", std::move(output)));
  sections.push_back(table_info("checkpoint", "states for --restart, of runs in time", checkpoint_keys().infos()));
  return sections;
}

}  // namespace ansatz::input
