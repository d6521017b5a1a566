#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <set>
#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "engine/plugin/loader.hpp"

namespace ansatz::plugin {
namespace {

using sdk::PluginDescriptor;

/// One line of the comparison.
struct Entry {
  std::string key, engine, plugin;
};

/// Entries "key=value;" of a fingerprint.
std::map<std::string, std::string> parse_fingerprint(const char* text) {
  std::map<std::string, std::string> entries;
  std::istringstream in(text ? text : "");
  for (std::string entry; std::getline(in, entry, ';');) {
    const auto equal = entry.find('=');
    if (equal != std::string::npos) entries[entry.substr(0, equal)] = entry.substr(equal + 1);
  }
  return entries;
}

std::string api_text(std::uint32_t major, std::uint32_t minor) { return fmt::format("{}.{}", major, minor); }

void compare_fingerprints(const char* plugin_text, std::vector<Entry>& differing) {
  const auto ours = parse_fingerprint(sdk::build_fingerprint), theirs = parse_fingerprint(plugin_text);
  std::set<std::string> keys;
  for (const auto& [key, value] : ours) keys.insert(key);
  for (const auto& [key, value] : theirs) keys.insert(key);
  for (const auto& key : keys) {
    const auto our = ours.find(key), their = theirs.find(key);
    const std::string engine = our == ours.end() ? "(none)" : our->second;
    const std::string plugin = their == theirs.end() ? "(none)" : their->second;
    if (engine != plugin) differing.push_back({key, engine, plugin});
  }
}

/// Reads only what a descriptor of the stated size has: fields are only ever added at its end.
std::vector<Entry> differences(const PluginDescriptor& plugin) {
  std::vector<Entry> out;
  const auto has = [&](std::size_t offset, std::size_t bytes) { return plugin.size >= offset + bytes; };
  if (plugin.size != sizeof(PluginDescriptor)) {
    out.push_back({"descriptor size", std::to_string(sizeof(PluginDescriptor)), std::to_string(plugin.size)});
  }
  if (has(offsetof(PluginDescriptor, api_minor), sizeof plugin.api_minor) &&
      (plugin.api_major != sdk::api_major || plugin.api_minor > sdk::api_minor)) {
    out.push_back({"sdk api", api_text(sdk::api_major, sdk::api_minor), api_text(plugin.api_major, plugin.api_minor)});
  }
  if (has(offsetof(PluginDescriptor, fingerprint), sizeof plugin.fingerprint)) {
    compare_fingerprints(plugin.fingerprint, out);
  }
  return out;
}

std::string table(const std::vector<Entry>& entries) {
  std::size_t key = 3, engine = 6;
  for (const auto& entry : entries) {
    key = std::max(key, entry.key.size());
    engine = std::max(engine, entry.engine.size());
  }
  std::string out = fmt::format("\n    {:{}}  {:{}}  {}", "key", key, "engine", engine, "plugin");
  for (const auto& e : entries) out += fmt::format("\n    {:{}}  {:{}}  {}", e.key, key, e.engine, engine, e.plugin);
  return out;
}

}  // namespace

void check_handshake(const PluginDescriptor* descriptor, const std::filesystem::path& file) {
  constexpr auto smallest = offsetof(PluginDescriptor, magic) + sizeof descriptor->magic;
  if (!descriptor || descriptor->size < smallest || descriptor->magic != sdk::plugin_magic) {
    throw sdk::Error(sdk::ErrorKind::plugin, "not an Ansatz plugin: its descriptor has no valid magic number",
                     file.string(), "end one source file of the plugin with ANSATZ_PLUGIN(...)");
  }
  const auto differing = differences(*descriptor);
  if (!differing.empty()) {
    throw sdk::Error(
        sdk::ErrorKind::plugin_abi, "plugin was built for another Ansatz, compiler or machine:" + table(differing),
        file.string(),
        "rebuild it with this Ansatz: cmake -S PLUGIN_SOURCE -B build --fresh -DCMAKE_PREFIX_PATH=ANSATZ_PREFIX && "
        "cmake --build build");
  }
  if (!descriptor->name || !*descriptor->name || !descriptor->version || !descriptor->register_all) {
    throw sdk::Error(sdk::ErrorKind::plugin, "plugin has no name, version or register function", file.string(),
                     "complete the arguments of ANSATZ_PLUGIN(...)");
  }
}

}  // namespace ansatz::plugin
