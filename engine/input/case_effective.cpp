#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/input/case_keys.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/quantity_kinds.hpp"

namespace ansatz::input {
namespace {

namespace fs = std::filesystem;

std::string coefficient(const CoefficientSpec& spec) {
  if (!spec.block_values.empty()) {
    return fmt::format("{{ by_block = [{}], values = {} }}", fmt::join(spec.blocks, ", "),
                       toml_list(spec.block_values, toml_value));
  }
  if (spec.by_region.empty()) return toml_value(*spec.everywhere);
  std::string regions;
  for (const auto& [region, v] : spec.by_region)
    regions += (regions.empty() ? "" : ", ") + toml_key(region) + " = " + toml_value(v);
  const auto otherwise = spec.everywhere ? ", default = " + toml_value(*spec.everywhere) : "";
  return fmt::format("{{ by_region = {{ {} }}{} }}", regions, otherwise);
}

/// Path that is right from any folder.
std::string absolute_path(const Case& parsed, const std::string& file) {
  return (fs::absolute(parsed.path).parent_path() / file).lexically_normal().string();
}

/// Plugins that lie beside the case or were given by path, by their path; the others by name.
std::vector<std::string> plugin_names(const Case& parsed, const plugin::Registry& registry) {
  std::vector<std::string> out;
  const auto folder = fs::absolute(parsed.path).parent_path().lexically_normal();
  for (const auto& name : parsed.plugins) {
    const auto beside = folder / (name + plugin::file_suffix);
    const bool is_beside = std::any_of(registry.plugins().begin(), registry.plugins().end(),
                                       [&](const auto& plugin) { return plugin.path == beside.string(); });
    const bool is_path = name.find('/') != std::string::npos;
    out.push_back(is_path ? fs::absolute(name).lexically_normal().string() : is_beside ? beside.string() : name);
  }
  return out;
}

/// With paths that are right from any folder.
template <class Spec>
Spec with_absolute_file(const Case& parsed, Spec spec) {
  if (!spec.file.empty()) spec.file = absolute_path(parsed, spec.file);
  return spec;
}

void write_physics(TomlWriter& to, const Case& parsed, const sdk::PhysicsInfo& info) {
  const auto& physics = parsed.physics;
  to.section("physics." + toml_key(physics.name));
  for (const auto& option : info.options) {
    to.line(option.name, toml_string(physics.options.at(option.name)),
            fmt::format("one of {}", fmt::join(option.choices, ", ")));
  }
  for (const auto& declared : info.coefficients) {
    const auto found = physics.coefficients.find(declared.name);
    if (found == physics.coefficients.end()) continue;
    const auto range = declared.range.text();
    to.line(declared.name, coefficient(found->second), declared.unit + (range == "any" ? "" : ", " + range));
  }
  if (physics.boundary.empty()) return;
  std::string entries;
  for (const auto& entry : physics.boundary) {
    entries += fmt::format("  {{ on = {}", toml_strings(entry.on));
    for (const auto& [name, v] : entry.values) entries += ", " + toml_key(name) + " = " + toml_value(v);
    entries += " },\n";
  }
  to.line("boundary", "[\n" + entries + "]");
}

void write_names(TomlWriter& to, const Case& parsed) {
  for (const auto& [name, parameter] : parsed.parameters) {
    to.section("parameters." + toml_key(name));
    parameter_keys().write(to, parameter);
  }
  if (!parsed.constants.empty()) to.section("constants");
  for (const auto& [name, x] : parsed.constants) to.line(name, toml_number(x));
  for (const auto& [region, constants] : parsed.region_constants) {
    to.section("regions." + toml_key(region));
    for (const auto& [name, x] : constants) to.line(name, toml_number(x));
  }
  for (const auto& [name, table] : parsed.tables) {
    to.section("tables." + toml_key(name));
    table_keys().write(to, table);
  }
  for (const auto& [name, data] : parsed.data) {
    to.section("data." + toml_key(name));
    data_keys().write(to, with_absolute_file(parsed, data));
  }
}

void write_study(TomlWriter& to, const Case& parsed, const plugin::Registry& registry) {
  if (!parsed.solver.info.trains && parsed.study.type == "solve") return;
  to.section("study");
  study_keys(registry, false).write(to, parsed.study);
  if (parsed.study.has_points()) sweep_keys().write(to, parsed.study.sweep);
  if (parsed.study.type == "limits") limits_keys().write(to, parsed.study.limits);
  if (parsed.study.type == "gradient") gradient_keys().write(to, parsed.study.gradient);
}

void write_system(TomlWriter& to, const SystemSpec& system) {
  to.section("system." + toml_key(system.name));
  write_options(to, system.parameters);
  if (system.initial.empty()) return;
  to.section("initial");
  for (const auto& [name, value] : system.initial) to.line(name, toml_number(value));
}

void write_time(TomlWriter& to, const TimeSpec& time, const plugin::Registry& registry) {
  to.section("time");
  time_keys(registry).write(to, time);
}

/// [study] and [policy] of a system that has a controller to train.
void write_policy(TomlWriter& to, const Case& parsed, const plugin::Registry& registry) {
  if (!parsed.policy) return;
  to.section("study");
  study_keys(registry, true).write(to, parsed.study);
  to.section("policy");
  policy_keys(registry).write(to, *parsed.policy);
  to.section("policy.options");
  write_options(to, *parsed.policy->options);
}

void write_checkpoint(TomlWriter& to, const CheckpointSpec& checkpoint) {
  to.section("checkpoint");
  checkpoint_keys().write(to, checkpoint);
}

void write_solution(TomlWriter& to, const Case& parsed, const plugin::Registry& registry) {
  to.section("solver");
  solver_keys(registry).write(to, parsed.solver);
  to.section("linear");
  const auto& linear = parsed.linear;
  linear_keys(registry).write(to, linear);
  if (linear.preconditioner_options) {
    to.section("linear." + linear.preconditioner);
    write_options(to, *linear.preconditioner_options);
  }
  if (linear.tuner_options) {
    to.section("linear." + linear.tuner);
    write_options(to, *linear.tuner_options);
  }
  if (parsed.solver.type == "reduced_basis") {
    to.section("reduced");
    reduced_keys().write(to, parsed.reduced);
  }
  write_study(to, parsed, registry);
  if (parsed.time) write_time(to, *parsed.time, registry);
}

std::string quantity(const QuantitySpec& q) {
  const auto& kind = quantity_kind(q.kind);
  const auto unit = q.unit.empty() ? "" : ", unit = " + toml_string(q.unit);
  if (q.kind == QuantitySpec::Kind::over_time) {
    return fmt::format("{{ over_time = {}, of = {}, after = {}{} }}", toml_string(q.statistic), toml_string(q.of),
                       toml_number(q.after), unit);
  }
  std::string out = fmt::format("{{ {} = {}", kind.name, toml_expression(q.expression));
  if (q.kind == QuantitySpec::Kind::point) out += ", at = " + toml_numbers(q.point);
  if (!q.region.empty()) out += ", region = " + toml_string(q.region);
  if (!q.on.empty()) out += ", on = " + toml_string(q.on);
  if (q.kind == QuantitySpec::Kind::norm) out += ", type = " + toml_string(q.norm);
  return out + unit + " }";
}

void write_results(TomlWriter& to, const Case& parsed, const plugin::Registry& registry) {
  const auto& initial = parsed.initial;
  if (initial.steady || !initial.values.empty()) to.section("initial");
  if (initial.steady) to.line("start", toml_string("steady"));
  for (const auto& [name, v] : initial.values) to.line(name, toml_value(v));
  if (!initial.perturbation.empty()) to.section("initial.perturbation");
  for (const auto& [name, v] : initial.perturbation) to.line(name, toml_value(v));
  if (!parsed.quantities.empty()) to.section("quantities");
  for (const auto& q : parsed.quantities) to.line(q.name, quantity(q));
  to.section("output");
  output_keys(registry).write(to, parsed.output);
  output_step_keys().write(to, parsed.output);
  if (parsed.time) write_checkpoint(to, parsed.checkpoint);
  if (parsed.certify) {
    to.section("certify");
    certify_keys().write(to, *parsed.certify);
  }
  if (parsed.compare) {
    to.section("compare");
    compare_keys(registry).write(to, *parsed.compare);
  }
}

}  // namespace

std::string effective_toml(const Case& parsed, const sdk::PhysicsInfo* physics, const plugin::Registry& registry) {
  TomlWriter to;
  to.remark("The case after overrides and with all defaults; it can be run again.");
  to.line("title", toml_string(parsed.title));
  to.line("plugins", toml_strings(plugin_names(parsed, registry)));
  if (parsed.system) {
    write_system(to, *parsed.system);
    write_time(to, *parsed.time, registry);
    write_policy(to, parsed, registry);
    to.section("output");
    output_step_keys().write(to, parsed.output);
    write_checkpoint(to, parsed.checkpoint);
    return to.take();
  }
  to.section("mesh");
  mesh_keys().write(to, with_absolute_file(parsed, parsed.mesh));
  write_physics(to, parsed, *physics);
  write_names(to, parsed);
  write_solution(to, parsed, registry);
  write_results(to, parsed, registry);
  return to.take();
}

}  // namespace ansatz::input
