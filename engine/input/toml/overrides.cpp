#include "engine/input/toml/overrides.hpp"

#include <fmt/format.h>

#include <sstream>

#include "ansatz/sdk/error.hpp"
#include "engine/input/toml/section.hpp"

namespace ansatz::input {
namespace {

struct Override {
  std::vector<std::string> path;
  std::string value;
  Location at;
};

Override parse(const std::string& text) {
  const auto malformed = [&](const char* what) {
    return sdk::Error(sdk::ErrorKind::usage, what, "--set " + text,
                      "write --set section.key=value, for example --set solver.order=2");
  };
  const auto equal = text.find('=');
  if (equal == std::string::npos) throw malformed("an override needs an equals sign");
  Override out{{}, text.substr(equal + 1), {"--set " + text, 0, 0}};
  std::istringstream keys(text.substr(0, equal) + ".");
  for (std::string key; std::getline(keys, key, '.');) {
    const auto first = key.find_first_not_of(" \t"), last = key.find_last_not_of(" \t");
    if (first == std::string::npos) throw malformed("an override has an empty key");
    out.path.push_back(key.substr(first, last - first + 1));
  }
  return out;
}

/// A table whose entry "v" is the value; its nodes carry the place "--set ...".
toml::table parse_value(const Override& override) {
  try {
    auto table = toml::parse("v = " + override.value, override.at.file);
    if (table.size() == 1) return table;
  } catch (const toml::parse_error&) {
  }
  try {
    return toml::parse("v = " + toml_string(override.value), override.at.file);
  } catch (const toml::parse_error&) {
    throw sdk::Error(sdk::ErrorKind::usage, "the value of an override is not valid UTF-8 text", override.at.file);
  }
}

/// Child of a table or list; null where there is none.
toml::node* child(toml::node& parent, const std::string& key) {
  if (auto* table = parent.as_table()) return table->get(key);
  auto* list = parent.as_array();
  if (!list || key.size() > 6 || key.find_first_not_of("0123456789") != std::string::npos) return nullptr;
  return list->get(std::stoul(key));
}

void assign(toml::node& parent, const std::string& key, toml::node& value) {
  value.visit([&](auto& typed) {
    if (auto* table = parent.as_table()) {
      table->insert_or_assign(key, std::move(typed));
    } else {
      auto& list = *parent.as_array();
      list.replace(list.cbegin() + std::stol(key), std::move(typed));
    }
  });
}

void apply(toml::table& root, const Override& override, Diagnostics& diagnostics) {
  toml::node* parent = &root;
  std::string walked;
  for (std::size_t i = 0; i + 1 < override.path.size(); ++i) {
    const auto& key = override.path[i];
    walked += (walked.empty() ? "" : ".") + key;
    if (parent->is_table() && !parent->as_table()->contains(key)) parent->as_table()->insert(key, toml::table{});
    parent = child(*parent, key);
    if (!parent || (!parent->is_table() && !parent->is_array())) {
      diagnostics.add(override.at, parent
                                       ? fmt::format("cannot set a key of \"{}\": it is {}", walked, type_name(*parent))
                                       : fmt::format("\"{}\" does not exist", walked));
      return;
    }
  }
  auto parsed = parse_value(override);
  toml::node& value = *parsed.get("v");
  auto* present = child(*parent, override.path.back());
  if (!present && parent->is_array()) {
    diagnostics.add(override.at, fmt::format("\"{}\" has no entry {}", walked, override.path.back()));
    return;
  }
  const bool is_parameter = override.path.size() == 2 && override.path.front() == "parameters";
  if (is_parameter && present && present->is_table() && value.is_number()) {
    assign(*present, "default", value);
  } else {
    assign(*parent, override.path.back(), value);
  }
}

}  // namespace

void apply_overrides(toml::table& root, std::span<const std::string> overrides, Diagnostics& diagnostics) {
  for (const auto& text : overrides) apply(root, parse(text), diagnostics);
}

}  // namespace ansatz::input
