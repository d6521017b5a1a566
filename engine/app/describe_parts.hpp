#pragma once
/// What `ansatz describe` prints of each kind of offer. Private to engine/app.

#include <memory>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"

namespace ansatz::app {

/// A title and rows in columns; nothing without rows.
void print_table(const char* title, const std::vector<std::vector<std::string>>& rows);

/// The system with its default parameters; nullptr where one is required. \throws what its constructor throws.
std::unique_ptr<sdk::OdeSystem> with_defaults(const plugin::OdeOffer& offer);

/// Unknowns, parameters, invariants and events.
void print_system(const plugin::OdeOffer& offer);

/// All sections and keys of a case, kinds of quantities, functions of expressions.
void print_case_keys(const plugin::Registry& registry);
/// The same as a page in Markdown.
std::string case_reference(const plugin::Registry& registry);

/// Integrators, step controllers and limits that [time] may name.
void print_time_methods(const plugin::Registry& registry);

}  // namespace ansatz::app
