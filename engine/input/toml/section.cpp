#include "engine/input/toml/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "ansatz/sdk/text.hpp"

namespace ansatz::input {
namespace {

Location region_location(const toml::source_region& region, const Location& otherwise) {
  if (!region.path) return otherwise;
  const bool is_override = region.path->rfind("--set ", 0) == 0;
  if (is_override) return {*region.path, 0, 0};
  return {*region.path, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", word);
  return out;
}

}  // namespace

Location location_of(const toml::node& node, const Location& otherwise) {
  return region_location(node.source(), otherwise);
}

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::optional<double> as_number(const std::string& expression) {
  if (expression.empty() || expression.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double x = std::strtod(expression.c_str(), &end);
  if (*end != '\0' || !std::isfinite(x)) return std::nullopt;
  return x;
}

Section::Section(const toml::table& table, std::string name, const Location& at, Diagnostics& diagnostics,
                 std::string owner)
    : table_(&table), name_(std::move(name)), at_(at), diagnostics_(&diagnostics), owner_(std::move(owner)) {}

const toml::node* Section::find(const std::string& key, const std::string& doc) {
  known_[key] = doc;
  return table_->get(key);
}

bool Section::require(const std::string& key, const std::string& help) {
  if (find(key)) return true;
  error(fmt::format("missing key \"{}\" in [{}]", key, name_), help);
  return false;
}

Location Section::location(const std::string& key) const {
  const auto* node = table_->get(key);
  return node ? location_of(*node, at_) : at_;
}

Location Section::key_location(const std::string& key) const {
  const auto found = table_->find(key);
  return region_location(found->first.source(), location(key));
}

void Section::error_at(const std::string& key, const std::string& what, const std::string& help) const {
  diagnostics_->add(location(key), what, help);
}

void Section::wrong_type(const std::string& key, const toml::node& node, const std::string& expected) {
  diagnostics_->add(location_of(node, location(key)),
                    fmt::format("\"{}\" must be {}, not {}", path(key), expected, type_name(node)));
}

std::optional<double> Section::number_of(const std::string& key, const toml::node& node, const sdk::Range& range) {
  if (!node.is_number()) {
    wrong_type(key, node, "a number");
    return std::nullopt;
  }
  const double x = *node.value<double>();
  const auto at = location_of(node, location(key));
  if (!std::isfinite(x)) {
    diagnostics_->add(at, fmt::format("\"{}\" is not a finite number", path(key)));
    return std::nullopt;
  }
  if (!range.contains(x)) {
    diagnostics_->add(at, fmt::format("\"{}\" = {} is out of its range: {}", path(key), x, range.text()));
    return std::nullopt;
  }
  return x;
}

std::optional<int> Section::integer_of(const std::string& key, const toml::node& node, int low, int high) {
  if (!node.is_integer()) {
    wrong_type(key, node, "an integer");
    return std::nullopt;
  }
  const auto i = *node.value<std::int64_t>();
  if (i < low || i > high) {
    diagnostics_->add(location_of(node, location(key)),
                      fmt::format("\"{}\" = {} is out of its range: {} to {}", path(key), i, low, high));
    return std::nullopt;
  }
  return static_cast<int>(i);
}

std::optional<bool> Section::boolean(const std::string& key) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_boolean()) wrong_type(key, *node, "true or false");
  return node->value_exact<bool>();
}

std::optional<int> Section::integer(const std::string& key, int low, int high) {
  const auto* node = find(key);
  return node ? integer_of(key, *node, low, high) : std::nullopt;
}

std::optional<double> Section::number(const std::string& key, const sdk::Range& range) {
  const auto* node = find(key);
  return node ? number_of(key, *node, range) : std::nullopt;
}

std::optional<std::string> Section::string(const std::string& key) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_string()) wrong_type(key, *node, "a string");
  return node->value_exact<std::string>();
}

std::optional<std::string> Section::choice(const std::string& key, const std::vector<std::string>& choices) {
  auto word = string(key);
  if (!word || std::find(choices.begin(), choices.end(), *word) != choices.end()) return word;
  error_at(key, fmt::format("\"{}\" = \"{}\" is not one of {}", path(key), *word, quoted_list(choices)),
           sdk::did_you_mean(*word, choices));
  return std::nullopt;
}

std::optional<std::vector<double>> Section::numbers(const std::string& key, const sdk::Range& range) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_array()) {
    wrong_type(key, *node, "a list of numbers");
    return std::nullopt;
  }
  std::vector<double> out;
  for (const auto& entry : *node->as_array()) {
    const auto x = number_of(key, entry, range);
    if (!x) return std::nullopt;
    out.push_back(*x);
  }
  return out;
}

std::optional<std::vector<int>> Section::integers(const std::string& key, int low, int high) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_array()) {
    wrong_type(key, *node, "a list of integers");
    return std::nullopt;
  }
  std::vector<int> out;
  for (const auto& entry : *node->as_array()) {
    const auto i = integer_of(key, entry, low, high);
    if (!i) return std::nullopt;
    out.push_back(*i);
  }
  return out;
}

std::optional<std::vector<bool>> Section::booleans(const std::string& key) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  std::vector<bool> out;
  if (node->is_array()) {
    for (const auto& entry : *node->as_array()) {
      if (!entry.is_boolean()) break;
      out.push_back(*entry.value_exact<bool>());
    }
    if (out.size() == node->as_array()->size()) return out;
  }
  wrong_type(key, *node, "a list of true and false");
  return std::nullopt;
}

std::optional<std::vector<std::string>> Section::strings(const std::string& key) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  if (const auto one = node->value_exact<std::string>()) return std::vector<std::string>{*one};
  std::vector<std::string> out;
  if (!node->is_array()) {
    wrong_type(key, *node, "a string or a list of strings");
    return std::nullopt;
  }
  for (const auto& entry : *node->as_array()) {
    if (!entry.is_string()) {
      wrong_type(key, entry, "a list of strings");
      return std::nullopt;
    }
    out.push_back(*entry.value_exact<std::string>());
  }
  return out;
}

bool Section::append_component(const std::string& key, const toml::node& node, Value& value) {
  if (node.is_number()) {
    const auto x = number_of(key, node, sdk::any);
    if (x) value.components.push_back(fmt::format("{:.17g}", *x));
    return x.has_value();
  }
  if (!node.is_string()) {
    wrong_type(key, node, "a number, an expression or a list of them");
    return false;
  }
  auto text = *node.value_exact<std::string>();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    diagnostics_->add(location_of(node, location(key)), fmt::format("\"{}\" is an empty expression", path(key)));
    return false;
  }
  value.components.push_back(std::move(text));
  return true;
}

bool Section::append_list(const std::string& key, const toml::array& list, Value& value) {
  const bool nested = std::any_of(list.begin(), list.end(), [](const auto& entry) { return entry.is_array(); });
  for (const auto& entry : list) {
    if (!nested) {
      if (!append_component(key, entry, value)) return false;
      continue;
    }
    const auto* row = entry.as_array();
    if (!row || row->size() != list.size()) {
      diagnostics_->add(
          location_of(entry, location(key)),
          fmt::format("\"{}\" must be a square matrix: {} lists of {} entries", path(key), list.size(), list.size()));
      return false;
    }
    for (const auto& component : *row) {
      if (!append_component(key, component, value)) return false;
    }
  }
  if (value.components.empty()) error_at(key, fmt::format("\"{}\" is an empty list", path(key)));
  return !value.components.empty();
}

std::optional<Value> Section::value(const std::string& key, const std::string& doc) {
  const auto* node = find(key, doc);
  if (!node) return std::nullopt;
  Value value;
  value.at = location_of(*node, at_);
  const bool good = node->is_array() ? append_list(key, *node->as_array(), value) : append_component(key, *node, value);
  return good ? std::optional(std::move(value)) : std::nullopt;
}

std::optional<Section> Section::table(const std::string& key, const std::string& owner) {
  const auto* node = find(key);
  if (!node) return std::nullopt;
  if (!node->is_table()) {
    wrong_type(key, *node, "a table");
    return std::nullopt;
  }
  return Section(*node->as_table(), path(key), location_of(*node, at_), *diagnostics_, owner);
}

std::vector<Section> Section::tables(const std::string& key) {
  const auto* node = find(key);
  std::vector<Section> out;
  if (!node) return out;
  if (const auto* one = node->as_table()) {
    out.emplace_back(*one, path(key), location_of(*node, at_), *diagnostics_, owner_);
    return out;
  }
  if (!node->is_array()) {
    wrong_type(key, *node, "a list of tables");
    return out;
  }
  int index = 0;
  for (const auto& entry : *node->as_array()) {
    const auto name = fmt::format("{}[{}]", path(key), index++);
    if (const auto* each = entry.as_table()) {
      out.emplace_back(*each, name, location_of(entry, location(key)), *diagnostics_, owner_);
    } else {
      wrong_type(key, entry, "a list of tables");
    }
  }
  return out;
}

std::vector<std::string> Section::keys() const {
  std::vector<std::pair<Location, std::string>> found;
  for (const auto& [key, node] : *table_) found.emplace_back(key_location(std::string(key.str())), key.str());
  const auto order = [](const Location& at) { return std::tuple(at.line == 0, at.line, at.column); };
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto& a, const auto& b) { return order(a.first) < order(b.first); });
  std::vector<std::string> out;
  for (auto& [at, key] : found) out.push_back(std::move(key));
  return out;
}

void Section::finish() {
  std::vector<std::string> valid;
  for (const auto& [key, doc] : known_) valid.push_back(key);
  for (const auto& key : keys()) {
    if (known_.count(key)) continue;
    std::string help;
    if (const auto meant = sdk::closest(key, valid); !meant.empty()) {
      const auto& doc = known_.at(meant);
      help = fmt::format("did you mean \"{}\"{}? ", meant, doc.empty() ? "" : " (" + doc + ")");
    }
    help += fmt::format("valid keys: {}", valid.empty() ? "none" : fmt::format("{}", fmt::join(valid, ", ")));
    const auto place = name_.empty() ? "the case" : "[" + name_ + "]";
    diagnostics_->add(key_location(key),
                      fmt::format("unknown key \"{}\" in {}{}{}", key, place, owner_.empty() ? "" : " ", owner_), help);
  }
}

}  // namespace ansatz::input
