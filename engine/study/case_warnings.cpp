#include "engine/study/case_warnings.hpp"

#include <fmt/format.h>

#include "ansatz/sdk/unit.hpp"

namespace ansatz::study {
namespace {

/// Degrees Celsius are known well enough to need no warning, though they are no unit.
bool is_label(const std::string& unit) { return !unit.empty() && unit != "degC" && !sdk::Unit::parse(unit); }

}  // namespace

std::vector<std::string> warnings_of(const input::Case& parsed, const plugin::Registry& registry) {
  std::vector<std::string> warnings, labels;
  for (const auto& plugin : registry.plugins()) {
    if (plugin.optimised) continue;
    warnings.push_back(
        fmt::format("the plugin \"{}\" was built without optimisation and may be many times slower: build it with "
                    "-DCMAKE_BUILD_TYPE=Release",
                    plugin.name));
  }
  for (const auto& [name, parameter] : parsed.parameters) {
    if (is_label(parameter.unit)) labels.push_back(fmt::format("\"{}\" of the parameter {}", parameter.unit, name));
  }
  for (const auto& quantity : parsed.quantities) {
    if (is_label(quantity.unit))
      labels.push_back(fmt::format("\"{}\" of the quantity {}", quantity.unit, quantity.name));
  }
  if (!labels.empty()) {
    warnings.push_back(fmt::format("no units, but labels, which are kept as they are and never multiplied out: {}",
                                   fmt::join(labels, ", ")));
  }
  return warnings;
}

}  // namespace ansatz::study
