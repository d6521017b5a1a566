#pragma once
/// Tables of comma-separated values after RFC 4180, with LF at the ends of lines.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ansatz::io {

/// A field in one line: control characters are written out, and quotes stand around it where it holds commas or quotes,
/// or begins or ends with a space. Quotes inside are doubled.
std::string csv_field(std::string_view text);
/// "NAME [UNIT]", or "NAME" where there is no unit.
std::string csv_label(const std::string& name, const std::string& unit);
/// Number with all its digits; zero has no sign.
std::string csv_number(double value);
/// Fields, which are quoted already, in a line.
std::string csv_line(std::span<const std::string> fields);

}  // namespace ansatz::io
