#include "engine/results/references.hpp"

#include <fmt/format.h>

#include <cmath>
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "ansatz/sdk/text.hpp"

namespace ansatz::results {
namespace {

using sdk::Error;
using sdk::ErrorKind;

Reference read_entry(const toml::table& table, const std::string& path) {
  const auto where = fmt::format("{}:{}:{}", path, table.source().begin.line, table.source().begin.column);
  const std::vector<std::string> known{"quantity", "value",  "unit",    "tolerance",
                                       "absolute", "source", "checked", "parameters"};
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    const auto near = sdk::closest(key.str(), known);
    throw Error(
        ErrorKind::case_file, "unknown key \"" + std::string(key.str()) + "\" in [[reference]]", where,
        near.empty() ? fmt::format("the keys are {}", fmt::join(known, ", ")) : "did you mean \"" + near + "\"?");
  }
  Reference reference;
  reference.where = where;
  const auto number = [&](const char* key) { return table[key].value<double>(); };
  reference.quantity = table["quantity"].value_or(std::string());
  reference.source = table["source"].value_or(std::string());
  const auto value = number("value"), tolerance = number("tolerance"), absolute = number("absolute");
  if (reference.quantity.empty() || reference.source.empty() || !value ||
      tolerance.has_value() == absolute.has_value()) {
    throw Error(ErrorKind::case_file, "a reference is not complete", where,
                "it needs quantity, value, source, and one of tolerance (relative) and absolute");
  }
  reference.value = *value;
  reference.relative = tolerance.has_value();
  reference.tolerance = reference.relative ? *tolerance : *absolute;
  if (!std::isfinite(reference.value) || !std::isfinite(reference.tolerance) || !(reference.tolerance > 0.0)) {
    throw Error(ErrorKind::case_file, "value and tolerance must be finite, the tolerance positive", where);
  }
  if (reference.relative && reference.value == 0.0) {
    throw Error(ErrorKind::case_file, "a relative tolerance of the value 0 allows no error", where,
                "give \"absolute\" instead");
  }
  if (const auto* parameters = table["parameters"].as_table()) {
    for (const auto& [key, node] : *parameters) {
      const auto number = node.value<double>();
      if (!number || !std::isfinite(*number)) {
        throw Error(ErrorKind::case_file, "parameter " + std::string(key.str()) + " must be a finite number", where);
      }
      reference.parameters[std::string(key.str())] = *number;
    }
  } else if (table.contains("parameters")) {
    throw Error(ErrorKind::case_file, "\"parameters\" must be a table", where, "for example { reynolds = 100 }");
  }
  return reference;
}

}  // namespace

std::vector<Reference> applicable(std::vector<Reference> references, const std::map<std::string, double>& parameters) {
  std::vector<std::string> names, available;
  for (const auto& [name, value] : parameters) names.push_back(name);
  std::vector<Reference> result;
  for (auto& reference : references) {
    bool holds = true;
    for (const auto& [name, value] : reference.parameters) {
      const auto found = parameters.find(name);
      if (found == parameters.end()) {
        throw Error(ErrorKind::case_file, "the case has no parameter \"" + name + "\"", reference.where,
                    sdk::did_you_mean(name, names));
      }
      holds &= std::abs(found->second - value) <= 1e-12 * std::abs(value);
      const auto text = fmt::format("{} = {:g}", name, value);
      if (std::find(available.begin(), available.end(), text) == available.end()) available.push_back(text);
    }
    if (holds) result.push_back(std::move(reference));
  }
  if (result.empty()) {
    throw Error(ErrorKind::case_file, "reference.toml has no values for these parameters", {},
                fmt::format("it has values for {}", fmt::join(available, ", ")));
  }
  return result;
}

std::vector<Reference> read_references(const std::string& path) {
  try {
    const auto table = toml::parse_file(path);
    std::vector<Reference> references;
    const auto* entries = table["reference"].as_array();
    if (entries == nullptr || entries->empty() || table.size() != 1) {
      throw Error(ErrorKind::case_file, "no [[reference]] entries", path,
                  "write one [[reference]] table a number, nothing else");
    }
    for (const auto& entry : *entries) {
      if (!entry.is_table()) throw Error(ErrorKind::case_file, "\"reference\" must be [[reference]] tables", path);
      references.push_back(read_entry(*entry.as_table(), path));
    }
    return references;
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::case_file, std::string(error.description()),
                fmt::format("{}:{}:{}", path, error.source().begin.line, error.source().begin.column),
                "--verify compares with the case's reference.toml");
  }
}

std::string compare_with(const std::vector<Reference>& references,
                         const std::vector<quantities::QuantityValue>& quantities, bool& all_within) {
  std::string table = fmt::format("{:<24} {:>16} {:>16} {:>11} {:>11}        {}\n", "quantity", "value", "reference",
                                  "error", "tolerance", "source");
  all_within = true;
  for (const auto& reference : references) {
    const quantities::QuantityValue* found = nullptr;
    std::vector<std::string> names;
    for (const auto& quantity : quantities) {
      names.push_back(quantity.name);
      if (quantity.name == reference.quantity) found = &quantity;
    }
    if (found == nullptr) {
      const auto near = sdk::closest(reference.quantity, names);
      throw Error(
          ErrorKind::case_file,
          "reference.toml names the quantity \"" + reference.quantity + "\", which the case does not compute", {},
          near.empty() ? fmt::format("it computes {}", fmt::join(names, ", ")) : "did you mean \"" + near + "\"?");
    }
    const double scale = reference.relative ? std::abs(reference.value) : 1.0;
    const double error = std::abs(found->value - reference.value) / scale;
    const bool within = error <= reference.tolerance;
    all_within &= within;
    table += fmt::format("{:<24} {:>16.9g} {:>16.9g} {:>11.3e} {:>11.3e} {:<6} {}\n", reference.quantity, found->value,
                         reference.value, error, reference.tolerance, within ? "ok" : "OUT", reference.source);
  }
  return table;
}

}  // namespace ansatz::results
