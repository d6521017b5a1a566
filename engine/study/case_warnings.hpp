#pragma once
/// What is said once of a case that is right, but may not be what was meant.

#include <string>
#include <vector>

#include "engine/input/case.hpp"
#include "engine/plugin/registry.hpp"

namespace ansatz::study {

/// Plugins that were built without optimisation; units of parameters and quantities that are labels. Not collective,
/// the same on all ranks.
std::vector<std::string> warnings_of(const input::Case& parsed, const plugin::Registry& registry);

}  // namespace ansatz::study
