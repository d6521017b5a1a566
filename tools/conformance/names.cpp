#include "names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ansatz/sdk/unit.hpp"
#include "report.hpp"

namespace ansatz::conformance {

void Names::add(const std::string& kind, const std::string& name) {
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const bool valid = !name.empty() && lower(name.front()) &&
                     std::ranges::all_of(name, [&](char c) { return lower(c) || (c >= '0' && c <= '9'); });
  require(valid, fmt::format("{} \"{}\" is not a name: lower-case letters, digits and underscores", kind, name));
  require(names_.insert(name).second, fmt::format("the name \"{}\" is declared twice", name));
}

void check_documented(const std::string& kind, const std::string& name, const std::string& unit,
                      const std::string& doc) {
  require(!doc.empty(), fmt::format("{} \"{}\" has no text that says what it is", kind, name));
  require(!unit.empty(), fmt::format("{} \"{}\" has no unit; what has none has the unit \"1\"", kind, name));
  require(sdk::Unit::parse(unit).has_value(), fmt::format("{} \"{}\" has the unit \"{}\", which is not a unit: {}",
                                                          kind, name, unit, sdk::unit_hint(unit)));
}

}  // namespace ansatz::conformance
