#pragma once
/// Options that plugins declare (of systems, learners, solvers), as keys of a case: read, written and described from
/// one sdk::ParameterSchema. "network.layers" is the key `layers` of the table `network`.

#include <string>
#include <vector>

#include "ansatz/sdk/parameters.hpp"
#include "engine/input/toml/key_info.hpp"
#include "engine/input/toml/section.hpp"

namespace ansatz::input {

/// What a section says; the rest has its default. Records what is wrong, each at its place.
sdk::ParameterSet read_options(Section section, const sdk::ParameterSchema& schema);

/// One line a parameter or table, all of them.
void write_options(TomlWriter& to, const sdk::ParameterSet& options);

/// `{ key = value, ... }` of all of them.
std::string options_table(const sdk::ParameterSet& options);

/// Keys of the section.
std::vector<KeyInfo> option_infos(const sdk::ParameterSchema& schema);

/// A value as text of TOML.
std::string option_text(const sdk::ParameterValue& value);

}  // namespace ansatz::input
