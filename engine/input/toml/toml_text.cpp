#include "engine/input/toml/toml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/input/toml/section.hpp"

namespace ansatz::input {

std::string toml_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_key(const std::string& name) {
  const bool bare = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-');
  });
  return bare ? name : toml_string(name);
}

std::string toml_number(double x) { return fmt::format("{}", x + 0.0); }  // zero has no sign

std::string toml_expression(const std::string& text) {
  const auto x = as_number(text);
  return x && fmt::format("{:.17g}", *x) == text ? toml_number(*x) : toml_string(text);
}

std::string toml_value(const Value& value) {
  return value.components.size() == 1 ? toml_expression(value.components[0])
                                      : toml_list(value.components, toml_expression);
}

}  // namespace ansatz::input
