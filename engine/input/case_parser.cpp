#include "engine/input/case_parser.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"
#include "engine/input/case_reading.hpp"
#include "engine/input/toml/overrides.hpp"

namespace ansatz::input {
namespace {

namespace fs = std::filesystem;
using sdk::Error;
using sdk::ErrorKind;

std::string read_file(const std::string& path) {
  constexpr std::uintmax_t largest = 16 << 20;
  const char* hint = "give a case file, or a folder that has a case.toml";
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) throw Error(ErrorKind::case_file, "case file not found", path, hint);
  if (fs::file_size(path, failed) > largest) throw Error(ErrorKind::case_file, "too large for a case file", path, hint);
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!(in && (in.peek() == EOF || text << in.rdbuf())))
    throw Error(ErrorKind::case_file, "case file cannot be read", path, hint);
  return text.str();
}

toml::table parse_toml(const std::string& text, const std::string& path, const Diagnostics& diagnostics) {
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    const Location at{path, static_cast<int>(error.source().begin.line), static_cast<int>(error.source().begin.column)};
    throw Error(ErrorKind::case_file, std::string(error.description()) + diagnostics.marked_line(at), at.text(),
                "the format is TOML, see https://toml.io");
  }
}

/// First phase: what must be known before anything else can be checked. *Collective.*
std::vector<std::string> load_plugins(Section& root, plugin::Registry& registry) {
  const auto names = root.strings("plugins").value_or(std::vector<std::string>{});
  root.diagnostics().throw_if_any();
  for (const auto& name : names) registry.load(name, root.location("plugins").text());
  return names;
}

/// The one table of [physics] and its physics; null where that is wrong.
std::unique_ptr<sdk::Physics> find_physics(Section& section, const plugin::Registry& registry, std::string& name) {
  const auto given = section.keys();
  if (given.size() != 1) {
    section.error(
        given.empty() ? "[physics] is empty"
                      : fmt::format("[physics] has {} physics, but one is solved at a time", given.size()),
        given.empty()
            ? "write one section [physics.NAME]"
            : "keep one; fields of a run with the other one enter by [data.NAME], and a plugin whose physics has "
              "the fields of both solves them together (ansatz new-plugin physics NAME)");
    return nullptr;
  }
  name = given.front();
  const auto& offers = registry.offers().physics;
  if (std::any_of(offers.begin(), offers.end(), [&](const auto& offer) { return offer.name == name; })) {
    return registry.make_physics(name);
  }
  std::vector<std::string> known;
  for (const auto& offer : offers) known.push_back(offer.name);
  auto help = sdk::did_you_mean(name, known);
  if (help.empty()) {
    help = known.empty() ? fmt::format("add its plugin, for example plugins = [\"{}\"]", name)
                         : fmt::format("the loaded plugins have: {}; add another to `plugins`", fmt::join(known, ", "));
  }
  section.error_at(name, fmt::format("no loaded plugin has a physics \"{}\"", name), help);
  return nullptr;
}

/// "(plugin NAME VERSION)" of whoever offers a physics.
std::string owner_of(const plugin::Registry& registry, const std::string& physics) {
  for (const auto& offer : registry.offers().physics) {
    if (offer.name != physics) continue;
    const auto* plugin = registry.find_plugin(offer.plugin);
    return plugin && !plugin->version.empty() ? fmt::format("(plugin {} {})", plugin->name, plugin->version)
                                              : fmt::format("(plugin {})", offer.plugin);
  }
  return {};
}

void check_dimension(const Reading& reading) {
  const auto& supported = reading.physics->dimensions;
  if (reading.dim == 0 || std::find(supported.begin(), supported.end(), reading.dim) != supported.end()) return;
  reading.diagnostics.add(reading.result.mesh.at,
                          fmt::format("physics \"{}\" exists in {}-D, but the mesh is {}-D", reading.physics->name,
                                      fmt::join(supported, ", "), reading.dim));
}

/// Second phase: everything, against the declarations of the physics.
void read_sections(Reading& reading, Section& root) {
  reading.result.title = root.string("title").value_or(reading.result.name);
  if (read_system(reading, root)) return;
  for (const char* key : {"mesh", "physics"}) {
    if (!root.find(key)) root.error(fmt::format("missing section [{}]", key));
  }
  if (auto mesh = root.table("mesh")) read_mesh(reading, std::move(*mesh));
  std::unique_ptr<sdk::Physics> physics;
  if (auto section = root.table("physics")) {
    std::string name;
    physics = find_physics(*section, reading.registry, name);
    if (physics) {
      reading.physics = &physics->info();
      for (const auto& field : reading.physics->fields) reading.unknowns.push_back(field.name);
      check_dimension(reading);
      if (auto table = section->table(name, owner_of(reading.registry, name))) read_physics(reading, std::move(*table));
    }
  }
  read_names(reading, root);
  if (reading.physics) {
    read_solution(reading, root);
    if (auto section = root.table("initial")) read_initial(reading, std::move(*section));
    check_continuation(reading);
    if (auto section = root.table("quantities")) read_quantities(reading, std::move(*section));
    check_outputs(reading);
    check_events(reading);
  } else {
    for (const char* key : {"solver", "linear", "reduced", "study", "time", "output", "checkpoint", "certify",
                            "compare", "initial", "quantities"})
      root.find(key);
  }
  root.finish();
  reading.diagnostics.throw_if_any();
  reading.result.effective_toml = effective_toml(reading.result, reading.physics, reading.registry);
}

/// That of the folder, with that of the file where it is not case.toml: several may be in one folder.
std::string case_name(const std::string& path) {
  const auto absolute = fs::absolute(path).lexically_normal();
  const auto folder = absolute.parent_path().filename().string(), file = absolute.stem().string();
  if (absolute.filename() == "case.toml" && !folder.empty()) return folder;
  return folder.empty() ? file : folder + "-" + file;
}

}  // namespace

std::string case_file_path(const std::string& file_or_folder) {
  std::error_code none;
  if (fs::is_directory(file_or_folder, none))
    return (fs::path(file_or_folder) / "case.toml").lexically_normal().string();
  return file_or_folder;
}

Case read_case(const std::string& file_or_folder, const std::vector<std::string>& overrides, plugin::Registry& registry,
               const base::Communicator& comm) {
  std::string path, text;
  base::agree(comm, [&] {
    if (!comm.is_root()) return;
    path = case_file_path(file_or_folder);
    text = read_file(path);
  });
  path = comm.broadcast(path);
  text = comm.broadcast(text);
  return parse_case(text, path, overrides, registry, comm);
}

Case parse_case(const std::string& text, const std::string& path, const std::vector<std::string>& overrides,
                plugin::Registry& registry, const base::Communicator& comm) {
  Case result;
  result.path = path;
  result.name = case_name(path);
  Diagnostics diagnostics(path, text);
  auto table = parse_toml(text, path, diagnostics);
  apply_overrides(table, overrides, diagnostics);
  Section root(table, "", {path, 0, 0}, diagnostics);
  registry.add_folder(fs::absolute(path).parent_path());
  result.plugins = load_plugins(root, registry);
  Reading reading{result, diagnostics, registry, comm};
  read_sections(reading, root);
  return result;
}

}  // namespace ansatz::input
