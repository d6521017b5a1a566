#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

namespace fs = std::filesystem;

std::string key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-');
  });
  return bare ? name : toml_string(name);
}

/// Shortest text that reads back as the same number.
std::string number(double x) { return fmt::format("{}", x + 0.0); }  // zero has no sign

std::string component(const std::string& text) {
  const auto x = as_number(text);
  return x && fmt::format("{:.17g}", *x) == text ? number(*x) : toml_string(text);
}

template <class List, class Print>
std::string list(const List& entries, const Print& print) {
  std::string out = "[";
  for (const auto& entry : entries) out += (out.size() > 1 ? ", " : "") + print(entry);
  return out + "]";
}

std::string value(const Value& v) {
  return v.components.size() == 1 ? component(v.components[0]) : list(v.components, component);
}

std::string strings(const std::vector<std::string>& words) { return list(words, toml_string); }

std::string coefficient(const CoefficientSpec& spec) {
  if (!spec.block_values.empty()) {
    return fmt::format("{{ by_block = [{}], values = {} }}", fmt::join(spec.blocks, ", "),
                       list(spec.block_values, value));
  }
  if (spec.by_region.empty()) return value(*spec.everywhere);
  std::string regions;
  for (const auto& [region, v] : spec.by_region)
    regions += (regions.empty() ? "" : ", ") + key(region) + " = " + value(v);
  const auto otherwise = spec.everywhere ? ", default = " + value(*spec.everywhere) : "";
  return fmt::format("{{ by_region = {{ {} }}{} }}", regions, otherwise);
}

/// Lines of one case. Each section begins with an empty line.
class Writer {
 public:
  void section(const std::string& name) { out_ += "\n[" + name + "]\n"; }
  void line(const std::string& name, const std::string& text, const std::string& comment = {}) {
    out_ += key(name) + " = " + text + (comment.empty() ? "" : "  # " + comment) + "\n";
  }
  void remark(const std::string& text) { out_ += "# " + text + "\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

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

void write_mesh(Writer& to, const Case& parsed) {
  constexpr const char* patterns[] = {"right", "left", "crossed"};
  const auto& mesh = parsed.mesh;
  to.section("mesh");
  if (mesh.box) {
    const auto& box = *mesh.box;
    std::string text = fmt::format("{{ origin = {}, size = {}, cells = [{}], cell = \"{}\"", list(box.origin, number),
                                   list(box.size, number), fmt::join(box.cells, ", "), mesh::topology(box.cell).name);
    if (box.cell == mesh::CellType::triangle)
      text += fmt::format(", pattern = \"{}\"", patterns[static_cast<int>(box.pattern)]);
    to.line("box", text + fmt::format(", periodic = {} }}",
                                      list(box.periodic, [](bool b) { return std::string(b ? "true" : "false"); })));
  } else {
    to.line("file", toml_string(absolute_path(parsed, mesh.file)));
    if (!mesh.reader.empty()) to.line("reader", toml_string(mesh.reader));
    to.line("geometry_degree", std::to_string(mesh.geometry_degree), "0: as in the file");
    to.line("size_factor", number(mesh.size_factor));
  }
  to.line("refine", std::to_string(mesh.refine));
  to.line("scale", number(mesh.scale));
  if (mesh.map) to.line("map", value(*mesh.map));
}

void write_physics(Writer& to, const Case& parsed, const sdk::PhysicsInfo& info) {
  const auto& physics = parsed.physics;
  to.section("physics." + key(physics.name));
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
    entries += fmt::format("  {{ on = {}", strings(entry.on));
    for (const auto& [name, v] : entry.values) entries += ", " + key(name) + " = " + value(v);
    entries += " },\n";
  }
  to.line("boundary", "[\n" + entries + "]");
}

void write_names(Writer& to, const Case& parsed) {
  for (const auto& [name, p] : parsed.parameters) {
    to.section("parameters." + key(name));
    to.line("range", fmt::format("[{}, {}]", number(p.low), number(p.high)));
    to.line("default", number(p.initial));
    if (p.extrapolate) to.line("extrapolate", "true");
    if (p.logarithmic) to.line("logarithmic", "true");
    to.line("unit", toml_string(p.unit));
    if (!p.doc.empty()) to.line("doc", toml_string(p.doc));
  }
  if (!parsed.constants.empty()) to.section("constants");
  for (const auto& [name, x] : parsed.constants) to.line(name, number(x));
  for (const auto& [region, constants] : parsed.region_constants) {
    to.section("regions." + key(region));
    for (const auto& [name, x] : constants) to.line(name, number(x));
  }
  for (const auto& [name, table] : parsed.tables) {
    to.section("tables." + key(name));
    to.line("x", list(table.x, number));
    to.line("y", list(table.y, number));
  }
  for (const auto& [name, data] : parsed.data) {
    to.section("data." + key(name));
    to.line("file", toml_string(absolute_path(parsed, data.file)));
    to.line("field", toml_string(data.field));
    to.line("component", std::to_string(data.component));
    if (data.time) {
      to.line("time", number(*data.time));
    } else {
      to.remark("time = the last step");
    }
  }
}

std::string training_set(const TrainingSpec& training) {
  return training.kind == "grid" ? fmt::format("{{ grid = {} }}", training.count)
                                 : fmt::format("{{ {} = {}, seed = {} }}", training.kind, training.count, training.seed);
}

void write_reduced(Writer& to, const Case& parsed) {
  if (parsed.solver.type != "reduced_basis") return;
  const auto& reduced = parsed.reduced;
  to.section("reduced");
  to.line("method", toml_string(reduced.method));
  to.line("training", training_set(reduced.training));
  to.line("adaptive", reduced.adaptive ? "true" : "false");
  to.line("tolerance", number(reduced.tolerance));
  to.line("max_size", std::to_string(reduced.max_size));
  std::string reference;
  for (const auto& [name, value] : reduced.reference) reference += fmt::format("{}{} = {}", reference.empty() ? "" : ", ", name, number(value));
  to.line("reference", "{ " + reference + " }", "others: their defaults when the model is trained");
  to.line("interpolation", fmt::format("{{ tolerance = {}, max_terms = {}, training = {} }}", number(reduced.interpolation.tolerance),
                                       reduced.interpolation.max_terms, training_set(reduced.interpolation.training)));
  to.line("separation", toml_string(reduced.separation.empty() ? "automatic" : reduced.separation));
  to.line("product", toml_string(reduced.product));
  if (reduced.length > 0.0) {
    to.line("length", number(reduced.length));
  } else {
    to.remark("length = the size of the domain");
  }
  to.line("stability", toml_string(reduced.stability.empty() ? "automatic" : reduced.stability));
  std::string pairs;
  for (const auto& [real, imaginary] : reduced.pairs)
    pairs += fmt::format("{}[{}, {}]", pairs.empty() ? "" : ", ", toml_string(real), toml_string(imaginary));
  to.line("pairs", "[" + pairs + "]");
  to.line("residual", toml_string(reduced.residual));
  if (reduced.outputs) {
    to.line("outputs", strings(*reduced.outputs));
  } else {
    to.remark("outputs = all quantities that are linear");
  }
  to.line("dual", strings(reduced.dual));
  to.line("output_tolerance", number(reduced.output_tolerance.value_or(reduced.tolerance)));
  to.line("model", toml_string(reduced.model));
}

void write_study(Writer& to, const Case& parsed) {
  const auto& [type, sweep] = parsed.study;
  if (parsed.solver.type != "reduced_basis" && type == "solve") return;
  to.section("study");
  to.line("type", toml_string(type));
  if (type != "sweep") return;
  const auto table = [&](const auto& entries, const auto& print) {
    std::string out;
    for (const auto& [name, entry] : entries) out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", key(name), print(entry));
    return "{ " + out + " }";
  };
  const auto numbers = [](const std::vector<double>& values) { return list(values, number); };
  to.line("points", sweep.values.empty() ? training_set(sweep.points) : "{ values = " + table(sweep.values, numbers) + " }");
  to.line("fixed", table(sweep.fixed, number));
  to.line("file", toml_string(sweep.file));
}

void write_checkpoint(Writer& to, const CheckpointSpec& checkpoint) {
  to.section("checkpoint");
  to.line("every", std::to_string(checkpoint.every), "steps; 0: by time");
  to.line("minutes", number(checkpoint.minutes), "of wall time; 0: by steps");
}

void write_system(Writer& to, const SystemSpec& system) {
  to.section("system." + key(system.name));
  for (const auto& parameter : system.parameters.schema().parameters()) {
    const auto& name = parameter.name;
    const auto unit = parameter.unit == "1" ? std::string() : parameter.unit;
    switch (parameter.initial.index()) {
      case 0: to.line(name, system.parameters.boolean(name) ? "true" : "false"); break;
      case 1: to.line(name, std::to_string(system.parameters.integer(name)), unit); break;
      case 2: to.line(name, number(system.parameters.number(name)), unit); break;
      case 3: to.line(name, toml_string(system.parameters.string(name))); break;
      case 4: to.line(name, list(system.parameters.numbers(name), number), unit); break;
      default: to.line(name, strings(system.parameters.strings(name))); break;
    }
  }
  if (system.initial.empty()) return;
  to.section("initial");
  for (const auto& [name, value] : system.initial) to.line(name, number(value));
}

void write_time(Writer& to, const TimeSpec& time) {
  to.section("time");
  to.line("method", toml_string(time.method));
  to.line("start", number(time.start), "s");
  to.line("end", number(time.end), "s");
  if (!time.stops.empty()) to.line("stops", list(time.stops, number), "s");
  to.line("jacobian", toml_string(time.jacobian));
  if (!time.events.empty()) to.line("events", list(time.events, toml_string));
  if (!time.end_event.empty()) to.line("end_event", toml_string(time.end_event));
  to.line("mass", time.lumped_mass ? "\"lumped\"" : "\"consistent\"");
  if (!time.adaptive()) return to.line("step", number(time.step), "s");
  const auto of_fields = [](const std::map<std::string, double>& values) {
    std::string out;
    for (const auto& [name, value] : values) out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", key(name), number(value));
    return "{ " + out + " }";
  };
  to.line("relative_tolerance", number(*time.relative_tolerance));
  to.line("absolute_tolerance", time.absolute_tolerances.empty() ? number(time.absolute_tolerance)
                                                                 : of_fields(time.absolute_tolerances));
  if (!time.weights.empty()) to.line("weights", of_fields(time.weights));
  if (time.controller != "rl" && time.controller != "bandit") {
    to.line("controller", toml_string(time.controller));
  } else {
    to.line("controller", fmt::format("{{ type = {}{}{} }}", toml_string(time.controller),
                                      time.controller_model.empty() ? "" : ", model = " + toml_string(time.controller_model),
                                      time.controller == "bandit" ? fmt::format(", seed = {}", time.controller_seed) : ""));
  }
  to.line("limits", toml_string(time.limits));
  if (time.first_step > 0.0) to.line("first_step", number(time.first_step), "s");
  if (time.min_step > 0.0) to.line("min_step", number(time.min_step), "s");
  if (time.max_step) to.line("max_step", as_number(time.max_step->components[0]) ? time.max_step->components[0] : toml_string(time.max_step->components[0]), "s");
}

void write_solution(Writer& to, const Case& parsed) {
  const auto or_automatic = [](const std::string& word) { return toml_string(word.empty() ? "automatic" : word); };
  const auto& solver = parsed.solver;
  to.section("solver");
  to.line("type", toml_string(solver.type));
  to.line("order", std::to_string(solver.order));
  if (solver.quadrature_degree) {
    to.line("quadrature_degree", std::to_string(*solver.quadrature_degree));
  } else {
    to.remark("quadrature_degree = automatic");
  }
  to.line("stabilisation", solver.stabilise ? "\"supg\"" : "\"none\"");
  if (solver.continuation) {
    to.line("continuation", fmt::format("{{ parameter = {}, from = {} }}", toml_string(solver.continuation->parameter),
                                        number(solver.continuation->from)));
  }
  const auto& linear = parsed.linear;
  to.section("linear");
  to.line("solver", or_automatic(linear.solver));
  to.line("preconditioner", or_automatic(linear.preconditioner));
  if (linear.relative_tolerance) {
    to.line("relative_tolerance", number(*linear.relative_tolerance));
  } else {
    to.remark("relative_tolerance = automatic: 1e-10, in Newton's method for nonlinear problems from 1e-2 to 1e-5 as it converges");
  }
  to.line("absolute_tolerance", number(linear.absolute_tolerance));
  to.line("max_iterations", std::to_string(linear.max_iterations));
  to.line("newton_relative_tolerance", number(linear.newton_relative_tolerance));
  to.line("newton_absolute_tolerance", number(linear.newton_absolute_tolerance));
  to.line("newton_correction_tolerance", number(linear.newton_correction_tolerance));
  to.line("newton_max_iterations", std::to_string(linear.newton_max_iterations));
  to.line("line_search", toml_string(linear.line_search));
  to.line("jacobian", linear.lagged_jacobian ? "\"lagged\"" : "\"exact\"");
  to.line("petsc", toml_string(linear.petsc));
  write_reduced(to, parsed);
  write_study(to, parsed);
  if (!parsed.time) return;
  write_time(to, *parsed.time);
}

std::string quantity(const QuantitySpec& q) {
  constexpr const char* kinds[] = {"point", "mean", "integral", "reaction", "norm", "maximum", "minimum",
                                   "formula", "over_time"};
  if (q.kind == QuantitySpec::Kind::over_time) {
    return fmt::format("{{ over_time = {}, of = {}, after = {}{} }}", toml_string(q.statistic), toml_string(q.of),
                       number(q.after), q.unit.empty() ? "" : ", unit = " + toml_string(q.unit));
  }
  std::string out = fmt::format("{{ {} = {}", kinds[static_cast<int>(q.kind)], component(q.expression));
  if (q.kind == QuantitySpec::Kind::point) out += ", at = " + list(q.point, number);
  if (!q.region.empty()) out += ", region = " + toml_string(q.region);
  if (!q.on.empty()) out += ", on = " + toml_string(q.on);
  if (q.kind == QuantitySpec::Kind::norm) out += ", type = " + toml_string(q.norm);
  if (!q.unit.empty()) out += ", unit = " + toml_string(q.unit);
  return out + " }";
}

void write_output_steps(Writer& to, const OutputSpec& output) {
  if (output.every > 0) to.line("every", std::to_string(output.every), "steps");
  if (!output.times.empty()) to.line("at", list(output.times, number), "s");
}

void write_results(Writer& to, const Case& parsed) {
  const auto& initial = parsed.initial;
  if (initial.steady || !initial.values.empty()) to.section("initial");
  if (initial.steady) to.line("start", toml_string("steady"));
  for (const auto& [name, v] : initial.values) to.line(name, value(v));
  if (!initial.perturbation.empty()) to.section("initial.perturbation");
  for (const auto& [name, v] : initial.perturbation) to.line(name, value(v));
  if (!parsed.quantities.empty()) to.section("quantities");
  for (const auto& q : parsed.quantities) to.line(q.name, quantity(q));
  to.section("output");
  to.line("fields", strings(parsed.output.fields));
  to.line("layout", toml_string(parsed.output.layout));
  write_output_steps(to, parsed.output);
  if (parsed.time) write_checkpoint(to, parsed.checkpoint);
}

}  // namespace

std::string effective_toml(const Case& parsed, const sdk::PhysicsInfo* physics, const plugin::Registry& registry) {
  Writer to;
  to.remark("The case after overrides and with all defaults; it can be run again.");
  to.line("title", toml_string(parsed.title));
  to.line("plugins", strings(plugin_names(parsed, registry)));
  if (parsed.system) {
    write_system(to, *parsed.system);
    write_time(to, *parsed.time);
    to.section("output");
    write_output_steps(to, parsed.output);
    write_checkpoint(to, parsed.checkpoint);
    return to.take();
  }
  write_mesh(to, parsed);
  write_physics(to, parsed, *physics);
  write_names(to, parsed);
  write_solution(to, parsed);
  write_results(to, parsed);
  return to.take();
}

}  // namespace ansatz::input
