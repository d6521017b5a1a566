#pragma once
/// `--set a.b.c=value`: changes of a parsed case before it is checked.

#include <toml++/toml.h>

#include <span>
#include <string>

#include "engine/input/toml/diagnostics.hpp"

namespace ansatz::input {

/// Applies overrides in order. The value is TOML where it parses as such, else a string. Missing tables are made; a
/// number in the path is an index of a list; a number for a parameter with a table sets its default.
///
/// A path through something that is neither is recorded in `diagnostics`. \throws Error of kind usage for a malformed
/// one.
void apply_overrides(toml::table& root, std::span<const std::string> overrides, Diagnostics& diagnostics);

}  // namespace ansatz::input
