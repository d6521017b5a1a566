#include "engine/input/case_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/input/case_keys.hpp"
#include "engine/input/case_reading.hpp"

namespace ansatz::input {
namespace {

template <class... Work>
struct Overloaded : Work... {
  using Work::operator()...;
};

/// The parameters whose names begin with `prefix`, as a tree: the first word after it, in the order of declaration.
struct Entry {
  std::string key;
  const sdk::Parameter* parameter = nullptr;  ///< null for a table
};
std::vector<Entry> entries_of(const sdk::ParameterSchema& schema, const std::string& prefix) {
  std::vector<Entry> entries;
  for (const auto& parameter : schema.parameters()) {
    if (!parameter.name.starts_with(prefix)) continue;
    const auto rest = parameter.name.substr(prefix.size());
    const auto dot = rest.find('.');
    if (dot == std::string::npos) {
      entries.push_back({rest, &parameter});
    } else if (const auto key = rest.substr(0, dot);
               std::ranges::none_of(entries, [&](const Entry& entry) { return entry.key == key; })) {
      entries.push_back({key, nullptr});
    }
  }
  return entries;
}

std::optional<sdk::ParameterValue> read_value(Section& section, const std::string& key,
                                              const sdk::Parameter& parameter) {
  const auto as_value = [](auto&& value) -> std::optional<sdk::ParameterValue> {
    if (!value) return std::nullopt;
    return sdk::ParameterValue(std::move(*value));
  };
  return std::visit(
      Overloaded{[&](bool) { return as_value(section.boolean(key)); },
                 [&](std::int64_t) -> std::optional<sdk::ParameterValue> {
                   const auto value = section.integer(key, -(1 << 30), 1 << 30);
                   if (!value) return std::nullopt;
                   return sdk::ParameterValue(std::int64_t{*value});
                 },
                 [&](double) { return as_value(section.number(key)); },
                 [&](const std::string&) { return as_value(section.string(key)); },
                 [&](const std::vector<double>&) { return as_value(section.numbers(key)); },
                 [&](const std::vector<std::string>&) { return as_value(section.strings(key)); },
                 [&](const sdk::Sampling& initial) -> std::optional<sdk::ParameterValue> {
                   auto table = section.table(key);
                   if (!table) return std::nullopt;
                   const auto given = read_training(
                       std::move(*table),
                       {{}, initial.method, static_cast<int>(initial.size), static_cast<int>(initial.seed)});
                   return sdk::ParameterValue(sdk::Sampling{given.kind, given.count, given.seed});
                 }},
      parameter.initial);
}

/// \param present out: names that the case gives, rightly or not
void read_table(Section section, const sdk::ParameterSchema& schema, const std::string& prefix,
                sdk::ParameterSet& values, std::set<std::string>& present) {
  for (const auto& [key, parameter] : entries_of(schema, prefix)) {
    if (parameter == nullptr) {
      if (auto table = section.table(key)) read_table(std::move(*table), schema, prefix + key + ".", values, present);
      continue;
    }
    section.find(key, parameter->doc);
    if (section.has(key)) present.insert(parameter->name);
    const auto value = read_value(section, key, *parameter);
    if (!value) continue;
    try {
      values.set(parameter->name, *value, section.location(key).text());
    } catch (const sdk::Error& error) {
      section.error_at(key, error.what(), error.hint());
    }
  }
  section.finish();
}

std::string table_text(const sdk::ParameterSet& options, const std::string& prefix);

std::string entry_text(const sdk::ParameterSet& options, const std::string& prefix, const Entry& entry) {
  if (entry.parameter == nullptr) return table_text(options, prefix + entry.key + ".");
  return option_text(options.value(entry.parameter->name));
}

/// `{ key = value, ... }` of all entries below a prefix.
std::string table_text(const sdk::ParameterSet& options, const std::string& prefix) {
  std::string out;
  for (const auto& entry : entries_of(options.schema(), prefix))
    out += (out.empty() ? "{ " : ", ") + toml_key(entry.key) + " = " + entry_text(options, prefix, entry);
  return out + " }";
}

KeyType type_of(const sdk::Parameter& parameter) {
  return std::visit(
      Overloaded{[](bool) { return KeyType::boolean; }, [](std::int64_t) { return KeyType::integer; },
                 [](double) { return KeyType::number; },
                 [&](const std::string&) { return parameter.choices.empty() ? KeyType::text : KeyType::word; },
                 [](const std::vector<double>&) { return KeyType::numbers; },
                 [](const std::vector<std::string>&) { return KeyType::texts; },
                 [](const sdk::Sampling&) { return KeyType::table; }},
      parameter.initial);
}

std::vector<KeyInfo> infos_below(const sdk::ParameterSchema& schema, const std::string& prefix) {
  std::vector<KeyInfo> infos;
  for (const auto& [key, parameter] : entries_of(schema, prefix)) {
    if (parameter == nullptr) {
      infos.push_back(table_info(key, "", infos_below(schema, prefix + key + ".")));
      continue;
    }
    const auto& p = *parameter;
    KeyInfo info{.name = key,
                 .type = type_of(p),
                 .doc = p.doc,
                 .unit = p.unit == "1" ? std::string() : p.unit,
                 .range = p.range,
                 .words = p.choices,
                 .required = p.required};
    if (!p.required) {
      info.initial = option_text(p.initial);
      info.is_value = true;
    }
    if (info.type == KeyType::table) {
      for (const auto& kind : training_keys().infos()) {
        if (kind.name == "seed" || p.choices.empty() || std::ranges::find(p.choices, kind.name) != p.choices.end())
          info.keys.push_back(kind);
      }
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace

sdk::ParameterSet read_options(Section section, const sdk::ParameterSchema& schema) {
  sdk::ParameterSet values(schema);
  const auto of_section = section;
  std::set<std::string> present;
  read_table(std::move(section), schema, "", values, present);
  for (const auto& parameter : schema.parameters()) {
    if (parameter.required && !present.contains(parameter.name))
      of_section.error(fmt::format("\"{}\" is missing", parameter.name), parameter.doc);
  }
  return values;
}

void write_options(TomlWriter& to, const sdk::ParameterSet& options) {
  for (const auto& entry : entries_of(options.schema(), "")) {
    const auto* p = entry.parameter;
    const bool is_number = p != nullptr && (std::holds_alternative<std::int64_t>(p->initial) ||
                                            std::holds_alternative<double>(p->initial) ||
                                            std::holds_alternative<std::vector<double>>(p->initial));
    to.line(entry.key, entry_text(options, "", entry), is_number && p->unit != "1" ? p->unit : std::string());
  }
}

std::string options_table(const sdk::ParameterSet& options) { return table_text(options, ""); }

std::vector<KeyInfo> option_infos(const sdk::ParameterSchema& schema) { return infos_below(schema, ""); }

std::string option_text(const sdk::ParameterValue& value) {
  return std::visit(
      Overloaded{[](bool x) { return std::string(x ? "true" : "false"); },
                 [](std::int64_t x) { return std::to_string(x); }, [](double x) { return toml_number(x); },
                 [](const std::string& text) { return toml_string(text); },
                 [](const std::vector<double>& numbers) { return toml_numbers(numbers); },
                 [](const std::vector<std::string>& texts) { return toml_strings(texts); },
                 [](const sdk::Sampling& s) {
                   return s.method == "grid" ? fmt::format("{{ grid = {} }}", s.size)
                                             : fmt::format("{{ {} = {}, seed = {} }}", s.method, s.size, s.seed);
                 }},
      value);
}

}  // namespace ansatz::input
