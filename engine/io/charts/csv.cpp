#include "engine/io/charts/csv.hpp"

#include <fmt/format.h>

#include "ansatz/sdk/terminal.hpp"

namespace ansatz::io {

std::string csv_field(std::string_view text) {
  const auto line = sdk::printable_line(text);
  const bool has_end_space = !line.empty() && (line.front() == ' ' || line.back() == ' ');
  if (!has_end_space && line.find_first_of(",\"") == std::string::npos) return line;
  std::string out = "\"";
  for (const char c : line) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string csv_label(const std::string& name, const std::string& unit) {
  return csv_field(unit.empty() ? name : name + " [" + unit + "]");
}

std::string csv_number(double value) { return fmt::format("{:.17g}", value + 0.0); }

std::string csv_line(std::span<const std::string> fields) { return fmt::format("{}\n", fmt::join(fields, ",")); }

}  // namespace ansatz::io
