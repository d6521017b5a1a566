#include <fmt/core.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/describe_parts.hpp"
#include "engine/app/show.hpp"
#include "engine/input/case_options.hpp"
#include "engine/input/solver_infos.hpp"

namespace ansatz::app {
namespace {

const char* shape_name(sdk::Shape shape) {
  constexpr const char* names[] = {"scalar", "vector", "tensor", "symmetric tensor"};
  return names[static_cast<int>(shape)];
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// "physics a, b; mesh readers c" of one plugin, or of all where `plugin` is empty.
template <class List>
std::string names_of(const char* kind, const List& offers, const std::string& plugin) {
  std::string out;
  for (const auto& offer : offers) {
    if (offer.plugin == plugin) out += (out.empty() ? std::string(kind) + " " : ", ") + offer.name;
  }
  return out;
}

std::string offered_by(const plugin::Registry& registry, const std::string& plugin) {
  std::string out;
  const auto& offers = registry.offers();
  for (const auto& part :
       {names_of("physics", offers.physics, plugin), names_of("mesh reader", offers.mesh_readers, plugin),
        names_of("visual writer", offers.visual_writers, plugin),
        names_of("policy learner", offers.policy_learners, plugin), names_of("system", offers.ode_systems, plugin),
        names_of("time integrator", offers.time_methods, plugin), names_of("ansatz", offers.solvers, plugin),
        names_of("study", offers.studies, plugin), names_of("preconditioner", offers.preconditioners, plugin),
        names_of("tuner", offers.tuners, plugin)}) {
    if (!part.empty()) out += (out.empty() ? "" : "; ") + part;
  }
  return out.empty() ? "nothing" : out;
}

template <class List>
const auto* find_named(const List& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::string default_text(const sdk::CoefficientInfo& info) {
  if (info.on_boundary) return "per boundary entry";
  return info.initial.empty() ? "required" : fmt::format("default {}", info.initial[0]);
}

void print_physics(const sdk::PhysicsInfo& info) {
  show("physics {} {}: {}\n", info.name, info.version, info.purpose);
  show("  dimensions {}; {}boundary terms; {}stabilisation\n", fmt::join(info.dimensions, ", "),
       info.has_boundary_terms ? "" : "no ", info.has_stabilisation ? "" : "no ");
  std::vector<std::vector<std::string>> rows;
  for (const auto& f : info.fields) rows.push_back({f.name, shape_name(f.shape), f.unit});
  print_table("fields (unknowns; given in boundary entries and [initial])", rows);
  rows.clear();
  for (const auto& c : info.coefficients) {
    rows.push_back({c.name, shape_name(c.shape), c.unit, c.range.text(), default_text(c), c.doc});
  }
  print_table("coefficients (keys of the section: number, expression, list, by_region, by_block)", rows);
  rows.clear();
  for (const auto& o : info.options) rows.push_back({o.name, fmt::format("{}", fmt::join(o.choices, " | ")), o.doc});
  print_table("options (the first choice is the default)", rows);
  rows.clear();
  for (const auto& d : info.derived) rows.push_back({d.name, shape_name(d.shape), d.unit, d.doc});
  print_table("derived fields (for [output] and [quantities])", rows);
  rows.clear();
  for (const auto& q : info.quantities) rows.push_back({q.name, q.unit, q.doc});
  print_table("quantities (densities, integrated over the domain)", rows);
}

void print_options(const sdk::ParameterSchema& schema) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& p : schema.parameters()) {
    const auto range = p.choices.empty() ? p.range.text() : fmt::format("{}", fmt::join(p.choices, " | "));
    rows.push_back({p.name, p.unit, range, "default " + input::option_text(p.initial), p.doc});
  }
  print_table("options", rows);
}

/// An ansatz: what it is for, and its options.
void print_solver(const sdk::SolverInfo& info, const std::string& plugin) {
  constexpr const char* in_time[] = {"", "in time with steps of one length", "in time"};
  std::vector<std::string> problems;
  if (info.steady) problems.emplace_back("steady");
  if (info.in_time != sdk::SolverInfo::Time::none) problems.emplace_back(in_time[static_cast<int>(info.in_time)]);
  show("ansatz {}: {}\n  plugin    {}\n  problems  {}{}\n  model     {}\n  use       [solver] type = \"{}\"\n",
       info.name, info.doc, plugin, fmt::join(problems, ", "), info.needs_parameters ? ", with parameters" : "",
       info.trains ? "trained, in a file" : "none", info.name);
  if (!info.options.parameters().empty()) print_options(info.options);
}

/// A preconditioner or a tuner.
template <class Offer>
void print_linear(const char* key, const Offer& offer) {
  show("{} {}: {}\n  plugin  {}\n  use     [linear] {} = \"{}\"; its options are keys of [linear.{}]\n", key,
       offer.name, offer.doc, offer.plugin, key, offer.name, offer.name);
  print_options(offer.options);
}

void print_plugin(const plugin::Plugin& plugin, const plugin::Registry& registry) {
  show("plugin {} {}: {}\n  author   {}\n  licence  {}\n  file     {}\n  checksum {:016x}\n  offers   {}\n",
       plugin.name, plugin.version, plugin.purpose, plugin.author, plugin.licence, plugin.path, plugin.checksum,
       offered_by(registry, plugin.name));
}

/// Prints whatever has the name; false if nothing has.
bool print_named(const std::string& name, const plugin::Registry& registry) {
  const auto& offers = registry.offers();
  bool found = false;
  const auto separate = [&] {
    if (found) show("\n");
    found = true;
  };
  if (name == "case") {
    separate();
    print_case_keys(registry);
  }
  if (name == "time") {
    separate();
    print_time_methods(registry);
  }
  if (const auto* plugin = registry.find_plugin(name)) {
    separate();
    print_plugin(*plugin, registry);
  }
  for (const auto& offer : offers.physics) {
    if (offer.name != name && offer.plugin != name) continue;
    separate();
    print_physics(offer.create()->info());
  }
  for (const auto& offer : offers.ode_systems) {
    if (offer.name != name && offer.plugin != name) continue;
    separate();
    print_system(offer);
  }
  if (const auto* reader = find_named(offers.mesh_readers, name)) {
    separate();
    show("mesh reader {}: {}\n  endings {}\n  plugin  {}\n", name, reader->doc,
         fmt::join(reader->create()->extensions(), " "), reader->plugin);
  }
  if (const auto* writer = find_named(offers.visual_writers, name)) {
    separate();
    show("visual writer {}: {}\n  plugin  {}\n  use     [output] layout = \"{}\"\n", name, writer->doc, writer->plugin,
         name);
  }
  if (const auto* learner = find_named(offers.policy_learners, name)) {
    separate();
    show("policy learner {}: {}\n  plugin  {}\n", name, learner->doc, learner->plugin);
    print_options(learner->create()->options());
  }
  for (const auto& info : input::solver_infos(registry)) {
    const auto* offer = find_named(offers.solvers, info.name);
    if (info.name != name && (offer == nullptr || offer->plugin != name)) continue;
    separate();
    print_solver(info, offer == nullptr ? "built in" : offer->plugin);
  }
  for (const auto& offer : offers.studies) {
    if (offer.name != name && offer.plugin != name) continue;
    separate();
    show("study {}: {}\n  plugin  {}\n  use     [study] type = \"{}\"\n", offer.name, offer.doc, offer.plugin,
         offer.name);
    if (!offer.info.options.parameters().empty()) print_options(offer.info.options);
  }
  for (const auto& offer : offers.preconditioners) {
    if (offer.name != name && offer.plugin != name) continue;
    separate();
    print_linear("preconditioner", offer);
  }
  for (const auto& offer : offers.tuners) {
    if (offer.name != name && offer.plugin != name) continue;
    separate();
    print_linear("tuner", offer);
  }
  return found;
}

std::vector<std::string> all_names(const plugin::Registry& registry, const std::vector<Broken>& broken) {
  std::vector<std::string> out;
  for (const auto& plugin : registry.plugins()) out.push_back(plugin.name);
  for (const auto& plugin : broken) out.push_back(plugin.name);
  for (const auto& offer : registry.offers().physics) out.push_back(offer.name);
  for (const auto& offer : registry.offers().ode_systems) out.push_back(offer.name);
  for (const auto& offer : registry.offers().mesh_readers) out.push_back(offer.name);
  for (const auto& offer : registry.offers().visual_writers) out.push_back(offer.name);
  for (const auto& offer : registry.offers().policy_learners) out.push_back(offer.name);
  for (const auto& info : input::solver_infos(registry)) out.push_back(info.name);
  for (const auto& offer : registry.offers().studies) out.push_back(offer.name);
  for (const auto& offer : registry.offers().preconditioners) out.push_back(offer.name);
  for (const auto& offer : registry.offers().tuners) out.push_back(offer.name);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// \throws Error of kind usage where no physics, system, ansatz or study has this name, and it is not "case".
nlohmann::ordered_json schema_of(const std::string& name, const plugin::Registry& registry) {
  const auto& offers = registry.offers();
  if (name == "case") return case_schema(nullptr, registry);
  if (const auto* physics = find_named(offers.physics, name)) {
    const auto owner = physics->create();
    return case_schema(&owner->info(), registry);
  }
  if (const auto* system = find_named(offers.ode_systems, name)) return system_schema(*system);
  if (const auto ansatz = input::find_solver(registry, name)) return options_schema(ansatz->options);
  if (const auto* study = find_named(offers.studies, name)) return options_schema(study->info.options);
  throw sdk::Error(
      sdk::ErrorKind::usage, fmt::format("\"{}\" is not a physics, a system, an ansatz or a study", name),
      "describe --schema",
      "ansatz describe PHYSICS --schema; ansatz describe case --schema is of every case, and knows no keys "
      "of physics");
}

[[noreturn]] void fail_unknown(const std::string& name, const plugin::Registry& registry,
                               const std::vector<Broken>& broken) {
  for (const auto& plugin : broken) {
    if (plugin.name == name) throw plugin.error;
  }
  const auto known = all_names(registry, broken);
  auto hint = sdk::did_you_mean(name, known);
  if (hint.empty())
    hint = fmt::format("known: {}", known.empty() ? "nothing" : fmt::format("{}", fmt::join(known, ", ")));
  throw sdk::Error(
      sdk::ErrorKind::plugin,
      fmt::format(
          "no plugin, physics, system, reader, writer, learner, ansatz, study, preconditioner or tuner is named "
          "\"{}\"",
          name),
      {}, hint);
}

}  // namespace

std::vector<Broken> load_all(plugin::Registry& registry) {
  std::vector<Broken> broken;
  for (const auto& name : registry.available()) {
    try {
      registry.load(name);
    } catch (const sdk::Error& error) {
      broken.push_back({name, error});
    }
  }
  return broken;
}

int list_plugins(plugin::Registry& registry, const base::Communicator& comm) {
  const auto broken = load_all(registry);
  if (!comm.is_root()) return 0;
  for (const auto& p : registry.plugins()) {
    show("{} {}  {}\n    offers  {}\n    file    {}\n", p.name, p.version, p.purpose, offered_by(registry, p.name),
         p.path);
  }
  for (const auto& b : broken) {
    show("{}  cannot be used: {}\n", b.name, first_line(b.error.what()));
    if (!b.error.where().empty()) show("    file    {}\n", b.error.where());
  }
  if (registry.plugins().empty() && broken.empty()) show("no plugins found\n");
  show("searched:\n");
  for (const auto& folder : registry.folders()) show("    {}\n", folder.string());
  return 0;
}

int describe(const std::string& name, DescribeAs as, plugin::Registry& registry, const base::Communicator& comm) {
  std::string wanted = name;
  std::vector<Broken> broken;
  if (name.find('/') != std::string::npos) {
    registry.load(name);
    wanted = registry.plugins().back().name;
  } else if (as != DescribeAs::markdown) {  // the page knows what is built in
    broken = load_all(registry);
  }
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    if (as == DescribeAs::markdown) {
      if (wanted != "case")
        throw sdk::Error(sdk::ErrorKind::usage, "a page is made of \"case\" only", "describe --markdown",
                         "ansatz describe case --markdown");
      show("{}", case_reference(registry));
    } else if (as == DescribeAs::schema) {
      show("{}\n", schema_of(wanted, registry).dump(2, ' ', true));
    } else if (!print_named(wanted, registry)) {
      fail_unknown(wanted, registry, broken);
    }
  });
  return 0;
}

}  // namespace ansatz::app
