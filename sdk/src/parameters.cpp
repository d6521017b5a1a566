#include "ansatz/sdk/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ansatz/sdk/error.hpp"
#include "ansatz/sdk/text.hpp"

namespace ansatz::sdk {
namespace {

constexpr const char* type_names[] = {"true or false",     "an integer",        "a number",  "a string",
                                      "a list of numbers", "a list of strings", "a sampling"};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "\"" : ", \"") + word + "\"";
  return out;
}

[[noreturn]] void fail(const std::string& what, const std::string& where, const std::string& hint = {}) {
  throw Error(ErrorKind::parameter, what, where, hint);
}

/// `value` in the declared type; integers become numbers, an empty list of numbers a list of strings.
ParameterValue converted(const Parameter& parameter, const ParameterValue& value, const std::string& where) {
  if (value.index() == parameter.initial.index()) return value;
  if (std::holds_alternative<double>(parameter.initial) && std::holds_alternative<std::int64_t>(value)) {
    return static_cast<double>(std::get<std::int64_t>(value));
  }
  const auto* numbers = std::get_if<std::vector<double>>(&value);
  if (numbers && numbers->empty() && std::holds_alternative<std::vector<std::string>>(parameter.initial)) {
    return std::vector<std::string>{};
  }
  fail(fmt::format("\"{}\" must be {}, not {}", parameter.name, type_names[parameter.initial.index()],
                   type_names[value.index()]),
       where, parameter.doc);
}

void check_number(const Parameter& parameter, double x, const std::string& where) {
  if (std::isfinite(x) && parameter.range.contains(x)) return;
  const std::string unit = parameter.unit == "1" ? "" : " " + parameter.unit;
  const std::string problem = std::isfinite(x) ? "is out of its range" : "is not finite";
  fail(fmt::format("\"{}\" = {}{} {}: {}", parameter.name, x, unit, problem, parameter.range.text()), where,
       parameter.doc);
}

void check_choice(const Parameter& parameter, const std::string& word, const std::string& where) {
  if (parameter.choices.empty()) return;
  if (std::find(parameter.choices.begin(), parameter.choices.end(), word) != parameter.choices.end()) return;
  fail(fmt::format("\"{}\" = \"{}\" is not one of {}", parameter.name, word, joined(parameter.choices)), where,
       did_you_mean(word, parameter.choices));
}

void check_sampling(const Parameter& parameter, const Sampling& sampling, const std::string& where) {
  static const std::vector<std::string> methods{"grid", "random", "latin_hypercube", "sobol", "halton", "lattice"};
  const auto& known = parameter.choices.empty() ? methods : parameter.choices;
  if (std::find(known.begin(), known.end(), sampling.method) == known.end()) {
    fail(fmt::format("\"{}\" cannot be a sample by \"{}\", only by {}", parameter.name, sampling.method, joined(known)),
         where, did_you_mean(sampling.method, known));
  }
  if (sampling.size < 1 || sampling.seed < 0)
    fail(fmt::format("\"{}\" needs at least one point, and a seed that is not negative", parameter.name), where,
         parameter.doc);
  check_number(parameter, static_cast<double>(sampling.size), where);
}

void check(const Parameter& parameter, const ParameterValue& value, const std::string& where) {
  if (const auto* sampling = std::get_if<Sampling>(&value)) check_sampling(parameter, *sampling, where);
  if (const auto* i = std::get_if<std::int64_t>(&value)) check_number(parameter, static_cast<double>(*i), where);
  if (const auto* x = std::get_if<double>(&value)) check_number(parameter, *x, where);
  if (const auto* s = std::get_if<std::string>(&value)) check_choice(parameter, *s, where);
  if (const auto* list = std::get_if<std::vector<double>>(&value)) {
    for (const double x : *list) check_number(parameter, x, where);
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    for (const auto& s : *list) check_choice(parameter, s, where);
  }
}

template <class T>
const T& as(const std::string& name, const ParameterValue& value) {
  if (const T* typed = std::get_if<T>(&value)) return *typed;
  throw Error(ErrorKind::internal, fmt::format("parameter \"{}\" is {}", name, type_names[value.index()]),
              "ParameterSet");
}

}  // namespace

std::string Range::text() const {
  const bool below = std::isfinite(high), above = std::isfinite(low);
  if (above && below) return fmt::format("{}{}, {}{}", low_open ? "(" : "[", low, high, high_open ? ")" : "]");
  if (above) return fmt::format("{} {}", low_open ? ">" : ">=", low);
  if (below) return fmt::format("{} {}", high_open ? "<" : "<=", high);
  return "any";
}

ParameterSchema& ParameterSchema::add(Parameter parameter) {
  if (parameter.name.empty() || find(parameter.name) != nullptr) {
    throw Error(ErrorKind::internal, "parameter \"" + parameter.name + "\" is declared twice or has no name",
                "ParameterSchema");
  }
  for (const auto& other : parameters_) {
    if (other.name.starts_with(parameter.name + ".") || parameter.name.starts_with(other.name + ".")) {
      throw Error(ErrorKind::internal,
                  fmt::format("\"{}\" and \"{}\" cannot both be parameters", other.name, parameter.name),
                  "ParameterSchema");
    }
  }
  if (!parameter.required) check(parameter, parameter.initial, "default of \"" + parameter.name + "\"");
  parameters_.push_back(std::move(parameter));
  return *this;
}

const Parameter* ParameterSchema::find(const std::string& name) const {
  const auto found =
      std::find_if(parameters_.begin(), parameters_.end(), [&](const auto& p) { return p.name == name; });
  return found == parameters_.end() ? nullptr : &*found;
}

ParameterSet::ParameterSet(ParameterSchema schema) : schema_(std::move(schema)) {}

void ParameterSet::set(const std::string& name, const ParameterValue& value, const std::string& where) {
  const Parameter* parameter = schema_.find(name);
  if (parameter == nullptr) {
    std::vector<std::string> names;
    for (const auto& p : schema_.parameters()) names.push_back(p.name);
    const auto meant = did_you_mean(name, names);
    fail("unknown parameter \"" + name + "\"", where, meant.empty() ? "valid parameters: " + joined(names) : meant);
  }
  const auto typed = converted(*parameter, value, where);
  check(*parameter, typed, where);
  values_[name] = typed;
  places_[name] = where;
}

std::string ParameterSet::where(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? std::string() : found->second;
}

void ParameterSet::require_complete(const std::string& where) const {
  std::vector<std::string> missing;
  for (const auto& p : schema_.parameters()) {
    if (p.required && values_.count(p.name) == 0) missing.push_back(p.name);
  }
  if (!missing.empty()) fail("required but not given: " + joined(missing), where, schema_.find(missing.front())->doc);
}

const ParameterValue& ParameterSet::get(const std::string& name) const {
  if (const auto found = values_.find(name); found != values_.end()) return found->second;
  const Parameter* parameter = schema_.find(name);
  if (parameter == nullptr)
    throw Error(ErrorKind::internal, "parameter \"" + name + "\" is not declared", "ParameterSet");
  if (parameter->required) fail("\"" + name + "\" is required but not given", {}, parameter->doc);
  return parameter->initial;
}

bool ParameterSet::boolean(const std::string& name) const { return as<bool>(name, get(name)); }
std::int64_t ParameterSet::integer(const std::string& name) const { return as<std::int64_t>(name, get(name)); }
double ParameterSet::number(const std::string& name) const { return as<double>(name, get(name)); }
const std::string& ParameterSet::string(const std::string& name) const { return as<std::string>(name, get(name)); }
const std::vector<double>& ParameterSet::numbers(const std::string& name) const {
  return as<std::vector<double>>(name, get(name));
}
const std::vector<std::string>& ParameterSet::strings(const std::string& name) const {
  return as<std::vector<std::string>>(name, get(name));
}
const Sampling& ParameterSet::sampling(const std::string& name) const { return as<Sampling>(name, get(name)); }

}  // namespace ansatz::sdk
