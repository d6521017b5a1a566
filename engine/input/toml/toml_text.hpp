#pragma once
/// Text of TOML.

#include <string>
#include <vector>

#include "engine/input/toml/location.hpp"

namespace ansatz::input {

/// `text` as a TOML basic string, in quotes.
std::string toml_string(const std::string& text);
/// A key, in quotes where it must be.
std::string toml_key(const std::string& name);
/// Shortest text that reads back as the same number.
std::string toml_number(double x);
/// An expression: a number where it is one.
std::string toml_expression(const std::string& text);
/// One expression, or a list of them.
std::string toml_value(const Value& value);

template <class List, class Print>
std::string toml_list(const List& entries, const Print& print) {
  std::string out = "[";
  for (const auto& entry : entries) out += (out.size() > 1 ? ", " : "") + print(entry);
  return out + "]";
}
inline std::string toml_strings(const std::vector<std::string>& words) { return toml_list(words, toml_string); }
inline std::string toml_numbers(const std::vector<double>& numbers) { return toml_list(numbers, toml_number); }

/// { name = value, ... } of pairs.
template <class Entries, class Print>
std::string toml_table(const Entries& entries, const Print& print) {
  std::string out;
  for (const auto& [name, entry] : entries) out += (out.empty() ? "" : ", ") + toml_key(name) + " = " + print(entry);
  return out.empty() ? "{  }" : "{ " + out + " }";
}

/// Lines of one text. Each section begins with an empty line.
class TomlWriter {
 public:
  void section(const std::string& name) { out_ += "\n[" + name + "]\n"; }
  void line(const std::string& name, const std::string& text, const std::string& comment = {}) {
    out_ += toml_key(name) + " = " + text + (comment.empty() ? "" : "  # " + comment) + "\n";
  }
  void remark(const std::string& text) { out_ += "# " + text + "\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace ansatz::input
