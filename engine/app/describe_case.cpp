// `ansatz describe case`: every key of a case, for terminals and as the reference page.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <cmath>

#include "ansatz/sdk/expression_functions.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/describe_parts.hpp"
#include "engine/app/show.hpp"
#include "engine/input/case_keys.hpp"
#include "engine/input/quantity_kinds.hpp"
#include "engine/mesh/generation/box.hpp"

namespace ansatz::app {
namespace {

using input::KeyInfo;
using input::KeyType;
using Rows = std::vector<std::vector<std::string>>;

std::string number(double x) { return std::abs(x) >= 1 << 30 ? std::string() : fmt::format("{:.10g}", x); }

/// " > 0", " from 1 to 20".
std::string range_text(const KeyInfo& info) {
  const auto low = std::isfinite(info.range.low) ? number(info.range.low) : "";
  const auto high = std::isfinite(info.range.high) ? number(info.range.high) : "";
  if (low.empty() && high.empty()) return {};
  if (high.empty()) return fmt::format(" {} {}", info.range.low_open ? ">" : ">=", low);
  if (low.empty()) return fmt::format(" {} {}", info.range.high_open ? "<" : "<=", high);
  return fmt::format(" in {}{}, {}{}", info.range.low_open ? "(" : "[", low, high, info.range.high_open ? ")" : "]");
}

std::string type_text(const KeyInfo& info) {
  switch (info.type) {
    case KeyType::boolean:
      return "true, false";
    case KeyType::integer:
      return "integer" + range_text(info);
    case KeyType::number:
      return "number" + range_text(info);
    case KeyType::text:
      return "text";
    case KeyType::word:
      return fmt::format("{}", fmt::join(info.words, ", "));
    case KeyType::expression:
      return "expression" + range_text(info);
    case KeyType::booleans:
      return "list of true, false";
    case KeyType::integers:
      return "list of integers" + range_text(info);
    case KeyType::numbers:
      return "list of numbers" + range_text(info);
    case KeyType::texts:
      return info.words.empty() ? "text, or a list of texts"
                                : fmt::format("{}, or a list of them", fmt::join(info.words, ", "));
    case KeyType::values:
      return "expression, or a list";
    case KeyType::value_list:
      return "list of expressions or lists";
    case KeyType::any:
      return "any value";
    case KeyType::table:
      return "table";
    case KeyType::tables:
      return "list of tables";
    case KeyType::pairs:
      return "list of pairs";
  }
  return {};
}

/// Rows of a key and of those in it, with dotted names.
void append(Rows& rows, const KeyInfo& info, const std::string& above) {
  const auto name = above.empty() ? info.name : above + "." + info.name;
  const bool is_open =
      info.type == KeyType::table && (!info.keys.empty() || !info.others.empty() || !info.alternatives.empty());
  auto doc = info.doc;
  if (!is_open || !doc.empty()) {
    std::string types = info.alternatives.empty() ? type_text(info) : "";
    for (const auto& alternative : info.alternatives) types += (types.empty() ? "" : "; or ") + type_text(alternative);
    rows.push_back({name, types, info.required ? "required" : info.initial, info.unit, doc});
  }
  for (const auto& key : info.keys) append(rows, key, name);
  for (const auto& other : info.others) append(rows, other, name);
  for (const auto& alternative : info.alternatives) {
    if (alternative.type != KeyType::table) continue;
    for (const auto& key : alternative.keys) append(rows, key, name);
    for (const auto& other : alternative.others) append(rows, other, name);
  }
}

Rows rows_of(const KeyInfo& section) {
  Rows rows;
  for (const auto& key : section.keys) append(rows, key, {});
  for (const auto& other : section.others) append(rows, other, {});
  return rows;
}

/// A quantity's kinds as { mean = ..., on, region, unit }.
Rows quantity_rows() {
  Rows rows;
  for (const auto& kind : input::quantity_kinds()) {
    std::string keys = kind.kind == input::QuantitySpec::Kind::over_time
                           ? fmt::format("\"{}\"", fmt::join(input::quantity_key("over_time").words, "\" | \""))
                           : "...";
    for (const auto& key : kind.keys) keys += ", " + key;
    rows.push_back({fmt::format("{{ {} = {}, unit }}", kind.name, keys), kind.takes, kind.doc});
  }
  return rows;
}

Rows quantity_key_rows() {
  Rows rows;
  for (const char* key : {"at", "on", "region", "type", "of", "after", "unit"})
    append(rows, input::quantity_key(key), {});
  return rows;
}

Rows function_rows() {
  Rows rows;
  for (const auto& function : sdk::expression_functions()) {
    const auto arguments =
        function.most > 10 ? fmt::format("{} or more", function.fewest) : std::to_string(function.most);
    rows.push_back({std::string(function.name), arguments, std::string(function.doc)});
  }
  return rows;
}

Rows side_rows() {
  constexpr const char* where[] = {"least x", "largest x", "least y", "largest y", "least z", "largest z"};
  Rows rows;
  for (std::size_t i = 0; i < mesh::box_side_names.size(); ++i) rows.push_back({mesh::box_side_names[i], where[i]});
  rows.push_back({"all", "the whole boundary"});
  return rows;
}

Rows template_rows() {
  Rows rows;
  for (const auto& kind : plugin_kinds())
    rows.push_back({kind, fmt::format("ansatz new-plugin {} NAME [--in FOLDER]", kind)});
  return rows;
}

/// Hands each part over: a title, a sentence, heads of columns, rows.
template <class Part>
void for_each_part(const plugin::Registry& registry, const Part& part) {
  const std::vector<std::string> heads{"key", "value", "default", "unit", "what"};
  const auto sections = input::case_keys(registry, nullptr);
  Rows top;
  for (const auto& section : sections) {
    if (section.type != KeyType::table) append(top, section, {});
  }
  part("Before the sections", "", heads, top);
  for (const auto& section : sections) {
    if (section.type != KeyType::table) continue;
    const auto title = fmt::format("[{}]", section.name);
    if (section.name == "quantities") {
      part(title, "NAME = one of these kinds; " + section.doc, {"kind", "takes", "what"}, quantity_rows());
      part("Keys of quantities", "", heads, quantity_key_rows());
    } else if (section.name == "physics" || section.name == "system") {
      part(title, section.doc, {}, Rows{});
    } else {
      part(title, section.doc, heads, rows_of(section));
    }
  }
  part("Expressions",
       "Numbers, names, + - * / ^, comparisons, and, or, not, condition ? a : b, pi and e. Names: x, y, z, t, "
       "parameters, constants, data, in "
       "coefficients also fields and their gradients where the physics allows it; on boundaries normal_x, normal_y, "
       "normal_z. Functions, and those of [tables]:",
       {"function", "arguments", "what"}, function_rows());
  part("Sides of boxes",
       "Boundaries of box meshes, in 1-D the first two, in 2-D the first four; periodic sides have none.",
       {"name", "where"}, side_rows());
  part("Plugins of one's own", "Kinds of plugins that there are templates of.", {"kind", "command"}, template_rows());
}

}  // namespace

void print_case_keys(const plugin::Registry& registry) {
  show("case: what the sections of a case file hold\n");
  for_each_part(registry, [](const std::string& title, const std::string& sentence, const std::vector<std::string>&,
                             const Rows& rows) {
    if (rows.empty()) {
      show("\n{}: {}\n", title, sentence);
    } else {
      print_table((sentence.empty() ? title : title + ": " + sentence).c_str(), rows);
    }
  });
}

std::string case_reference(const plugin::Registry& registry) {
  std::string out =
      "# Reference of the case file\n\nWritten by `ansatz describe case --markdown`; a test compares. Keys with dots "
      "are those of tables within: "
      "`box.size` is `box = { size = ... }`.\n";
  const auto cell = [](std::string text) {
    for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2) text.insert(i, "\\");
    return text;
  };
  for_each_part(registry, [&](const std::string& title, const std::string& sentence,
                              const std::vector<std::string>& heads, const Rows& rows) {
    out += fmt::format("\n## {}\n", title);
    if (!sentence.empty())
      out += "\n" + std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])))) +
             sentence.substr(1) + (sentence.back() == ':' || sentence.back() == '.' ? "" : ".") + "\n";
    if (rows.empty()) return;
    out += fmt::format("\n| {} |\n|{}\n", fmt::join(heads, " | "), [&] {
      std::string line;
      for (std::size_t i = 0; i < heads.size(); ++i) line += "---|";
      return line;
    }());
    for (const auto& row : rows) {
      out += "|";
      for (std::size_t i = 0; i < row.size(); ++i)
        out += i == 0 ? fmt::format(" `{}` |", cell(row[i])) : fmt::format(" {} |", cell(row[i]));
      out += "\n";
    }
  });
  return out;
}

}  // namespace ansatz::app
